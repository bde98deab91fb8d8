import type { Millis } from '../../../model/instant.ts';
import { noGeneration, rememberGeneration, sameGeneration, withoutPrimaryBit, withPrimaryBit } from './generation.ts';
import type { DrbdHost } from './host.ts';
import { type DrbdResource, outOfSyncKib, peerOf, replicaOn, type Replica } from './replica.ts';
import { agreeOnMembers, membership, settle } from './settle.ts';
import { countWrites, differenceOf, firstWrites, replace, unionOf, type WriteSet } from './write-set.ts';

/** Time for the bitmap exchange before the first block moves. */
const bitmapExchange: Millis = 20;

const shortestSync: Millis = 20;

/** Begins a resync between two connected nodes: WFBitMapS / WFBitMapT now, SyncSource / SyncTarget when the bitmaps are exchanged. */
export function beginResync(
  host: DrbdHost,
  resource: DrbdResource,
  source: Replica,
  target: Replica,
  full: boolean,
): void {
  const onSource = peerOf(source, target.node);
  const onTarget = peerOf(target, source.node);
  onSource.replication = 'WFBitMapS';
  onTarget.replication = 'WFBitMapT';
  if (full) onSource.dirtyExtraKib = resource.sizeKib;
  if (target.disk === 'UpToDate' || target.disk === 'Consistent') target.disk = 'Outdated';
  host.schedule(bitmapExchange, 'drbd.sync-start', resource.name, {
    resource: resource.name,
    a: source.node,
    b: target.node,
  });
  settle(host, resource, target);
  settle(host, resource, source);
}

/** The bitmaps are exchanged: both count the union of what either had marked. */
export function startResync(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const onSource = peerOf(source, target.node);
  const onTarget = peerOf(target, source.node);
  if (onSource.replication !== 'WFBitMapS' || onTarget.replication !== 'WFBitMapT') return;
  const marked = unionOf(onSource.dirty, onTarget.dirty);
  const extra = Math.max(onSource.dirtyExtraKib, onTarget.dirtyExtraKib);
  for (const view of [onSource, onTarget]) {
    replace(view.dirty, marked);
    view.dirtyExtraKib = extra;
  }
  const busy = [...target.peers.values()].some((peer) => peer.replication === 'SyncTarget');
  onSource.replication = busy ? 'PausedSyncS' : 'SyncSource';
  onTarget.replication = busy ? 'PausedSyncT' : 'SyncTarget';
  target.disk = 'Inconsistent';
  if (!busy) runSync(host, resource, source, target);
  settle(host, resource, target);
  settle(host, resource, source);
}

/** The last block has arrived: the target's disk is UpToDate and of the source's generation. */
export function finishResync(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const onSource = peerOf(source, target.node);
  const onTarget = peerOf(target, source.node);
  if (onSource.replication !== 'SyncSource' || onTarget.replication !== 'SyncTarget') return;
  copyMarked(source.data, target.data, onSource.dirty, onSource.dirtyExtraKib >= resource.sizeKib);
  takeOverGeneration(source, target);
  for (const view of [onSource, onTarget]) {
    replace(view.dirty, []);
    view.dirtyExtraKib = 0;
    view.replication = 'Established';
    view.sync = undefined;
  }
  target.disk = source.disk === 'UpToDate' ? 'UpToDate' : target.disk === 'Inconsistent' ? 'Outdated' : target.disk;
  target.crashedPrimary = false;
  source.crashedPrimary = false;
  target.metadata.primaryLostQuorum = false;
  tellOthers(host, resource, source, target);
  settle(host, resource, target);
  settle(host, resource, source);
  agreeOnMembers(host, resource, source);
}

/** Both hold the same data already: the target takes the generation over and nothing moves. */
export function takeOverGeneration(source: Replica, target: Replica): void {
  const onSource = peerOf(source, target.node);
  inheritSlots(source, target);
  const { spareSlots } = source.metadata;
  if (!sameGeneration(spareSlots, target.metadata.current)) rememberGeneration(target.metadata.history, spareSlots);
  const { current } = source.metadata;
  target.metadata.current = target.role === 'Primary' ? withPrimaryBit(current) : withoutPrimaryBit(current);
  rememberGeneration(source.metadata.history, onSource.bitmapGeneration);
  onSource.bitmapGeneration = noGeneration;
  peerOf(target, source.node).bitmapGeneration = noGeneration;
}

