import {
  type DataGeneration,
  type DrbdPeerReport,
  type DrbdResourceReport,
  withoutPrimaryBit,
} from '../drbd-report.ts';
import type { ReplicaKind } from '../drbd-replica.ts';
import { at, flagAt, type Json, listAt, numberAt, textAt } from '../json.ts';
import type { Truth } from '../known.ts';
import type { KubeObject } from '../kube.ts';
import { oncePer } from '../memo.ts';

/** A DRBDVolume, read: shapes as in `crds/drbd-operator-crds.yaml`. */
export interface DrbdVolume {
  readonly name: string;
  /** Every node that takes part, in all clusters. */
  readonly members: readonly VolumeMember[];
  /** What the agents of one cluster's nodes have written, by node. Whether an entry still counts, its agent's pod tells. */
  readonly entries: ReadonlyMap<string, AgentEntry>;
}

export interface VolumeMember {
  readonly node: string;
  readonly cluster: string;
  readonly kind: ReplicaKind;
}

/** What the agent of a node has written of a volume. */
export interface AgentEntry {
  /** UID of the pod that wrote it. */
  readonly agent: string;
  readonly allowTwoPrimaries: Truth;
  /** Option `quorum` in force; undefined: not told. */
  readonly quorumSetting: string | undefined;
  readonly report: DrbdResourceReport;
}

/** Reads a DRBDVolume. Fields that are absent, or of another type, are unknown. */
export const drbdVolumeOf = oncePer((object: KubeObject): DrbdVolume => {
  const { name } = object.metadata;
  const entries = listAt(object, 'status', 'nodes').map(
    (entry) => [textAt(entry, 'node') ?? '', entryOf(name, entry)] as const,
  );
  return { name, members: listAt(object, 'spec', 'replicas').map(memberOf), entries: new Map(entries) };
});

function memberOf(replica: Json): VolumeMember {
  const type = textAt(replica, 'type');
  return {
    node: textAt(replica, 'node') ?? '',
    cluster: textAt(replica, 'cluster') ?? '',
    kind: type === 'Tiebreaker' ? 'tiebreaker' : type === 'Client' ? 'client' : 'diskful',
  };
}

function entryOf(resource: string, entry: Json): AgentEntry {
  const operation = at(entry, 'lastOperation');
  const supported = flagAt(entry, 'snapshotsSupported');
  return {
    agent: textAt(entry, 'agent') ?? '',
    allowTwoPrimaries: truthOf(flagAt(entry, 'options', 'allowTwoPrimaries')),
    quorumSetting: textAt(entry, 'options', 'quorum'),
    report: {
      resource,
      role: textAt(entry, 'role'),
      suspended: textAt(entry, 'suspended'),
      forcesIoFailures: truthOf(flagAt(entry, 'forceIOFailures')),
      mayPromote: truthOf(flagAt(entry, 'mayPromote')),
      minor: numberAt(entry, 'minor'),
      disk: textAt(entry, 'disk'),
      open: truthOf(flagAt(entry, 'open')),
      quorum: truthOf(flagAt(entry, 'quorum')),
      sizeKib: numberAt(entry, 'sizeKiB'),
      peers: listAt(entry, 'peers').map(peerOf),
      snapshots: {
        supported: truthOf(supported),
        names: listAt(entry, 'snapshots').filter((name) => typeof name === 'string'),
      },
      writtenAt: textAt(entry, 'reportedAt') ?? '',
      ...(operation === undefined
        ? {}
        : {
            lastOperation: {
              name: textAt(operation, 'name') ?? '',
              phase: phaseOf(textAt(operation, 'phase')),
              message: textAt(operation, 'message') ?? '',
            },
          }),
    },
  };
}

function peerOf(peer: Json): DrbdPeerReport {
  return {
    node: textAt(peer, 'node') ?? '',
    nodeId: numberAt(peer, 'nodeID') ?? -1,
    connection: textAt(peer, 'connection'),
    role: textAt(peer, 'role'),
    replication: textAt(peer, 'replication'),
    disk: textAt(peer, 'disk'),
    outOfSyncKib: numberAt(peer, 'outOfSyncKiB'),
    donePercentage: numberAt(peer, 'donePercentage'),
    generation: generationOf(at(peer, 'generation')),
  };
}

function generationOf(generation: Json | undefined): DataGeneration | undefined {
  const [current, bitmap] = [textAt(generation, 'current'), textAt(generation, 'bitmap')];
  if (current === undefined || bitmap === undefined) return undefined;
  const history = listAt(generation, 'history').filter((digits) => typeof digits === 'string');
  return {
    current: withoutPrimaryBit(current),
    bitmap: withoutPrimaryBit(bitmap),
    history: history.map(withoutPrimaryBit),
    crashedPrimary: flagAt(generation, 'crashedPrimary') === true,
    primaryLostQuorum: flagAt(generation, 'primaryLostQuorum') === true,
  };
}

/** What is neither of the two is a failure: nobody knows what was done. */
function phaseOf(text: string | undefined): 'Succeeded' | 'Failed' | 'Refused' {
  return text === 'Succeeded' || text === 'Refused' ? text : 'Failed';
}

function truthOf(flag: boolean | undefined): Truth {
  if (flag === undefined) return 'unknown';
  return flag ? 'yes' : 'no';
}
