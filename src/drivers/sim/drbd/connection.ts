import type { Millis } from '../../../model/instant.ts';
import type { DrbdHost } from './host.ts';
import { peerLost, submitHeld } from './io.ts';
import { type DrbdResource, isConnected, pairKey, type Peer, peerOf, replicaOn, type Replica } from './replica.ts';
import { interruptResync } from './resync.ts';
import { outdateFarAway } from './roles.ts';
import { membership } from './membership.ts';
import { agreeOnMembers, reachesData, settle } from './settle.ts';
import { compareDisks, type ConnectionState } from './states.ts';

/** Time of one attempt when both ends listen already. */
const handshakeTime: Millis = 30;

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
  submitHeld(host, resource);
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

/** A source gives the connection to a busy target up: it stays StandAlone, with the target remembered as Inconsistent, who tries on. */
export function dropSecondSource(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const view = peerOf(source, target.node);
  view.disk = 'Inconsistent';
  drop(view, 'StandAlone');
  loseConnections(host, resource, target, [source.node], 'NetworkFailure');
  settle(host, resource, source);
}

/** Plans one attempt for a pair that is willing, unless there is one already. Nothing is planned while they can not reach each other. */
export function tryToConnect(host: DrbdHost, resource: DrbdResource, a: string, b: string, delay: Millis): void {
  const key = pairKey(a, b);
  if (resource.attempts.has(key) || !areWilling(host, resource, a, b)) return;
  resource.attempts.set(key, host.schedule(delay, 'drbd.connect', resource.name, { resource: resource.name, a, b }));
}

/** The empty two-phase commit after a loss: a Primary still seen through others means that this disk is behind. */
function resolveLostPeer(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (replica.quorum) agreeOnMembers(host, resource, replica);
  if (replica.role === 'Primary' && reachesData(replica)) outdateFarAway(host, resource, replica);
  const members = membership(host, resource, replica);
  const primary = members.find((node) => node !== replica.node && replicaOn(resource, node).role === 'Primary');
  if (primary !== undefined && reachesData(replicaOn(resource, primary)))
    outdateFarAway(host, resource, replicaOn(resource, primary));
  if (replica.disk === 'Consistent') {
    const behind = primary !== undefined && !isConnected(peerOf(replica, primary));
    replica.disk = behind ? 'Outdated' : 'UpToDate';
    settle(host, resource, replica);
  }
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

/** True while both ends listen and packets pass between them. */
export function areWilling(host: DrbdHost, resource: DrbdResource, a: string, b: string): boolean {
  const left = resource.replicas.get(a);
  const right = resource.replicas.get(b);
  if (left === undefined || right === undefined || !left.running || !right.running || !host.reaches(a, b)) return false;
  return left.peers.get(b)?.connection === 'Connecting' && right.peers.get(a)?.connection === 'Connecting';
}
