import type { Millis } from '../../../model/instant.ts';
import { noGeneration, sameGeneration } from './generation.ts';
import { decideHandshake, type HandshakeSide } from './handshake.ts';
import type { DrbdHost } from './host.ts';
import { peerLost, resendTo, completeForForcedDemotion } from './io.ts';
import {
  type DrbdResource,
  isConnected,
  outOfSyncKib,
  pairKey,
  type Peer,
  peerOf,
  replicaOn,
  type Replica,
} from './replica.ts';
import { beginResync, interruptResync, takeOverGeneration } from './resync.ts';
import { agreeOnMembers, membership, settle } from './settle.ts';
import { outdateFarAway } from './roles.ts';
import { compareDisks, type ConnectionState } from './states.ts';
import { replace } from './write-set.ts';

/** Time of one attempt when both ends listen already. */
const handshakeTime: Millis = 30;

/** Pause after a forced demotion before the refused connection is tried again. */
const retryAfterDemotion: Millis = 1000;

/** The connection to some peers is found dead in one go: states, disk, quorum and I/O follow, then it is tried again. */
export function loseConnections(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  nodes: readonly string[],
  state: ConnectionState,
): void {
  let primaryLost = false;
  const lost = nodes.map((node) => peerOf(replica, node)).filter(isConnected);
  if (lost.length === 0) return;
  for (const peer of lost) {
    primaryLost ||= peer.role === 'Primary';
    if (replica.role === 'Primary' && peer.kind === 'diskful' && peer.disk !== 'Outdated')
      replica.newGenerationDue = true;
    interruptResync(host, resource, replica, peer.node);
    drop(peer, state);
  }
  const doubtful = primaryLost && replica.role === 'Secondary' && replica.disk === 'UpToDate';
  if (doubtful) replica.disk = 'Consistent';
  settle(host, resource, replica);
  for (const peer of lost) peerLost(host, resource, replica, peer.node);
  resolveLostPeer(host, resource, replica);
  for (const step of ['Unconnected', 'Connecting'] as const) {
    for (const peer of lost) peer.connection = step;
    host.changed(resource.name, replica.node);
  }
  for (const peer of lost) tryToConnect(host, resource, replica.node, peer.node, handshakeTime);
}

/** An orderly end: the two-phase commit reaches the peer, who sees it leave. `byCommand` stays StandAlone, the other end listens on. */
export function disconnectOrderly(host: DrbdHost, resource: DrbdResource, byCommand: Replica, other: Replica): void {
  const mine = peerOf(byCommand, other.node);
  const theirs = peerOf(other, byCommand.node);
  interruptResync(host, resource, byCommand, other.node);
  interruptResync(host, resource, other, byCommand.node);
  const records = byCommand.options.quorum !== 'off' || byCommand.options.fencing !== 'dont-care';
  outdateLeaver(byCommand, other, theirs, mine, records);
  drop(theirs, 'TearDown');
  drop(mine, 'Disconnecting');
  if (records && other.disk === 'Outdated' && byCommand.role === 'Primary') remember(mine);
  if (records && byCommand.disk === 'Outdated' && other.role === 'Primary') remember(theirs);
  // Who is left expels the one that leaves; who leaves can expel nobody.
  agreeOnMembers(host, resource, other);
  settle(host, resource, other);
  settle(host, resource, byCommand);
  for (const side of [byCommand, other]) {
    const view = side === byCommand ? mine : theirs;
    if (side.role === 'Primary' && view.kind === 'diskful') side.newGenerationDue = true;
    peerLost(host, resource, side, view.node);
  }
  mine.connection = 'StandAlone';
  theirs.connection = 'Connecting';
  host.changed(resource.name, byCommand.node);
  host.changed(resource.name, other.node);
}

/** Plans one attempt for a pair that is willing, unless there is one already. Nothing is planned while they can not reach each other. */
export function tryToConnect(host: DrbdHost, resource: DrbdResource, a: string, b: string, delay: Millis): void {
  const key = pairKey(a, b);
  if (resource.attempts.has(key) || !areWilling(host, resource, a, b)) return;
  resource.attempts.set(key, host.schedule(delay, 'drbd.connect', resource.name, { resource: resource.name, a, b }));
}

