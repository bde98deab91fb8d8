import { isWeak, noGeneration, rememberGeneration, sameGeneration, withoutPrimaryBit } from './generation.ts';
import { decideAttach, decideHandshake, type HandshakeSide } from './handshake.ts';
import { areWilling, tryToConnect } from './connection.ts';
import type { DrbdHost } from './host.ts';
import { resendTo } from './io.ts';
import { giveUp, refuseConnection, takeDeviceAway } from './refused-connection.ts';
import { type DrbdResource, isConnected, outOfSyncKib, pairKey, peerOf, type Replica, replicaOn } from './replica.ts';
import { beginResync, takeOverGeneration } from './resync.ts';
import { outdateFarAway } from './roles.ts';
import { membership } from './membership.ts';
import { agreeOnMembers, reachesData, settle } from './settle.ts';
import { replace } from './write-set.ts';

/** Pause before a node tries again whose own commit of a connection failed. */
const retryAfterFailedCommit = 2000;

/** Pause before the second attempt of a node that was demoted by force at the first. */
const retryAfterDemotion = 1000;

/**
 * Two ends speak. The handshake decides whether they connect and which way data goes; the node with the lower id opens
 * the two-phase commit (drbd/drbd_receiver.c receive_state, drbd_sync_handshake).
 */
export function shakeHands(host: DrbdHost, resource: DrbdResource, nodeA: string, nodeB: string): void {
  resource.attempts.delete(pairKey(nodeA, nodeB));
  if (!areWilling(host, resource, nodeA, nodeB)) return;
  const one = replicaOn(resource, nodeA);
  const two = replicaOn(resource, nodeB);
  const [a, b] = one.nodeId < two.nodeId ? [one, two] : [two, one];
  if (peerOf(a, b.node).discardMyData && peerOf(b, a.node).discardMyData) giveUp(host, resource, a, b);
  else if (a.disk === 'Diskless' || b.disk === 'Diskless') meetWithoutDisk(host, resource, a, b);
  else meetWithDisks(host, resource, a, b);
}

function meetWithDisks(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  const decision = decideHandshake(sideOf(resource, a, b), sideOf(resource, b, a), a.options);
  if (decision.kind === 'disconnect') {
    giveUp(host, resource, a, b);
  } else if (decision.kind === 'conflict') {
    refuseConnection(host, resource, a, b, decision.target === 'a' ? a : b);
  } else if (tooManyPrimaries(a, b)) {
    refuseConnection(host, resource, a, b, undefined);
  } else if (decision.kind === 'none') {
    // Before writes that were held up go on: what they mark is not to be forgotten.
    establish(host, resource, a, b, decision.isLevel ? () => levelDisks(host, resource, a, b) : undefined);
  } else {
    const [source, target] = decision.direction === 'fromA' ? [a, b] : [b, a];
    if (decision.bitmapOf !== undefined) copyMarks(resource, source, target, decision.bitmapOf);
    if (target.role === 'Primary' && outOfSyncBoth(resource, a, b) === 0) takeOverGeneration(resource, source, target);
    establish(host, resource, a, b, () => beginResync(host, resource, source, target, decision.full));
  }
}

/**
 * Two connected nodes compare generations again, because a disk was attached or declared UpToDate: a resync begins, or the
 * disks count as equal. Of diverged disks nothing is said: the attached one stays as it is.
 */
export function negotiate(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  const result = decideAttach(sideOf(resource, a, b), sideOf(resource, b, a), a.options.protocol);
  if (result.kind === 'none') levelDisks(host, resource, a, b);
  if (result.kind !== 'sync') return;
  const [source, target] = result.direction === 'fromA' ? [a, b] : [b, a];
  target.disk = 'Inconsistent';
  if (result.bitmapOf !== undefined) copyMarks(resource, source, target, result.bitmapOf);
  beginResync(host, resource, source, target, result.full);
}

/**
 * A node without disk compares the generation it has been showing with an UpToDate peer's (drbd/drbd_receiver.c
 * `diskless_with_peers_different_current_uuids`): newer data it takes over, older data it takes as Outdated, other data it refuses.
 */
