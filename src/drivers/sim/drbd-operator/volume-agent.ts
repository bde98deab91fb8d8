import { type Millis, second } from '../../../model/instant.ts';
import { at, isSameJson, type Json, listAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../behaviour.ts';
import { replaceStatus } from '../behaviours/cluster-writes.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import { agentEntry, type AgentMemory, isUnderWay } from './agent-entry.ts';
import { type AgentProcesses, isAgentPod, whenGoingOn, workingAgent } from './node-agents.ts';

/** What the agents of a cluster act on. */
export interface AgentParts extends AgentProcesses {
  readonly kernel: DrbdKernel;
  /** Whether the storage pools of the nodes take snapshots. */
  readonly snapshotsSupported: boolean;
}

/** From a change of DRBD to the report of it. */
const reportLag: Millis = 200;
/** How often the progress of a resync or verify is written. */
const progressInterval: Millis = second;

/** The agents of a cluster's nodes, as far as they write what DRBD says into DRBDVolumes. */
export function createVolumeAgent(parts: AgentParts): Behaviour {
  let port: ClusterPort | undefined;
  // What changes on one node may have changed its peers as well: a new generation is handed over without a word.
  parts.kernel.onChange((resource) => port?.wakeAt(port.now + reportLag, volumeKey(resource)));
  whenGoingOn(
    parts,
    () => port,
    (cluster, pod) => cluster.wakeAt(cluster.now + reportLag, pod),
  );
  return {
    name: 'drbd-volume-agent',
    watches: [resources.drbdVolume, resources.pod],
    lag: reportLag,
    // An agent that comes writes everything anew; one that goes writes nothing any more.
    concerns: ({ type, resource, object }) =>
      resource.kind === 'DRBDVolume' ? type === 'ADDED' : type !== 'DELETED' && isAgentPod(object),
    reconcile(given, key) {
      port = given;
      const volumes =
        key.resource.kind === 'DRBDVolume'
          ? [given.get(resources.drbdVolume, '', key.name)]
          : given.list(resources.drbdVolume);
      for (const volume of volumes) if (volume !== undefined) report(given, parts, volume);
    },
  };
}

function report(port: ClusterPort, parts: AgentParts, volume: KubeObject): void {
  const { name } = volume.metadata;
  writeEntries(port, parts, volume);
  const goesOn = nodesOf(port, volume).some((node) => isUnderWay(parts.kernel.replica(name, node)));
  if (goesOn) port.wakeAt(port.now + progressInterval, volumeKey(name));
}

/** Writes what the agents that work see now. `memory`: what one of them has just done, by node. */
export function writeEntries(
  port: ClusterPort,
  parts: AgentParts,
  volume: KubeObject,
  memory: Readonly<Record<string, Partial<AgentMemory>>> = {},
): void {
  const { name } = volume.metadata;
  const before = listAt(volume, 'status', 'nodes');
  const entries = new Map(before.map((entry) => [textAt(entry, 'node') ?? '', entry]));
  for (const node of nodesOf(port, volume)) {
    const agent = workingAgent(port, parts, node);
    if (agent === undefined) continue;
    const earlier = entries.get(node);
    const looking = { node, agent, now: port.now, wallNow: port.wallNow };
    entries.set(
      node,
      agentEntry(parts.kernel, name, looking, { ...remembered(parts, earlier), ...memory[node] }, earlier),
    );
  }
  const nodes = [...entries.values()];
  if (!isSameJson(nodes, before)) replaceStatus(port, resources.drbdVolume, volume, { nodes });
}

/** What an agent has done it reads from what was written, also after it was made anew. */
function remembered({ snapshotsSupported }: AgentParts, earlier: Json | undefined): AgentMemory {
  return { snapshotsSupported, snapshots: listAt(earlier, 'snapshots'), lastOperation: at(earlier, 'lastOperation') };
}

/** The nodes of this cluster that take part in a volume. */
function nodesOf(port: ClusterPort, volume: KubeObject): readonly string[] {
  return listAt(volume, 'spec', 'replicas').flatMap((replica) => {
    const node = textAt(replica, 'node') ?? '';
    return port.get(resources.node, '', node) === undefined ? [] : [node];
  });
}

export function volumeKey(name: string): ObjectKey {
  return { resource: resources.drbdVolume, namespace: '', name };
}
