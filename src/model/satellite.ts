import { listAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';
import type { ExecRequest } from './request.ts';
import type { SiteName } from './site.ts';

/**
 * The pod in which drbdsetup of one node can be run: LINSTOR's satellite, as the Piraeus operator deploys it
 * (`pkg/resources/satellite` of piraeusdatastore/piraeus-operator).
 */
export interface Satellite {
  readonly site: SiteName;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
}

/** Picks the satellites among the pods of a cluster. */
export const satelliteSelector = 'app.kubernetes.io/component=linstor-satellite';

/** The container of a satellite's pod that has the DRBD tools. */
export const satelliteContainer = 'linstor-satellite';

/** The satellites of a site that run, by the pods that `satelliteSelector` picks; by node, so that two looks are alike. */
export function satellitesOf(site: SiteName, pods: readonly KubeObject[]): readonly Satellite[] {
  const found = pods.flatMap((pod): readonly Satellite[] => {
    const node = textAt(pod, 'spec', 'nodeName');
    const runs = textAt(pod, 'status', 'phase') === 'Running' && pod.metadata.deletionTimestamp === undefined;
    const hasTools = listAt(pod, 'spec', 'containers').some((each) => textAt(each, 'name') === satelliteContainer);
    if (node === undefined || !runs || !hasTools) return [];
    return [{ site, node, namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name }];
  });
  return found.toSorted((a, b) => (a.node < b.node ? -1 : 1));
}

/** A command on the node of a satellite: a program and its arguments, no shell. */
export function onSatellite({ site, namespace, pod }: Satellite, command: readonly string[]): ExecRequest {
  return { api: 'exec', site, namespace, pod, container: satelliteContainer, command };
}
