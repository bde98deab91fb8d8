import { resources } from '../../model/kube.ts';
import { textAt } from '../../model/json.ts';
import { replicatedResourceOf } from '../../model/volume.ts';
import type { Twin } from '../twin.ts';
import { FaultError, type FaultOrder, siteOf } from './fault.ts';
import { nodesOf } from './site-faults.ts';
import { claimsOf, vmOf } from './vm-faults.ts';

/** One copy of a volume. */
export interface ReplicaPlace {
  readonly volume: string;
  readonly node: string;
}

/** The LINSTOR resources of a VM's disks, by the claims of whichever site knows them. */
export function volumesOf(twin: Twin, order: FaultOrder): readonly string[] {
  const { vm, namespace } = vmOf(twin, order);
  const found = [...twin.world.clusters.values()].flatMap(({ name, api }) =>
    claimsOf(twin, name, namespace, vm).flatMap((claim) => {
      const volumeName = textAt(api.get(resources.persistentVolumeClaim, namespace, claim), 'spec', 'volumeName');
      const volume = volumeName === undefined ? undefined : api.get(resources.persistentVolume, '', volumeName);
      return volume === undefined ? [] : (replicatedResourceOf(volume) ?? []);
    }),
  );
  if (found.length === 0) throw new FaultError(`VM ${namespace}/${vm} has no replicated volume`);
  return [...new Set(found)];
}

/** The copies with a disk that a site has of a VM's volumes; `otherwise`: the site when none is named. */
export function replicasOf(twin: Twin, order: FaultOrder, otherwise?: string): readonly ReplicaPlace[] {
  const site = siteOf(twin, order.site, otherwise);
  const nodes = nodesOf(twin, site);
  const found = volumesOf(twin, order).flatMap((volume) =>
    nodes.filter((node) => twin.kernel.replica(volume, node)?.kind === 'diskful').map((node) => ({ volume, node })),
  );
  if (found.length === 0) throw new FaultError(`${site} has no copy of the volumes of ${order.vm}`);
  return found;
}

/** The other nodes of a volume. */
export function peersOf({ kernel }: Twin, { volume, node }: ReplicaPlace): readonly string[] {
  return [...(kernel.replica(volume, node)?.peers.keys() ?? [])];
}
