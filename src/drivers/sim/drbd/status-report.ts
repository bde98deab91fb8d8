import type { JsonObject } from '../../../model/json.ts';
import { type DrbdResource, isConnected, isSuspended, outOfSyncKib, type Peer, type Replica } from './replica.ts';
import { syncedShare } from './resync.ts';
import { hasData } from './states.ts';

/** One resource on one node in the shape of `drbdsetup status --json` (LINBIT/drbd-utils `user/v9/drbdsetup.c`). Sizes in KiB. */
export function statusOf(resource: DrbdResource, replica: Replica, now: number): JsonObject {
  return {
    name: resource.name,
    'node-id': replica.nodeId,
    role: replica.role,
    suspended: isSuspended(replica),
    'suspended-user': replica.suspended.user,
    'suspended-no-data': replica.suspended.noData,
    'suspended-fencing': replica.suspended.fencing,
    'suspended-quorum': replica.suspended.quorum,
    'force-io-failures': replica.forceIoFailures,
    'write-ordering': 'flush',
    devices: [
      {
        volume: 0,
        minor: resource.minor,
        'disk-state': replica.disk,
        client: replica.kind === 'diskless',
        open: replica.openers.size > 0,
        quorum: replica.quorum,
        size: resource.sizeKib,
      },
    ],
    connections: [...replica.peers.values()].map((peer) => connectionOf(resource, peer, now)),
  };
}

export interface Promotability {
  readonly mayPromote: boolean;
  readonly score: number;
}

/** `may_promote` and `promotion_score` as events2 reports them (`user/v9/drbdsetup_events2.c`). True says nothing about nodes that are not connected. */
export function promotabilityOf(resource: DrbdResource, replica: Replica): Promotability {
  const peers = [...replica.peers.values()];
  const visible = peers.filter((peer) => isConnected(peer) && peer.disk === 'UpToDate');
  const copies = visible.length + (replica.disk === 'UpToDate' ? 1 : 0);
  if (replica.forceIoFailures || !replica.quorum || copies === 0) return { mayPromote: false, score: 0 };
  const primarySeen = peers.some((peer) => isConnected(peer) && peer.role === 'Primary');
  const stable = replica.disk === 'UpToDate' || visible.some((peer) => !followsHiddenPrimary(resource, replica, peer));
  const local = hasData(replica.disk) && replica.disk !== 'Outdated' ? 10_000 : 0;
  const score = local + (replica.disk === 'UpToDate' ? 100 : 0) + Math.min(copies, 99);
  return { mayPromote: !primarySeen && stable && replica.role !== 'Primary', score };
}

/** A peer that is fed by a Primary which this node does not see is not stable for it. */
function followsHiddenPrimary(resource: DrbdResource, replica: Replica, peer: Peer): boolean {
  const there = resource.replicas.get(peer.node);
  return [...(there?.peers.values() ?? [])].some(
    (third) => third.node !== replica.node && isConnected(third) && third.role === 'Primary',
  );
}

/** Percentage of a running resync or verify; undefined when none runs. */
export function donePercentage(peer: Peer, now: number): number | undefined {
  if (peer.sync === undefined) return undefined;
  return Math.round(syncedShare(peer.sync.startedAt, peer.sync.endsAt, now) * 10_000) / 100;
}

function connectionOf(resource: DrbdResource, peer: Peer, now: number): JsonObject {
  const percent = donePercentage(peer, now);
  return {
    'peer-node-id': peer.nodeId,
    name: peer.node,
    'connection-state': peer.connection,
    congested: false,
    'peer-role': peer.role,
    tls: false,
    'ap-in-flight': 0,
    'rs-in-flight': 0,
    peer_devices: [
      {
        volume: 0,
        'replication-state': peer.replication,
        'peer-disk-state': peer.disk,
        'peer-client': peer.kind === 'diskless',
        'resync-suspended': 'no',
        'out-of-sync': outOfSyncKib(resource, peer),
        'has-sync-details': percent !== undefined,
        ...(percent === undefined ? {} : { 'percent-resync-done': percent }),
      },
    ],
  };
}
