import { isWeak, makeDueGeneration } from './generation.ts';
import type { DrbdHost } from './host.ts';
import { silentPeers } from './membership.ts';
import { type DrbdResource, type InFlightWrite, isConnected, isSuspended, peerOf, type Replica } from './replica.ts';
import { hasData } from './states.ts';
import { addWrite, replace, unionOf } from './write-set.ts';
import type { WriteResult } from './port.ts';

/** One write by an opener of a Primary; numbered whatever becomes of it. */
export function writeOnce(host: DrbdHost, resource: DrbdResource, replica: Replica, opener: string): WriteResult {
  const refusal = ioRefusal(replica);
  if (refusal !== undefined) return { kind: 'error', errno: refusal };
  const seq = resource.nextWrite++;
  if (isSuspended(replica)) {
    replica.inFlight.push({ seq, opener, submitted: false, awaiting: [] });
    return { kind: 'pending', seq };
  }
  touch(host, resource, replica);
  const awaiting = submit(host, resource, replica, seq);
  if (awaiting.length > 0) {
    replica.inFlight.push({ seq, opener, submitted: true, awaiting });
    return { kind: 'pending', seq };
  }
  host.ledger.acknowledge(resource.name, seq, replica.node, opener, host.now);
  return { kind: 'acked', seq };
}

/** A write that waits until the silent peers are found: a new generation is only made when it is known who misses it. */
export function holdWrite(resource: DrbdResource, replica: Replica, opener: string): WriteResult {
  const refusal = ioRefusal(replica);
  if (refusal !== undefined) return { kind: 'error', errno: refusal };
  const seq = resource.nextWrite++;
  replica.inFlight.push({ seq, opener, submitted: false, awaiting: [] });
  return { kind: 'pending', seq };
}

/**
 * Writes that were held back go out, unless I/O is suspended or somebody is silent still. They may wait for what another node
 * finds out: a peer that was silent towards that one counts for the whole cluster.
 */
export function submitHeld(host: DrbdHost, resource: DrbdResource): void {
  for (const replica of resource.replicas.values()) {
    if (replica.role !== 'Primary' || isSuspended(replica)) continue;
    if (!replica.inFlight.some((write) => !write.submitted)) continue;
    if (silentPeers(host, resource, replica).length > 0) continue;
    touch(host, resource, replica);
    replica.inFlight = replica.inFlight.map((write) =>
      write.submitted ? write : { ...write, submitted: true, awaiting: submit(host, resource, replica, write.seq) },
    );
    completeAnswered(host, resource, replica);
  }
}

/** A read; it changes the generation as a write does. */
export function readOnce(host: DrbdHost, resource: DrbdResource, replica: Replica): 'ok' | 'pending' | 'EIO' {
  if (replica.role === 'Primary' && ioRefusal(replica) !== undefined) return 'EIO';
  if (replica.forceIoFailures) return 'EIO';
  if (isSuspended(replica)) return 'pending';
  if (replica.role === 'Primary') touch(host, resource, replica);
  return 'ok';
}

/**
 * The link is there again and nobody had noticed: what protocol A had acknowledged before the peer had it is still in the
 * socket, and arrives. While both follow each other nothing else is marked.
 */
export function deliverTail(resource: DrbdResource, replica: Replica, node: string): void {
  const peer = peerOf(replica, node);
  const there = resource.replicas.get(node);
  if (replica.options.protocol !== 'A' || peer.replication !== 'Established' || there === undefined) return;
  if (!hasData(there.disk)) return;
  replace(there.data, unionOf(there.data, peer.dirty));
  replace(peer.dirty, []);
}

/** What requests meet on this node now. */
export function ioState(replica: Replica): 'running' | 'suspended' | 'failing' {
  if (ioRefusal(replica) !== undefined) return 'failing';
  return isSuspended(replica) ? 'suspended' : 'running';
}

/** The peer will not answer any more: what it missed is marked, and writes that only waited for it are done. */
export function peerLost(host: DrbdHost, resource: DrbdResource, replica: Replica, node: string): void {
  if (isSuspended(replica) || replica.inFlight.length === 0) return;
  if (replica.inFlight.some((write) => write.awaiting.includes(node))) touch(host, resource, replica);
  const peer = peerOf(replica, node);
  for (const write of replica.inFlight) {
    if (!write.awaiting.includes(node)) continue;
    write.awaiting = write.awaiting.filter((name) => name !== node);
    addWrite(peer.dirty, write.seq);
  }
  completeAnswered(host, resource, replica);
}

/** The peer is there again: what it had not answered is sent once more (drbd_main.c tl_restart, RESEND). */
export function resendTo(host: DrbdHost, resource: DrbdResource, replica: Replica, node: string): void {
  const there = resource.replicas.get(node);
  for (const write of replica.inFlight) {
    if (!write.awaiting.includes(node)) continue;
    write.awaiting = write.awaiting.filter((name) => name !== node);
    if (there !== undefined) deliverLate(replica, there, write.seq);
  }
  if (!isSuspended(replica)) completeAnswered(host, resource, replica);
}

/** I/O is not suspended any more: held-back writes are submitted, unanswered ones are sent again or marked. */
export function resumeIo(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (replica.role !== 'Primary') return;
  // A generation that became due while suspended is made now, not at the next request, if some peer misses what comes.
  const isMissed = [...replica.peers.values()].some(
    (peer) => peer.kind === 'diskful' && (!isConnected(peer) || isWeak(peer)),
  );
  if (replica.newGenerationDue && isMissed) makeDueGeneration(resource, replica, host.random);
  const writes = replica.inFlight;
  replica.inFlight = [];
  for (const write of writes) {
    const awaiting = write.submitted
      ? write.awaiting.filter((node) => stillUnanswered(host, resource, replica, write, node))
      : submit(host, resource, replica, write.seq);
    if (awaiting.length > 0) replica.inFlight.push({ ...write, submitted: true, awaiting });
    else host.ledger.acknowledge(resource.name, write.seq, replica.node, write.opener, host.now);
  }
  releaseClosed(replica);
}