/** Both ends speak: the handshake decides whether they connect and which way data goes. */
export function shakeHands(host: DrbdHost, resource: DrbdResource, nodeA: string, nodeB: string): void {
  resource.attempts.delete(pairKey(nodeA, nodeB));
  if (!areWilling(host, resource, nodeA, nodeB)) return;
  const a = replicaOn(resource, nodeA);
  const b = replicaOn(resource, nodeB);
  if (a.kind === 'diskless' || b.kind === 'diskless' || a.disk === 'Diskless' || b.disk === 'Diskless') {
    connectWithoutDisk(host, resource, a, b);
    return;
  }
  const decision = decideHandshake(sideOf(resource, a, b), sideOf(resource, b, a), a.options);
  if (decision.kind === 'disconnect') {
    giveUp(host, resource, a, b);
  } else if (decision.kind === 'conflict') {
    const target = decision.target === 'a' ? a : b;
    refuseConnection(host, resource, a, b, target, target === a ? b : a);
  } else if (a.role === 'Primary' && b.role === 'Primary' && !twoPrimariesAllowed(a, b)) {
    refuseConnection(host, resource, a, b, undefined, undefined);
  } else if (decision.kind === 'none') {
    establish(host, resource, a, b);
    levelDisks(host, resource, a, b);
  } else {
    const source = decision.direction === 'fromA' ? a : b;
    const target = source === a ? b : a;
    if (target.role === 'Primary' && outOfSyncBoth(resource, a, b) === 0) takeOverGeneration(source, target);
    establish(host, resource, a, b, () => beginResync(host, resource, source, target, decision.full));
  }
}

/** What changed may let a refused connection succeed: it is tried again. */
export function retryRefused(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  for (const peer of replica.peers.values()) {
    if (peer.refusedAs === undefined || peer.refusedAs === looksOf(resource, replica, peer)) continue;
    tryToConnect(host, resource, replica.node, peer.node, handshakeTime);
  }
}

/** Disks that fell behind because they had no connection to the Primary follow again once a connected peer is stable and newer. */
export function upgradeOutdated(host: DrbdHost, resource: DrbdResource): void {
  for (const replica of resource.replicas.values()) {
    if (!replica.running || replica.disk !== 'Outdated' || replica.role === 'Primary') continue;
    for (const view of replica.peers.values()) {
      if (!isConnected(view) || view.disk !== 'UpToDate' || view.replication !== 'Established') continue;
      const source = replicaOn(resource, view.node);
      if (source.disk !== 'UpToDate' || !isStableFor(host, resource, source, replica)) continue;
      followFrom(host, resource, source, replica);
      break;
    }
  }
}

function followFrom(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const equal = sameGeneration(source.metadata.current, target.metadata.current);
  if (equal && outOfSyncBoth(resource, source, target) === 0) {
    target.disk = 'UpToDate';
    settle(host, resource, target);
  } else {
    beginResync(host, resource, source, target, false);
  }
}

/** A node is stable for another one when no Primary that the other can not see feeds it. */
function isStableFor(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): boolean {
  return membership(host, resource, source).every((node) => {
    const there = replicaOn(resource, node);
    return there.role !== 'Primary' || target.peers.get(node)?.connection === 'Connected';
  });
}

/** The empty two-phase commit after a loss: a Primary still seen through others means that this disk is behind. */
function resolveLostPeer(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (replica.quorum) agreeOnMembers(host, resource, replica);
  if (replica.role === 'Primary') outdateFarAway(host, resource, replica);
  const members = membership(host, resource, replica);
  const primary = members.find((node) => node !== replica.node && replicaOn(resource, node).role === 'Primary');
  if (primary !== undefined) outdateFarAway(host, resource, replicaOn(resource, primary));
  if (replica.disk === 'Consistent') {
    const behind = primary !== undefined && !isConnected(peerOf(replica, primary));
    replica.disk = behind ? 'Outdated' : 'UpToDate';
    settle(host, resource, replica);
  }
}

