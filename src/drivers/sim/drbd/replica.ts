import type { Millis } from '../../../model/instant.ts';
import type { DrbdOptions } from './options.ts';
import type { ConnectionState, DiskState, ReplicationState, Role } from './states.ts';
import type { WriteSet } from './write-set.ts';

/** One DRBD resource with one volume: what the kernels of all its nodes know of it. Plain data, changed in place by the kernel model alone. */
export interface DrbdResource {
  readonly name: string;
  readonly minor: number;
  sizeKib: number;
  /** By node name, in the order of node ids. */
  readonly replicas: Map<string, Replica>;
  /** Number that the next write gets. */
  nextWrite: number;
  /** Scheduled connection attempts by pair of nodes (`pairKey`). */
  readonly attempts: Map<string, number>;
}

/** One node's kernel state and metadata of a resource. */
export interface Replica {
  readonly node: string;
  readonly nodeId: number;
  /** With a backing disk by configuration, or intentionally diskless (tiebreaker, client). */
  kind: 'diskful' | 'diskless';
  /** False while the node is without power or the resource is down on it. */
  running: boolean;
  options: DrbdOptions;
  role: Role;
  /** Promoted by command: the last close does not demote. */
  explicitPrimary: boolean;
  /** After a forced demotion: every request fails until the last opener is gone. */
  forceIoFailures: boolean;
  readonly openers: Map<string, Opener>;
  disk: DiskState;
  quorum: boolean;
  /** Nodes of the last agreed membership, this one included. */
  members: string[];
  suspended: Suspension;
  /** Writes accepted and not yet answered, oldest first. */
  inFlight: InFlightWrite[];
  /** It was Primary when it went down without a word; until both disks are UpToDate again. */
  crashedPrimary: boolean;
  /** The next I/O of any kind as Primary makes a new data generation. */
  newGenerationDue: boolean;
  /** On a node without disk: the generation of the data it last showed. */
  exposed: string;
  /** Every write to its disk fails: the first one takes the disk away. */
  diskIsBroken: boolean;
  readonly metadata: Metadata;
  readonly peers: Map<string, Peer>;
  /** Numbered writes that are on this node's disk. */
  readonly data: WriteSet;
}

export interface Opener {
  readonly mode: 'rw' | 'ro';
  readonly since: Millis;
  /** Close was called while a write of it was unanswered. */
  closing: boolean;
}

export interface Suspension {
  user: boolean;
  noData: boolean;
  quorum: boolean;
  fencing: boolean;
}

export interface InFlightWrite {
  readonly seq: number;
  readonly opener: string;
  /** False: held back before it was submitted, because I/O was suspended. */
  readonly submitted: boolean;
  /** Peers whose acknowledgement is missing. */
  awaiting: string[];
}

/** What survives a power cycle. Generation identifiers are 16 hexadecimal digits; bit 0 means "written as Primary". */
export interface Metadata {
  current: string;
  history: string[];
  /** What the bitmap slots that no peer uses count from; all zero before the first rotation. */
  spareSlots: string;
  wasUpToDate: boolean;
  consistent: boolean;
  primaryIndicator: boolean;
  crashedPrimary: boolean;
  primaryLostQuorum: boolean;
  hadQuorum: boolean;
}

/** A peer as one node sees it. */
export interface Peer {
  readonly node: string;
  readonly nodeId: number;
  /** Whether the peer has a disk by configuration. */
  kind: 'diskful' | 'diskless';
  connection: ConnectionState;
  replication: ReplicationState;
  disk: DiskState;
  role: Role;
  /** Whether the peer said that it has quorum. */
  quorum: boolean;
  /**
   * The connection was refused and is tried again (`rr-conflict retry-connect`): what both ends looked like then. The kernel
   * tries every 75 ms; here the next attempt comes when either end looks different, which is the first that can succeed.
   */
  refusedAs: string | undefined;
  /** Was connected since this resource came up: the next handshake is a reconnection. */
  reconnect: boolean;
  /** `connect --discard-my-data` was given for the next handshake. */
  discardMyData: boolean;
  /** Generation this node's bitmap for the peer counts from; all zero when there is none. */
  bitmapGeneration: string;
  /** The peer's current generation as it last told it. */
  heard: string;
  /** This node's generation when it became the peer's sync target; empty when it is none. */
  resyncFrom: string;
  /** Writes that the peer lacks, as far as this node knows. */
  readonly dirty: WriteSet;
  /** KiB marked out of sync beyond numbered writes: activity-log extents after a crash, a full sync. */
  dirtyExtraKib: number;
  /** Metadata flags of the slot. */
  rememberedOutdated: boolean;
  seen: boolean;
  /** How far an interrupted online verify came, from 0 to 1. */
  verifiedShare: number;
  sync: SyncProgress | undefined;
}

/** A running resync or online verify, kept on both sides. */
export interface SyncProgress {
  readonly totalKib: number;
  readonly startedAt: Millis;
  readonly endsAt: Millis;
  readonly event: number;
}

/** Names the connection between two nodes independently of the direction. */
export function pairKey(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

export function replicaOn(resource: DrbdResource, node: string): Replica {
  const replica = resource.replicas.get(node);
  if (replica === undefined) throw new Error(`Internal rule broken: ${resource.name} has no replica on ${node}`);
  return replica;
}

export function peerOf(replica: Replica, node: string): Peer {
  const peer = replica.peers.get(node);
  if (peer === undefined) throw new Error(`Internal rule broken: ${replica.node} does not know the peer ${node}`);
  return peer;
}

export function isConnected(peer: Peer): boolean {
  return peer.connection === 'Connected';
}

export function isSuspended(replica: Replica): boolean {
  const { user, noData, quorum, fencing } = replica.suspended;
  return user || noData || quorum || fencing;
}

/** Some connection is refused and tried again. */
export function isRefused(replica: Replica): boolean {
  for (const peer of replica.peers.values()) if (peer.refusedAs !== undefined) return true;
  return false;
}

export function hasRwOpener(replica: Replica): boolean {
  for (const opener of replica.openers.values()) if (opener.mode === 'rw') return true;
  return false;
}

/** KiB this node's bitmap marks as missing on the peer. One numbered write counts as one 4 KiB block. */
export function outOfSyncKib(resource: DrbdResource, peer: Peer): number {
  let kib = peer.dirtyExtraKib;
  for (let index = 0; index < peer.dirty.length; index += 2) {
    kib += 4 * ((peer.dirty[index + 1] as number) - (peer.dirty[index] as number) + 1);
  }
  return Math.min(kib, resource.sizeKib);
}
