import type { DrbdEventPayload, DrbdHost } from './host.ts';
import { type CommandResult, done, refuse } from './refusals.ts';
import { isIdle } from './repair.ts';
import { type DrbdResource, type Peer, peerOf, type Replica, replicaOn } from './replica.ts';
import { differenceOf, replace, unionOf, type WriteSet } from './write-set.ts';

/** Time of an empty verify. */
const shortestVerify = 100;

/**
 * `drbdadm verify`: both disks are read and compared (drbd/drbd_sender.c). Differences are marked on both nodes, nothing is
 * repaired. An interrupted verify goes on where it was, unless `fromStart`. Writes have no place on the device: all differences
 * count as lying at its beginning, so they are found at once, and a verify that goes on from later finds none.
 */
export function verifyCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  node: string,
  fromStart: boolean,
): CommandResult {
  const mine = peerOf(replica, node);
  const other = replicaOn(resource, node);
  const theirs = peerOf(other, replica.node);
  if (!isIdle(mine) || !isIdle(theirs)) return refuse(resource.name, '-15');
  if (fromStart) mine.verifiedShare = 0;
  const found = mine.verifiedShare === 0 ? differences(replica.data, other.data) : [];
  for (const view of [mine, theirs]) replace(view.dirty, unionOf(view.dirty, found));
  mine.replication = 'VerifyS';
  theirs.replication = 'VerifyT';
  runVerify(host, resource, mine, theirs, { resource: resource.name, a: replica.node, b: node });
  host.changed(resource.name, replica.node);
  host.changed(resource.name, node);
  return done;
}

/** The network was only away for a moment: a verify that stands still goes on. */
export function continueVerify(host: DrbdHost, resource: DrbdResource, replica: Replica, other: Replica): void {
  const mine = peerOf(replica, other.node);
  const theirs = peerOf(other, replica.node);
  if (mine.replication !== 'VerifyS' || theirs.replication !== 'VerifyT' || mine.sync !== undefined) return;
  runVerify(host, resource, mine, theirs, { resource: resource.name, a: replica.node, b: other.node });
}

/** The last block is compared. */
export function finishVerify(host: DrbdHost, resource: DrbdResource, replica: Replica, other: Replica): void {
  const mine = peerOf(replica, other.node);
  const theirs = peerOf(other, replica.node);
  if (mine.replication !== 'VerifyS' || theirs.replication !== 'VerifyT') return;
  mine.verifiedShare = 0;
  for (const view of [mine, theirs]) {
    view.replication = 'Established';
    view.sync = undefined;
  }
  host.changed(resource.name, replica.node);
  host.changed(resource.name, other.node);
}

/** Reads what is left; `a` of the payload is the node that began it. */
function runVerify(host: DrbdHost, resource: DrbdResource, mine: Peer, theirs: Peer, payload: DrbdEventPayload): void {
  const totalKib = resource.sizeKib;
  const { options } = replicaOn(resource, payload.a);
  const lasts = shortestVerify + Math.ceil((totalKib * (1 - mine.verifiedShare) * 1000) / options['c-max-rate']);
  const event = host.schedule(lasts, 'drbd.verify-end', resource.name, payload);
  const progress = { totalKib, startedAt: host.now, endsAt: host.now + lasts, event };
  mine.sync = progress;
  theirs.sync = progress;
}

function differences(a: WriteSet, b: WriteSet): WriteSet {
  return unionOf(differenceOf(a, b), differenceOf(b, a));
}