/** What decides over a handshake, of both ends. */
function looksOf(resource: DrbdResource, replica: Replica, peer: Peer): string {
  const ends = [replica, replicaOn(resource, peer.node)].sort((x, y) => x.nodeId - y.nodeId);
  return ends.map(({ role, disk, metadata, exposed }) => `${role} ${disk} ${metadata.current} ${exposed}`).join('|');
}

function drop(peer: Peer, state: ConnectionState): void {
  peer.connection = state;
  peer.replication = 'Off';
  peer.role = 'Unknown';
  peer.quorum = false;
  peer.reconnect = true;
  peer.refusedAs = undefined;
  if (peer.disk !== 'Inconsistent' && peer.disk !== 'Outdated') {
    peer.disk = 'DUnknown';
    peer.rememberedOutdated = false;
  }
}

function remember(peer: Peer): void {
  peer.disk = 'Outdated';
  peer.rememberedOutdated = true;
}

/** The commit carries the Primaries: a Secondary that is cut off from one outdates itself, whoever disconnects. */
function outdateLeaver(a: Replica, b: Replica, viewOfA: Peer, viewOfB: Peer, records: boolean): void {
  for (const [replica, other, view] of [
    [a, b, viewOfA],
    [b, a, viewOfB],
  ] as const) {
    if (replica.role === 'Secondary' && other.role === 'Primary' && compareDisks(replica.disk, 'Outdated') > 0) {
      replica.disk = 'Outdated';
      if (records) view.rememberedOutdated = true;
    }
  }
}

function areWilling(host: DrbdHost, resource: DrbdResource, a: string, b: string): boolean {
  const left = resource.replicas.get(a);
  const right = resource.replicas.get(b);
  if (left === undefined || right === undefined || !left.running || !right.running || !host.reaches(a, b)) return false;
  return left.peers.get(b)?.connection === 'Connecting' && right.peers.get(a)?.connection === 'Connecting';
}

function sideOf(resource: DrbdResource, me: Replica, other: Replica): HandshakeSide {
  const view = peerOf(me, other.node);
  const { metadata } = me;
  return {
    current: metadata.current,
    bitmap: view.bitmapGeneration,
    otherBitmaps: [...me.peers.values()].filter((peer) => peer !== view).map((peer) => peer.bitmapGeneration),
    history: metadata.history,
    crashedPrimary: me.crashedPrimary,
    reconnect: view.reconnect,
    primaryLostQuorum: metadata.primaryLostQuorum,
    discardMyData: view.discardMyData,
    disk: me.disk,
    role: me.role,
    quorum: me.quorum,
    dirtyKib: outOfSyncKib(resource, view),
    nodeId: me.nodeId,
  };
}

function outOfSyncBoth(resource: DrbdResource, a: Replica, b: Replica): number {
  return outOfSyncKib(resource, peerOf(a, b.node)) + outOfSyncKib(resource, peerOf(b, a.node));
}

