import { agentComponent, componentLabel } from './drbd-operator/installation.ts';
import { listAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';
import type { ExecRequest } from './request.ts';
import type { SiteName } from './site.ts';

/**
 * The pod that speaks for DRBD on one node. LINSTOR's satellite, as the Piraeus operator deploys it
 * (`pkg/resources/satellite` of piraeusdatastore/piraeus-operator), has drbdsetup in it; the agent of DRBD Operator writes what it
 * sees into DRBDVolumes, and carries out DRBDOperations.
 */
export interface Satellite {
  readonly site: SiteName;
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  /** DRBD Operator: UID of the agent's pod. */
  readonly agent?: string;
}

/** Picks those that speak for DRBD among the pods of a cluster. */
export const satelliteSelector = `${componentLabel} in (linstor-satellite,${agentComponent})`;

/** The container of a satellite's pod that has the DRBD tools. */
export const satelliteContainer = 'linstor-satellite';

/** The satellites of a site, by the pods that `satelliteSelector` picks; by node, so that two looks are alike. */
export function satellitesOf(site: SiteName, pods: readonly KubeObject[]): readonly Satellite[] {
  const found = pods.flatMap((pod): readonly Satellite[] => {
    const { name, namespace = '', labels, uid, deletionTimestamp } = pod.metadata;
    const node = textAt(pod, 'spec', 'nodeName');
    if (node === undefined || deletionTimestamp !== undefined) return [];
    const place = { site, node, namespace, pod: name };
    if (labels?.[componentLabel] === agentComponent) {
      return isReady(pod) && uid !== undefined ? [{ ...place, agent: uid }] : [];
    }
    return runsTools(pod) ? [place] : [];
  });
  return found.toSorted((a, b) => (a.node < b.node ? -1 : 1));
}

function runsTools(pod: KubeObject): boolean {
  const hasTools = listAt(pod, 'spec', 'containers').some((each) => textAt(each, 'name') === satelliteContainer);
  return hasTools && textAt(pod, 'status', 'phase') === 'Running';
}

/** An agent that is not Ready says nothing: what it wrote is a memory. */
function isReady(pod: KubeObject): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
}

/** A command on the node of a satellite: a program and its arguments, no shell. */
export function onSatellite({ site, namespace, pod }: Satellite, command: readonly string[]): ExecRequest {
  return { api: 'exec', site, namespace, pod, container: satelliteContainer, command };
}
