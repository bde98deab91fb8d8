import type { DrbdHost } from './host.ts';
import { sameGeneration } from './generation.ts';
import { failInFlight, resumeIo } from './io.ts';
import { membership } from './membership.ts';
import { quorumOf } from './quorum.ts';
import { type DrbdResource, isConnected, isSuspended, type Replica } from './replica.ts';
import { compareDisks } from './states.ts';

/**
 * Brings everything that follows from a change of one node's state up to date: quorum, suspended or failing I/O, metadata
 * flags, and what connected peers see of it, who settle in turn. Call it after every change.
 */
export function settle(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (!replica.running) return;
  const wasSuspended = isSuspended(replica);
  settleQuorum(host, resource, replica);
  settleData(host, resource, replica);
  keepMetadata(replica);
  if (wasSuspended && !isSuspended(replica)) resumeIo(host, resource, replica);
  host.changed(resource.name, replica.node);
  announce(host, resource, replica);
}

/**
 * Records who is left after a cluster-wide change. Nodes that have quorum expel the ones that are not there; nodes without
 * quorum keep the old membership (drbd_state.c, `quorum_nodes` of the two-phase commit). Who is silent and not noticed yet is
 * still a member.
 */
export function agreeOnMembers(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  const reached = membership(host, resource, replica);
  const members = [...reached];
  for (const node of reached) {
    for (const peer of resource.replicas.get(node)?.peers.values() ?? []) {
      if (isConnected(peer) && !members.includes(peer.node)) members.push(peer.node);
    }
  }
  for (const node of reached) {
    const member = resource.replicas.get(node);
    if (member === undefined || !member.running || !member.quorum) continue;
    member.members = members;
    keepMetadata(member);
  }
}

/** True when this node can read UpToDate data, from its own disk or through a peer. */
export function reachesData(replica: Replica): boolean {
  if (replica.disk === 'UpToDate') return true;
  for (const peer of replica.peers.values()) if (isConnected(peer) && peer.disk === 'UpToDate') return true;
  return false;
}

function settleQuorum(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  const { quorum } = quorumOf(replica);
  const suspends = !quorum && replica.options['on-no-quorum'] === 'suspend-io';
  if (replica.role === 'Primary') replica.metadata.primaryLostQuorum = !quorum;
  replica.quorum = quorum;
  replica.suspended.quorum = suspends;
  if (!quorum && !suspends && replica.inFlight.length > 0) failInFlight(host, resource, replica);
}

function settleData(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  const without = replica.role === 'Primary' && !reachesData(replica);
  const suspends = replica.options['on-no-data-accessible'] === 'suspend-io';
  replica.suspended.noData = without && suspends;
  if (without && !suspends && replica.inFlight.length > 0) failInFlight(host, resource, replica);
}

function keepMetadata(replica: Replica): void {
  const { metadata } = replica;
  if (replica.kind === 'diskless' || replica.disk === 'Diskless') return;
  metadata.consistent = compareDisks(replica.disk, 'Inconsistent') > 0;
  metadata.wasUpToDate = compareDisks(replica.disk, 'Outdated') > 0;
  metadata.primaryIndicator = replica.role === 'Primary';
  metadata.crashedPrimary = replica.role === 'Primary' || replica.crashedPrimary;
  metadata.hadQuorum = replica.quorum && replica.members.length === 1;
}

function announce(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  for (const view of replica.peers.values()) {
    if (!isConnected(view) || !host.reaches(replica.node, view.node)) continue;
    const there = resource.replicas.get(view.node);
    const back = there?.peers.get(replica.node);
    if (there === undefined || back === undefined || !isConnected(back)) continue;
    const disk = diskAsSeenBy(there, replica, back.heard);
    if (back.role === replica.role && back.disk === disk && back.quorum === replica.quorum) continue;
    const dataLost = back.disk === 'UpToDate' && replica.disk !== 'UpToDate' && replica.kind === 'diskful';
    back.role = replica.role;
    back.disk = disk;
    back.quorum = replica.quorum;
    back.rememberedOutdated = replica.disk === 'Outdated' || replica.disk === 'Inconsistent';
    if (dataLost && there.role === 'Primary') there.newGenerationDue = true;
    settle(host, resource, there);
  }
}

/** To a node without disk, UpToDate data of another generation than the one it shows is Consistent at best (sanitize_state). */
function diskAsSeenBy(viewer: Replica, replica: Replica, heard: string): Replica['disk'] {
  if (viewer.disk !== 'Diskless' || replica.disk !== 'UpToDate' || viewer.exposed === '') return replica.disk;
  return sameGeneration(viewer.exposed, heard) ? 'UpToDate' : 'Consistent';
}
