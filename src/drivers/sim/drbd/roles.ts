import type { DrbdHost } from './host.ts';
import { completeForForcedDemotion } from './io.ts';
import { renewGeneration, sameGeneration, withoutPrimaryBit } from './generation.ts';
import { noQuorumText, quorumOf } from './quorum.ts';
import { type CommandResult, done, refuse, type StateChangeCode } from './refusals.ts';
import { type DrbdResource, hasRwOpener, isConnected, peerOf, type Replica } from './replica.ts';
import { membership, silentPeers } from './membership.ts';
import { agreeOnMembers, reachesData, settle } from './settle.ts';
import { compareDisks, hasData } from './states.ts';

export interface Refusal {
  readonly code: StateChangeCode;
  readonly additional?: string;
}

/**
 * Why this node may not become Primary now; undefined when it may. The order is that of the kernel
 * (drbd_state.c __is_valid_soft_transition, then the peers' answers to the two-phase commit).
 */
export function refusalToPromote(host: DrbdHost, resource: DrbdResource, replica: Replica): Refusal | undefined {
  const peers = [...replica.peers.values()];
  const twoAllowed = replica.options['allow-two-primaries'];
  if (!twoAllowed && peers.some((peer) => isConnected(peer) && peer.role === 'Primary')) return { code: '-1' };
  if (replica.forceIoFailures) return { code: '-12', additional: openerList(resource, replica) };
  if (!reachesData(replica)) return { code: '-2' };
  const verdict = quorumOf(replica);
  if (!verdict.quorum) return { code: '-25', additional: noQuorumText(verdict) };
  if (replica.options.fencing !== 'dont-care' && peers.some(notKnownOutdated)) return { code: '-7' };
  return refusalOfPeers(host, resource, replica, twoAllowed);
}

/** Makes this node Primary, or says why not. `force` overrides missing data and missing quorum, never a visible Primary. */
export function promote(host: DrbdHost, resource: DrbdResource, replica: Replica, force: boolean): CommandResult {
  if (replica.role === 'Primary') return done;
  let newGeneration = false;
  const before = replica.disk;
  const old = replica.metadata.current;
  let refusal = refusalToPromote(host, resource, replica);
  if (force && refusal?.code === '-2' && mayDeclareUpToDate(replica)) {
    replica.disk = 'UpToDate';
    newGeneration = true;
    refusal = refusalToPromote(host, resource, replica);
  }
  if (force && (refusal?.code === '-25' || refusal?.code === '-7')) {
    for (const peer of replica.peers.values()) {
      if (peer.disk === 'DUnknown') {
        peer.disk = 'Outdated';
        peer.rememberedOutdated = true;
      }
    }
    settle(host, resource, replica);
    refusal = refusalToPromote(host, resource, replica);
  }
  if (refusal !== undefined) {
    replica.disk = before;
    return refuse(resource.name, refusal.code, refusal.additional);
  }
  becomePrimary(host, resource, replica);
  if (newGeneration) {
    replica.newGenerationDue = false;
    renewGeneration(resource, replica, host.random, true);
    settle(host, resource, replica);
    upgradeEqualPeers(host, resource, replica, old);
  }
  return done;
}

/** Makes this node Secondary. `force` takes the device away from its openers: their requests fail until they close. */
export function demote(host: DrbdHost, resource: DrbdResource, replica: Replica, force: boolean): CommandResult {
  if (replica.role !== 'Primary') return done;
  if (hasRwOpener(replica)) {
    if (!force) return refuse(resource.name, '-12', openerList(resource, replica));
    replica.forceIoFailures = true;
    completeForForcedDemotion(host, resource, replica);
    replica.forceIoFailures = replica.openers.size > 0;
  }
  becomeSecondary(host, resource, replica);
  return done;
}

/**
 * A Primary by auto-promotion whose last read-write opener is gone goes back to Secondary. The close waits while somebody does
 * not answer the two-phase commit: until the dead connection is noticed.
 */