/** What the source has marked for others that are away, the target has to send them as well: from its old generation on. */
function inheritSlots(source: Replica, target: Replica): void {
  for (const slot of source.peers.values()) {
    const own = target.peers.get(slot.node);
    if (own === undefined || slot.node === target.node || slot.bitmapGeneration === noGeneration) continue;
    if (own.bitmapGeneration === noGeneration) own.bitmapGeneration = target.metadata.current;
    replace(own.dirty, unionOf(own.dirty, slot.dirty));
    own.dirtyExtraKib = Math.max(own.dirtyExtraKib, slot.dirtyExtraKib);
  }
}

/** The connection broke in the middle: what had arrived stays, the rest stays marked on both. */
export function interruptResync(host: DrbdHost, resource: DrbdResource, replica: Replica, node: string): void {
  const view = peerOf(replica, node);
  const progress = view.sync;
  if (progress === undefined) return;
  host.cancel(progress.event);
  view.sync = undefined;
  const share = syncedShare(progress.startedAt, progress.endsAt, host.now);
  const arrived = firstWrites(view.dirty, Math.floor(countWrites(view.dirty) * share));
  if (view.replication === 'SyncTarget') copyMarked(replicaOn(resource, node).data, replica.data, arrived, false);
  replace(view.dirty, differenceOf(view.dirty, arrived));
  view.dirtyExtraKib = Math.ceil(view.dirtyExtraKib * (1 - share));
}

/** The network was only away for a moment: a resync that stands still goes on. */
export function continueResync(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const view = peerOf(source, target.node);
  if (view.replication === 'SyncSource' && view.sync === undefined) runSync(host, resource, source, target);
}

/** Share of a resync that is done, from 0 to 1. */
export function syncedShare(startedAt: Millis, endsAt: Millis, now: Millis): number {
  if (endsAt <= startedAt) return 1;
  return Math.min(1, Math.max(0, (now - startedAt) / (endsAt - startedAt)));
}

function runSync(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const onSource = peerOf(source, target.node);
  const totalKib = outOfSyncKib(resource, onSource);
  const lasts =
    totalKib === 0 ? 0 : Math.max(shortestSync, Math.ceil((totalKib * 1000) / source.options['c-max-rate']));
  const payload = { resource: resource.name, a: source.node, b: target.node };
  const event = host.schedule(lasts, 'drbd.sync-end', resource.name, payload);
  const progress = { totalKib, startedAt: host.now, endsAt: host.now + lasts, event };
  onSource.sync = progress;
  peerOf(target, source.node).sync = progress;
}

/** Gives the target the source's content of the marked writes: what the source has not, the target loses. */
function copyMarked(source: WriteSet, target: WriteSet, marked: WriteSet, everything: boolean): void {
  if (everything) {
    replace(target, source);
    return;
  }
  const missingOnSource = differenceOf(marked, source);
  const onSource = differenceOf(marked, missingOnSource);
  replace(target, unionOf(differenceOf(target, missingOnSource), onSource));
}

/** Everybody who takes part and has the same data forgets what it had marked for the target; paused syncs have nothing left to do. */
function tellOthers(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  for (const node of membership(host, resource, source)) {
    const other = replicaOn(resource, node);
    const marks = other.peers.get(target.node);
    if (other === source || other === target || other.kind === 'diskless' || marks === undefined) continue;
    if (!sameGeneration(other.metadata.current, target.metadata.current)) continue;
    rememberGeneration(other.metadata.history, marks.bitmapGeneration);
    marks.bitmapGeneration = noGeneration;
    for (const side of [marks, peerOf(target, node)]) {
      replace(side.dirty, []);
      side.dirtyExtraKib = 0;
      if (side.replication === 'PausedSyncT' || side.replication === 'PausedSyncS') side.replication = 'Established';
    }
  }
}