function meetWithoutDisk(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  const [viewer, other] = a.disk === 'Diskless' ? [a, b] : [b, a];
  if (tooManyPrimaries(a, b)) {
    refuseConnection(host, resource, a, b, undefined);
    return;
  }
  const isCompared = other.disk === 'UpToDate' && viewer.exposed !== '';
  if (isCompared && !sameGeneration(viewer.exposed, other.metadata.current)) {
    if (isSuccessor(viewer.exposed, other)) {
      if (viewer.role === 'Primary') {
        refuseConnection(host, resource, a, b, viewer);
        return;
      }
    } else if (isAncestor(resource, viewer, other)) {
      meetWithOlderData(host, resource, viewer, other);
      return;
    } else {
      refuseOtherData(host, resource, a, b, other);
      return;
    }
  }
  if (other.disk === 'UpToDate') viewer.exposed = withoutPrimaryBit(other.metadata.current);
  establish(host, resource, a, b);
}

/** A disk with other data: refused for good, after one attempt more if its suspended Primary could be demoted. */
function refuseOtherData(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica, other: Replica): void {
  if (takeDeviceAway(host, resource, other)) tryToConnect(host, resource, a.node, b.node, retryAfterDemotion);
  else giveUp(host, resource, a, b);
}

/**
 * A disk with older data joins as Outdated. A Primary can not do that to the only data it has: the others have committed
 * already, with everybody Outdated that it does not reach, when its own commit fails.
 */
function meetWithOlderData(host: DrbdHost, resource: DrbdResource, viewer: Replica, other: Replica): void {
  const views = [peerOf(viewer, other.node), peerOf(other, viewer.node)];
  if (other.role !== 'Primary') {
    other.disk = 'Outdated';
    establish(host, resource, viewer, other);
    return;
  }
  for (const view of views) view.connection = 'Connected';
  outdateFarAway(host, resource, other, { records: false });
  for (const view of views) view.connection = 'Connecting';
  host.changed(resource.name, viewer.node);
  tryToConnect(host, resource, other.node, viewer.node, retryAfterFailedCommit);
}

function tooManyPrimaries(a: Replica, b: Replica): boolean {
  if (a.role !== 'Primary' || b.role !== 'Primary') return false;
  return !a.options['allow-two-primaries'] && !b.options['allow-two-primaries'];
}

function isSuccessor(exposed: string, replica: Replica): boolean {
  const { history, spareSlots } = replica.metadata;
  const earlier = [...history, spareSlots, ...[...replica.peers.values()].map((peer) => peer.bitmapGeneration)];
  return earlier.some((generation) => generation !== noGeneration && sameGeneration(exposed, generation));
}

/** Some connected peer counts from exactly this generation, bit 0 included: data that was written as Primary is not recognised. */
function isAncestor(resource: DrbdResource, viewer: Replica, other: Replica): boolean {
  const generation = other.metadata.current;
  for (const view of viewer.peers.values()) {
    const there = isConnected(view) ? resource.replicas.get(view.node) : undefined;
    if (there === undefined || there.disk === 'Diskless') continue;
    if (withoutPrimaryBit(there.metadata.spareSlots) === generation) return true;
    for (const slot of there.peers.values()) if (withoutPrimaryBit(slot.bitmapGeneration) === generation) return true;
  }
  return false;
}