export function demoteUnused(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (replica.openers.size === 0 && replica.forceIoFailures) {
    replica.forceIoFailures = false;
    settle(host, resource, replica);
  }
  const unused = replica.role === 'Primary' && !replica.explicitPrimary && !hasRwOpener(replica);
  if (!unused || !replica.options['auto-promote'] || silentPeers(host, resource, replica).length > 0) return;
  becomeSecondary(host, resource, replica);
}

/**
 * Peers of the Primary's side that it has no own connection to can not follow it: they are Outdated from now on. It
 * records that when it is promoted or has lost somebody, not when somebody connects.
 */
export function outdateFarAway(
  host: DrbdHost,
  resource: DrbdResource,
  primary: Replica,
  { records = true } = {},
): void {
  for (const node of membership(host, resource, primary)) {
    if (node === primary.node) continue;
    const view = peerOf(primary, node);
    const there = resource.replicas.get(node);
    if (there === undefined || isConnected(view) || there.kind === 'diskless') continue;
    if (compareDisks(there.disk, 'Outdated') < 0) continue;
    if (records) {
      view.disk = 'Outdated';
      view.rememberedOutdated = true;
    }
    if (there.disk === 'Outdated') continue;
    there.disk = 'Outdated';
    settle(host, resource, there);
  }
}

/** The lines that list who holds the device, as the kernel adds them to refusal -12. `writable` was seen to be 1 for two writers as well. */
export function openerList(resource: DrbdResource, replica: Replica): string {
  const writable = hasRwOpener(replica) ? 1 : 0;
  const lines = [...replica.openers.keys()].reverse().map((name) => `drbd${resource.minor} opened by ${name}`);
  const first = `/dev/drbd${resource.minor} open_cnt:${replica.openers.size}, writable:${writable}; list of openers follows`;
  return [first, ...lines].join('\n');
}

function becomePrimary(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  replica.role = 'Primary';
  replica.newGenerationDue = true;
  agreeOnMembers(host, resource, replica);
  settle(host, resource, replica);
  outdateFarAway(host, resource, replica);
}

function becomeSecondary(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  replica.role = 'Secondary';
  replica.explicitPrimary = false;
  replica.newGenerationDue = false;
  replica.metadata.current = withoutPrimaryBit(replica.metadata.current);
  settle(host, resource, replica);
}

/** Connected peers on the generation that was declared UpToDate are UpToDate too; the new one they are not told. */
function upgradeEqualPeers(host: DrbdHost, resource: DrbdResource, replica: Replica, old: string): void {
  for (const view of replica.peers.values()) {
    const peer = isConnected(view) && view.replication === 'Established' ? resource.replicas.get(view.node) : undefined;
    if (peer === undefined || peer.disk !== 'Outdated' || !sameGeneration(peer.metadata.current, old)) continue;
    peer.disk = 'UpToDate';
    settle(host, resource, peer);
  }
}

function notKnownOutdated(peer: { connection: string; disk: Replica['disk']; kind: string }): boolean {
  return peer.kind === 'diskful' && peer.connection !== 'Connected' && compareDisks(peer.disk, 'Outdated') > 0;
}

function mayDeclareUpToDate(replica: Replica): boolean {
  return replica.kind === 'diskful' && hasData(replica.disk);
}

/** Everybody who takes part in the two-phase commit may decline it. */
function refusalOfPeers(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  twoAllowed: boolean,
): Refusal | undefined {
  for (const node of membership(host, resource, replica)) {
    if (node === replica.node) continue;
    const there = resource.replicas.get(node);
    if (there === undefined) continue;
    const readOnlyOpener =
      there.role === 'Secondary' && [...there.openers.values()].some((opener) => opener.mode === 'ro');
    const seesPrimary =
      !twoAllowed &&
      [...there.peers.values()].some((p) => p.node !== replica.node && isConnected(p) && p.role === 'Primary');
    if (readOnlyOpener || seesPrimary) {
      return { code: '-10', additional: `Declined by peer ${node} (id: ${there.nodeId}), see the kernel log there` };
    }
  }
  return undefined;
}
