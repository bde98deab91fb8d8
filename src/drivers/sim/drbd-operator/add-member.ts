import { type JsonObject, listAt, objectAt, textAt } from '../../../model/json.ts';
import { resources } from '../../../model/kube.ts';
import type { SiteName } from '../../../model/site.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import type { World } from '../world.ts';

/** One more node of a volume. */
export interface NewMember {
  readonly node: string;
  readonly cluster: SiteName;
  readonly type: 'Diskful' | 'Tiebreaker';
}

/**
 * Adds a node to a volume, as whoever administers the operator does: its replica is made, and the volume lists it in every cluster
 * that has the volume, or a part of it from now on.
 */
export function addMember(world: World, kernel: DrbdKernel, volume: string, { node, cluster, type }: NewMember): void {
  kernel.addReplica(volume, node, type === 'Diskful' ? 'diskful' : 'diskless');
  const nodeID = kernel.replica(volume, node)?.nodeId ?? 0;
  const clusters = [...world.clusters.values()];
  const present = clusters.flatMap(({ api }) => api.get(resources.drbdVolume, '', volume) ?? []);
  const members = listAt(present[0], 'spec', 'replicas');
  if (members.some((member) => textAt(member, 'node') === node)) return;
  const spec: JsonObject = {
    ...objectAt(present[0], 'spec'),
    replicas: [...members, { node, cluster, nodeID, type }],
  };
  for (const { name, api } of clusters) {
    const place = { resource: resources.drbdVolume, name: volume } as const;
    if (api.get(resources.drbdVolume, '', volume) !== undefined) {
      api.requestFromInside({ verb: 'patch', patch: 'merge', ...place, body: { spec } });
    } else if (name === cluster) {
      const { apiVersion = '', kind = '' } = present[0] ?? {};
      const body: JsonObject = { apiVersion, kind, metadata: { name: volume }, spec };
      api.requestFromInside({ verb: 'create', resource: place.resource, body });
    }
  }
}
