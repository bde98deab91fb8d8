import { tryToConnect } from './connection.ts';
import type { DrbdHost } from './host.ts';
import { completeForForcedDemotion } from './io.ts';
import { type DrbdResource, isSuspended, type Peer, peerOf, type Replica, replicaOn } from './replica.ts';
import { settle } from './settle.ts';

/** Time of one attempt when both ends listen already. */
const handshakeTime = 30;

/** Pause after a forced demotion before the refused connection is tried again. */
const retryAfterDemotion = 1000;

/** Neither end tries again until it is told to; the one that did not open the commit (`b`) may not hear why. */
export function giveUp(host: DrbdHost, resource: DrbdResource, a: Replica, b: Replica): void {
  for (const [me, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const view = peerOf(me, other.node);
    const goesOn = me === b && host.raceIsLost('verdictUnheard', b.node, a.node);
    view.connection = goesOn ? 'Connecting' : 'StandAlone';
    view.discardMyData = false;
    view.refusedAs = undefined;
    host.changed(resource.name, me.node);
  }
}

/**
 * The connection is refused because of a Primary: `rr-conflict` says whether it is tried again. `a` has the lower node id;
 * `target` is the Primary that would have to take data, absent where both are Primary.
 */
export function refuseConnection(
  host: DrbdHost,
  resource: DrbdResource,
  a: Replica,
  b: Replica,
  target: Replica | undefined,
): void {
  const retries = a.options['rr-conflict'] === 'retry-connect' || target?.disk === 'Diskless';
  if (target !== undefined) outdateRefused(host, resource, target, target === a, retries);
  if (!retries) {
    giveUp(host, resource, a, b);
    return;
  }
  const looks = looksOf(resource, a, peerOf(a, b.node));
  peerOf(a, b.node).refusedAs = looks;
  peerOf(b, a.node).refusedAs = looks;
  host.changed(resource.name, a.node);
  host.changed(resource.name, b.node);
  if (target?.role === 'Secondary') tryToConnect(host, resource, a.node, b.node, retryAfterDemotion);
}

/** What changed may let a refused connection succeed: it is tried again. */
export function retryRefused(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  for (const peer of replica.peers.values()) {
    if (peer.refusedAs === undefined || peer.refusedAs === looksOf(resource, replica, peer)) continue;
    tryToConnect(host, resource, replica.node, peer.node, handshakeTime);
  }
}

/** `on-suspended-primary-outdated force-secondary`. Answers whether a Primary was demoted. */
export function takeDeviceAway(host: DrbdHost, resource: DrbdResource, replica: Replica): boolean {
  if (replica.role !== 'Primary' || !isSuspended(replica)) return false;
  if (replica.options['on-suspended-primary-outdated'] !== 'force-secondary') return false;
  replica.forceIoFailures = replica.openers.size > 0;
  completeForForcedDemotion(host, resource, replica);
  replica.role = 'Secondary';
  replica.explicitPrimary = false;
  replica.newGenerationDue = false;
  settle(host, resource, replica);
  return true;
}

/** A suspended Primary that opened the commit itself learns by its failure that its data is old. */
function outdateRefused(
  host: DrbdHost,
  resource: DrbdResource,
  target: Replica,
  isInitiator: boolean,
  retries: boolean,
): void {
  if (!target.suspended.quorum) return;
  if (isInitiator && target.disk === 'UpToDate') target.disk = 'Outdated';
  if (!retries || !takeDeviceAway(host, resource, target)) {
    if (!retries && isInitiator) completeForForcedDemotion(host, resource, target);
    settle(host, resource, target);
  }
}

/** What decides over a handshake, of both ends. */
function looksOf(resource: DrbdResource, replica: Replica, peer: Peer): string {
  const ends = [replica, replicaOn(resource, peer.node)].sort((x, y) => x.nodeId - y.nodeId);
  return ends.map(({ role, disk, metadata, exposed }) => `${role} ${disk} ${metadata.current} ${exposed}`).join('|');
}