/** Both ends are Connected from here; `then` may begin a resync before anybody looks. */
function establish(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica, then?: () => void): void {
  for (const [me, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const view = peerOf(me, other.node);
    view.connection = 'Connected';
    view.replication = 'Established';
    view.role = other.role;
    view.disk = other.disk;
    view.quorum = other.quorum;
    view.seen = true;
    view.refusedAs = undefined;
    view.discardMyData = false;
    view.rememberedOutdated = other.disk === 'Outdated' || other.disk === 'Inconsistent';
  }
  then?.();
  settle(host, resource, a);
  settle(host, resource, b);
  agreeOnMembers(host, resource, a);
  settle(host, resource, a);
  settle(host, resource, b);
  for (const [me, other] of [
    [a, b],
    [b, a],
  ] as const) {
    resendTo(host, resource, me, other.node);
    if ([...me.peers.values()].every((peer) => peer.kind === 'diskless' || isConnected(peer)))
      me.newGenerationDue = false;
  }
}

/** No sync is needed: marks are forgotten without a look at the blocks, disks of equal generation count as equal. */
function levelDisks(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  for (const [me, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const view = peerOf(me, other.node);
    replace(view.dirty, []);
    view.dirtyExtraKib = 0;
    if (view.bitmapGeneration !== noGeneration) view.bitmapGeneration = noGeneration;
    if (other.disk === 'UpToDate' && (me.disk === 'Outdated' || me.disk === 'Consistent')) me.disk = 'UpToDate';
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

/** A diskless node only takes the data it has been showing, or a successor of it. */
function connectWithoutDisk(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  const [diskless, other] = a.disk === 'Diskless' ? [a, b] : [b, a];
  const isOther = other.disk !== 'Diskless' && diskless.exposed !== '' && !isSuccessor(diskless.exposed, other);
  const isRefused = other.role === 'Primary' || diskless.role === 'Primary' || !isKnownOld(resource, diskless, other);
  if (isOther && isRefused) {
    const target = diskless.role === 'Primary' ? diskless : other;
    refuseConnection(host, resource, a, b, target, target === a ? b : a);
    return;
  }
  if (other.disk === 'UpToDate' && !isOther) diskless.exposed = other.metadata.current;
  establish(host, resource, a, b);
}

function isSuccessor(exposed: string, replica: Replica): boolean {
  if (sameGeneration(exposed, replica.metadata.current)) return true;
  const earlier = [...replica.metadata.history, ...[...replica.peers.values()].map((peer) => peer.bitmapGeneration)];
  return earlier.some((generation) => generation !== noGeneration && sameGeneration(exposed, generation));
}

/** True when a peer of the diskless node has the data that it shows, and the other node's data is an earlier state of that. */
function isKnownOld(resource: DrbdResource, diskless: Replica, other: Replica): boolean {
  for (const view of diskless.peers.values()) {
    const there = resource.replicas.get(view.node);
    if (!isConnected(view) || there === undefined || there.kind === 'diskless') continue;
    if (sameGeneration(there.metadata.current, diskless.exposed) && isSuccessor(other.metadata.current, there))
      return true;
  }
  return false;
}

/** Neither end tries again until it is told to. */
function giveUp(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  for (const [me, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const view = peerOf(me, other.node);
    view.connection = 'StandAlone';
    view.discardMyData = false;
    view.refusedAs = undefined;
    host.changed(resource.name, me.node);
  }
}

/** The connection is refused because of a Primary: `rr-conflict` says whether it is tried again. */
function refuseConnection(
  host: DrbdHost,
  resource: DrbdResource,
  a: Replica,
  b: Replica,
  target: Replica | undefined,
  source: Replica | undefined,
): void {
  const retries = a.options['rr-conflict'] === 'retry-connect';
  if (target !== undefined && source !== undefined) outdateRefused(host, resource, target, retries);
  if (!retries) {
    giveUp(host, resource, a, b);
    return;
  }
  const looks = looksOf(resource, a, peerOf(a, b.node));
  peerOf(a, b.node).refusedAs = looks;
  peerOf(b, a.node).refusedAs = looks;
  host.changed(resource.name, a.node);
  host.changed(resource.name, b.node);
  if (target !== undefined && target.role === 'Secondary')
    tryToConnect(host, resource, a.node, b.node, retryAfterDemotion);
}

/** A suspended Primary that meets newer data knows that it is behind; `force-secondary` takes its device away. */
function outdateRefused(host: DrbdHost, resource: DrbdResource, target: Replica, retries: boolean): void {
  if (!target.suspended.quorum) return;
  if (target.kind === 'diskful') target.disk = 'Outdated';
  if (target.options['on-suspended-primary-outdated'] === 'force-secondary') {
    target.forceIoFailures = target.openers.size > 0;
    completeForForcedDemotion(host, resource, target);
    target.role = 'Secondary';
    target.explicitPrimary = false;
    target.newGenerationDue = false;
  } else if (!retries) {
    completeForForcedDemotion(host, resource, target);
  }
  settle(host, resource, target);
}

function twoPrimariesAllowed(a: Replica, b: Replica): boolean {
  return a.options['allow-two-primaries'] || b.options['allow-two-primaries'];
}