/** Both ends are Connected from here; `then` may begin a resync, or level the disks, before anybody looks. */
function establish(
  host: DrbdHost,
  resource: DrbdResource,
  a: Replica,
  b: Replica,
  then: () => void = () => undefined,
): void {
  const ends = [
    [a, b],
    [b, a],
  ] as const;
  for (const [me, other] of ends) {
    const view = peerOf(me, other.node);
    view.connection = 'Connected';
    view.replication = 'Established';
    view.role = other.role;
    view.disk = other.disk;
    view.quorum = other.quorum;
    view.seen = true;
    view.heard = withoutPrimaryBit(other.metadata.current);
    view.refusedAs = undefined;
    view.discardMyData = false;
    view.rememberedOutdated = other.disk === 'Outdated' || other.disk === 'Inconsistent';
  }
  then();
  settle(host, resource, a);
  settle(host, resource, b);
  agreeOnMembers(host, resource, a);
  settle(host, resource, a);
  settle(host, resource, b);
  for (const node of membership(host, resource, a)) {
    const there = replicaOn(resource, node);
    if (there.role === 'Primary' && reachesData(there)) outdateFarAway(host, resource, there, { records: false });
  }
  for (const [me, other] of ends) {
    resendTo(host, resource, me, other.node);
    // Who comes back Outdated, or without disk, counts from the generation before the next write (peer_returns_diskless).
    const copies = [...me.peers.values()].filter((peer) => peer.kind === 'diskful');
    const takesPart = me.kind === 'diskless' || me.disk === 'UpToDate';
    if (takesPart && copies.every((peer) => isConnected(peer) && !isWeak(peer))) me.newGenerationDue = false;
  }
}

/** No sync is needed: disks of equal generation count as equal, and marks are forgotten without a look at the blocks. */
function levelDisks(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  const ends = [
    [a, b],
    [b, a],
  ] as const;
  for (const [me, other] of ends) {
    if (other.disk === 'UpToDate' && (me.disk === 'Outdated' || me.disk === 'Consistent')) me.disk = 'UpToDate';
  }
  for (const [me, other] of ends) {
    if (a.disk === 'Inconsistent' || b.disk === 'Inconsistent') break;
    const view = peerOf(me, other.node);
    replace(view.dirty, []);
    view.dirtyExtraKib = 0;
    const previous = view.bitmapGeneration;
    view.bitmapGeneration = noGeneration;
    rememberGeneration(me, previous);
  }
  if (a.disk === 'UpToDate' && b.disk === 'UpToDate') {
    for (const side of [a, b]) {
      side.crashedPrimary = false;
      if (side.role === 'Secondary') side.metadata.primaryLostQuorum = false;
    }
  }
  settle(host, resource, a);
  settle(host, resource, b);
}

/** The target's generation is the one that another bitmap counts from: its marks are what the target lacks. */
function copyMarks(resource: DrbdResource, source: Replica, target: Replica, node: string): void {
  const marks = peerOf(source, target.node);
  const from = source.peers.get(node);
  const own = peerOf(target, source.node);
  replace(own.dirty, []);
  own.dirtyExtraKib = 0;
  replace(marks.dirty, from?.dirty ?? []);
  marks.dirtyExtraKib = from?.dirtyExtraKib ?? resource.sizeKib;
}

function outOfSyncBoth(resource: DrbdResource, a: Replica, b: Replica): number {
  return outOfSyncKib(resource, peerOf(a, b.node)) + outOfSyncKib(resource, peerOf(b, a.node));
}

function sideOf(resource: DrbdResource, me: Replica, other: Replica): HandshakeSide {
  const view = peerOf(me, other.node);
  const { metadata } = me;
  const others = [...me.peers.values()].filter((peer) => peer !== view);
  return {
    current: metadata.current,
    bitmap: view.bitmapGeneration,
    otherBitmaps: [
      ...others.map((peer) => ({ node: peer.node, generation: peer.bitmapGeneration })),
      { node: '', generation: metadata.spareSlots },
    ],
    history: metadata.history,
    crashedPrimary: me.crashedPrimary,
    reconnect: view.reconnect,
    primaryLostQuorum: metadata.primaryLostQuorum,
    discardMyData: view.discardMyData,
    isStable: isStable(me),
    disk: me.disk,
    role: me.role,
    quorum: me.quorum,
    dirtyKib: outOfSyncKib(resource, view),
    nodeId: me.nodeId,
  };
}

/** Nobody feeds this node (drbd/drbd_state.c drbd_device_stable). */
function isStable(replica: Replica): boolean {
  if (replica.role === 'Primary') return true;
  for (const peer of replica.peers.values()) {
    if (!isConnected(peer)) continue;
    if (peer.role === 'Primary') return false;
    if (/^(WFBitMapT|SyncTarget|PausedSyncT)$/.test(peer.replication)) return false;
  }
  return true;
}
