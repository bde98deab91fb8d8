import { instantOf, timestamp, type Instant, type Millis, second } from '../../../model/instant.ts';
import { isSameJson, type Json, type JsonObject, objectAt, textAt } from '../../../model/json.ts';
import { noGeneration } from '../drbd/generation.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import { type DrbdResource, outOfSyncKib, type Peer, type Replica } from '../drbd/replica.ts';
import { donePercentage, promotabilityOf } from '../drbd/status-report.ts';
import { suspendedText } from '../satellite-shell/status-text.ts';

/** Who looks at a node, and when. */
export interface Looking {
  readonly node: string;
  /** UID of the agent's pod. */
  readonly agent: string;
  readonly now: Millis;
  readonly wallNow: Instant;
}

/** What does not come from the kernel: what the agent itself has done. */
export interface AgentMemory {
  readonly snapshots: readonly Json[];
  readonly snapshotsSupported: boolean;
  readonly lastOperation: Json | undefined;
}

/**
 * What the agent of a node writes of a volume. Of a resource that is down on the node it says nothing but that it has looked.
 * The time in it is that of the last change: `earlier` is what is written now.
 */
export function agentEntry(
  kernel: DrbdKernel,
  volume: string,
  { node, agent, now, wallNow }: Looking,
  { snapshots, snapshotsSupported, lastOperation }: AgentMemory,
  earlier: Json | undefined,
): JsonObject {
  const resource = kernel.resource(volume);
  const replica = kernel.replica(volume, node);
  const seen = resource !== undefined && replica?.running ? seenOf(resource, replica, now) : {};
  const entry: JsonObject = {
    node,
    agent,
    ...seen,
    snapshotsSupported,
    ...(snapshots.length === 0 ? {} : { snapshots }),
    ...(lastOperation === undefined ? {} : { lastOperation }),
  };
  const { reportedAt, ...before } = objectAt(earlier);
  const isSame = reportedAt !== undefined && isSameJson(entry, before);
  const age = wallNow - (instantOf(textAt(earlier, 'reportedAt')) ?? 0);
  const isKept = isSame && (age < refreshTime || !isUnderWay(replica));
  return { ...entry, reportedAt: isKept ? reportedAt : timestamp(wallNow) };
}

/** How old the entry of a volume in resync or verify may become, however little of it changes. */
const refreshTime: Millis = 5 * second;

/** Whether a resync or verify of a replica runs. */
export function isUnderWay(replica: Replica | undefined): boolean {
  return [...(replica?.peers.values() ?? [])].some(({ sync }) => sync !== undefined);
}

function seenOf(resource: DrbdResource, replica: Replica, now: Millis): JsonObject {
  return {
    role: replica.role,
    disk: replica.disk,
    open: replica.openers.size > 0,
    quorum: replica.quorum,
    suspended: suspendedText(replica),
    mayPromote: promotabilityOf(resource, replica).mayPromote,
    forceIOFailures: replica.forceIoFailures,
    minor: resource.minor,
    sizeKiB: resource.sizeKib,
    options: {
      allowTwoPrimaries: replica.options['allow-two-primaries'],
      quorum: String(replica.options.quorum),
    },
    peers: [...replica.peers.values()].map((peer) => peerOf(resource, replica, peer, now)),
  };
}

function peerOf(resource: DrbdResource, replica: Replica, peer: Peer, now: Millis): JsonObject {
  const done = donePercentage(peer, now);
  const { current, history, crashedPrimary, primaryLostQuorum } = replica.metadata;
  return {
    node: peer.node,
    nodeID: peer.nodeId,
    connection: peer.connection,
    role: peer.role,
    replication: peer.replication,
    disk: peer.disk,
    outOfSyncKiB: outOfSyncKib(resource, peer),
    ...(done === undefined ? {} : { donePercentage: done }),
    // A node without a disk has no data that could have a generation.
    ...(replica.disk === 'Diskless'
      ? {}
      : {
          generation: {
            current,
            bitmap: peer.bitmapGeneration,
            history: [history[0] ?? noGeneration, history[1] ?? noGeneration],
            crashedPrimary,
            primaryLostQuorum,
          },
        }),
  };
}
