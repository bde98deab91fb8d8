import type { DrbdHost } from './host.ts';
import { type CommandResult, done, refuse } from './refusals.ts';
import { isIdle } from './repair.ts';
import { type DrbdResource, peerOf, type Replica, replicaOn } from './replica.ts';
import { countWrites, differenceOf, firstWrites, replace, unionOf, type WriteSet } from './write-set.ts';

/** Time of an empty verify. */
const shortestVerify = 100;

/**
 * `drbdadm verify`: both disks are read and compared (drbd/drbd_sender.c). Differences are marked on both nodes, nothing is
 * repaired. An interrupted verify goes on where it was, unless `fromStart`.
 */
export function verifyCommand(
  host: DrbdHost,
  resource: DrbdResource,
  replica: Replica,
  node: string,
  fromStart: boolean,
): CommandResult {
  const mine = peerOf(replica, node);
  if (!isIdle(mine) || replica.disk === 'Diskless') return refuse(resource.name, '-15');
  const theirs = peerOf(replicaOn(resource, node), replica.node);
  if (fromStart) mine.verifiedShare = 0;
  mine.replication = 'VerifyS';
  theirs.replication = 'VerifyT';
  const totalKib = resource.sizeKib;
  const lasts = shortestVerify + (totalKib * (1 - mine.verifiedShare) * 1000) / replica.options['c-max-rate'];
  const payload = { resource: resource.name, a: replica.node, b: node };
  const event = host.schedule(Math.ceil(lasts), 'drbd.verify-end', resource.name, payload);
  const progress = { totalKib, startedAt: host.now, endsAt: host.now + lasts, event };
  mine.sync = progress;
  theirs.sync = progress;
  host.changed(resource.name, replica.node);
  host.changed(resource.name, node);
  return done;
}

/** The last block is compared: what differs is out of sync from now on, on both nodes. */
export function finishVerify(host: DrbdHost, resource: DrbdResource, replica: Replica, other: Replica): void {
  const mine = peerOf(replica, other.node);
  const theirs = peerOf(other, replica.node);
  if (mine.replication !== 'VerifyS' || theirs.replication !== 'VerifyT') return;
  const found = notYetRead(differences(replica.data, other.data), mine.verifiedShare);
  mine.verifiedShare = 0;
  for (const view of [mine, theirs]) {
    replace(view.dirty, unionOf(view.dirty, found));
    view.replication = 'Established';
    view.sync = undefined;
  }
  host.changed(resource.name, replica.node);
  host.changed(resource.name, other.node);
}

/** Older writes count as lying nearer to the start of the device. */
function notYetRead(found: WriteSet, verifiedShare: number): WriteSet {
  return differenceOf(found, firstWrites(found, Math.ceil(countWrites(found) * verifiedShare)));
}

function differences(a: WriteSet, b: WriteSet): WriteSet {
  return unionOf(differenceOf(a, b), differenceOf(b, a));
}