/** Every unanswered request ends with EIO. What was submitted stays on the disks it reached and is marked for the others. */
export function failInFlight(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  for (const write of replica.inFlight) {
    markUnanswered(replica, write);
    host.ledger.fail(resource.name, write.seq);
  }
  replica.inFlight = [];
  releaseClosed(replica);
}

/**
 * Forced demotion: what had been submitted is answered with success although no peer may have it, what was held back
 * fails. Seen on the real module; the writes are lost when the other side goes on.
 */
export function completeForForcedDemotion(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  for (const write of replica.inFlight) {
    if (write.submitted) {
      markUnanswered(replica, write);
      host.ledger.acknowledge(resource.name, write.seq, replica.node, write.opener, host.now);
    } else {
      host.ledger.fail(resource.name, write.seq);
    }
  }
  replica.inFlight = [];
  releaseClosed(replica);
}

/** The first I/O of a term makes the generation that is due. */
function touch(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  if (!replica.newGenerationDue) return;
  if (makeDueGeneration(resource, replica, host.random)) host.changed(resource.name, replica.node);
}

/** Writes to the own disk and to every peer that replicates; answers the peers whose acknowledgement is still missing. */
function submit(host: DrbdHost, resource: DrbdResource, replica: Replica, seq: number): string[] {
  const awaiting: string[] = [];
  const missed: string[] = [];
  if (writeTo(host, resource, replica, seq) === 'missed') missed.push(replica.node);
  for (const peer of replica.peers.values()) {
    if (peer.kind === 'diskless') continue;
    const there = resource.replicas.get(peer.node);
    if (isConnected(peer) && !host.reaches(replica.node, peer.node)) {
      if (replica.options.protocol === 'A') addWrite(peer.dirty, seq);
      else awaiting.push(peer.node);
    } else if (!isConnected(peer) || there === undefined || writeTo(host, resource, there, seq) === 'missed') {
      addWrite(peer.dirty, seq);
      missed.push(peer.node);
    }
  }
  if (missed.length > 0) markOnPeers(host, resource, replica, seq, missed);
  return awaiting;
}

/** One write to the disk of a replica; a broken one is found by it. */
function writeTo(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  seq: number,
): 'written' | 'missed' | 'no disk' {
  if (replica.kind === 'diskless') return 'no disk';
  if (!hasData(replica.disk)) return 'missed';
  if (!replica.diskIsBroken) {
    addWrite(replica.data, seq);
    return 'written';
  }
  const payload = { resource: resource.name, a: replica.node, b: replica.node };
  host.schedule(0, 'drbd.disk-failed', resource.name, payload);
  return 'missed';
}

/** Peers that have the write count it as missing on those that were not reached. */
function markOnPeers(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  seq: number,
  missed: readonly string[],
): void {
  for (const peer of replica.peers.values()) {
    if (peer.kind === 'diskless' || !isConnected(peer) || !host.reaches(replica.node, peer.node)) continue;
    const there = resource.replicas.get(peer.node);
    for (const node of missed) {
      const third = there?.peers.get(node);
      if (third !== undefined) addWrite(third.dirty, seq);
    }
  }
}

function stillUnanswered(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  write: InFlightWrite,
  node: string,
): boolean {
  const peer = peerOf(replica, node);
  if (!isConnected(peer)) {
    addWrite(peer.dirty, write.seq);
    return false;
  }
  if (!host.reaches(replica.node, node)) return true;
  const there = resource.replicas.get(node);
  if (there !== undefined) deliverLate(replica, there, write.seq);
  return false;
}

/** A write reaches a peer after all: one without a disk misses it, and where its sender has none the peer counts it as missing there. */
function deliverLate(from: Replica, there: Replica, seq: number): void {
  if (!hasData(there.disk)) {
    if (there.kind === 'diskful') addWrite(peerOf(from, there.node).dirty, seq);
    return;
  }
  addWrite(there.data, seq);
  const back = there.peers.get(from.node);
  if (from.kind === 'diskful' && !hasData(from.disk) && back !== undefined) addWrite(back.dirty, seq);
}

function markUnanswered(replica: Replica, write: InFlightWrite): void {
  for (const node of write.awaiting) addWrite(peerOf(replica, node).dirty, write.seq);
}

function completeAnswered(host: DrbdHost, resource: DrbdResource, replica: Replica): void {
  const open: InFlightWrite[] = [];
  for (const write of replica.inFlight) {
    if (!write.submitted || write.awaiting.length > 0) open.push(write);
    else host.ledger.acknowledge(resource.name, write.seq, replica.node, write.opener, host.now);
  }
  replica.inFlight = open;
  releaseClosed(replica);
}

/** Openers whose close waited for an answer are gone with the last one of theirs. */
function releaseClosed(replica: Replica): void {
  for (const [name, opener] of replica.openers) {
    if (opener.closing && !replica.inFlight.some((write) => write.opener === name)) replica.openers.delete(name);
  }
}

function ioRefusal(replica: Replica): 'EIO' | undefined {
  if (replica.forceIoFailures || replica.role !== 'Primary') return 'EIO';
  if (!replica.quorum && replica.options['on-no-quorum'] === 'io-error') return 'EIO';
  const data =
    replica.disk === 'UpToDate' || [...replica.peers.values()].some((p) => isConnected(p) && p.disk === 'UpToDate');
  return !data && replica.options['on-no-data-accessible'] === 'io-error' ? 'EIO' : undefined;
}
