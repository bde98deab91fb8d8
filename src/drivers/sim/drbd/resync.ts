import type { Millis } from '../../../model/instant.ts';
import {
  forgetFinishedSlots,
  justCreated,
  noGeneration,
  rememberGeneration,
  rotateIntoSlots,
  sameGeneration,
  setCurrent,
  showExposed,
} from './generation.ts';
import type { DrbdHost } from './host.ts';
import { type DrbdResource, isConnected, outOfSyncKib, type Peer, peerOf, replicaOn, type Replica } from './replica.ts';
import { membership } from './membership.ts';
import { agreeOnMembers, settle } from './settle.ts';
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
  // One end has lost the connection already, the other has not noticed: nothing arrives.
  if (!isConnected(onSource) || !isConnected(onTarget)) return;
  onSource.replication = 'WFBitMapS';
  onTarget.replication = 'WFBitMapT';
  if (full) onSource.dirtyExtraKib = resource.sizeKib;
  if (target.disk === 'UpToDate' || target.disk === 'Consistent') target.disk = 'Outdated';
  exchangeBitmaps(host, resource, source, target);
  settle(host, resource, target);
  settle(host, resource, source);
}

/** The bitmaps are exchanged: both count the union of what either had marked. `refused`: the source gives the connection up. */
export function startResync(
  host: DrbdHost,
  resource: DrbdResource,
  source: Replica,
  target: Replica,
): 'begun' | 'refused' | 'gone' {
  const onSource = peerOf(source, target.node);
  const onTarget = peerOf(target, source.node);
  if (onSource.replication !== 'WFBitMapS' || onTarget.replication !== 'WFBitMapT') return 'gone';
  const marked = unionOf(onSource.dirty, onTarget.dirty);
  const extra = Math.max(onSource.dirtyExtraKib, onTarget.dirtyExtraKib);
  for (const view of [onSource, onTarget]) {
    replace(view.dirty, marked);
    view.dirtyExtraKib = extra;
  }
  const hasSource = [...target.peers.values()].some((peer) => peer.replication === 'SyncTarget');
  const isPaused = hasSource || source.disk === 'Inconsistent';
  if (hasSource && host.raceIsLost('secondSourceRefused', source.node, target.node)) return 'refused';
  onSource.replication = isPaused ? 'PausedSyncS' : 'SyncSource';
  onTarget.replication = isPaused ? 'PausedSyncT' : 'SyncTarget';
  target.disk = 'Inconsistent';
  prepareGenerations(source, target);
  if (!isPaused) runSync(host, resource, source, target);
  settle(host, resource, target);
  settle(host, resource, source);
  return 'begun';
}

/** The last block has arrived: the target's disk is UpToDate and of the source's generation. */
export function finishResync(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const onSource = peerOf(source, target.node);
  const onTarget = peerOf(target, source.node);
  if (onSource.replication !== 'SyncSource' || onTarget.replication !== 'SyncTarget') return;
  copyMarked(source.data, target.data, onSource.dirty, onSource.dirtyExtraKib >= resource.sizeKib);
  takeOverGeneration(resource, source, target);
  for (const view of [onSource, onTarget]) {
    clearMarks(view);
    view.replication = 'Established';
    view.sync = undefined;
  }
  target.disk = source.disk === 'UpToDate' ? 'UpToDate' : target.disk === 'Inconsistent' ? 'Outdated' : target.disk;
  target.crashedPrimary = false;
  source.crashedPrimary = false;
  target.metadata.primaryLostQuorum = false;
  settle(host, resource, target);
  settle(host, resource, source);
  tellOthers(host, resource, source, target);
  spreadGenerations(host, resource, target);
  agreeOnMembers(host, resource, source);
}

/**
 * The target's metadata after a resync, or where none is needed: the source's generation and history, and for everybody
 * whom the source still counts as behind a slot from the generation that the resync began with (drbd/drbd_main.c
 * `drbd_uuid_resync_finished`).
 */
export function takeOverGeneration(resource: DrbdResource, source: Replica, target: Replica): void {
  const { metadata } = target;
  const startedFrom = peerOf(target, source.node).resyncFrom || metadata.current;
  for (const generation of source.metadata.history) rememberGeneration(target, generation);
  for (const slot of source.peers.values()) rememberGeneration(target, slot.bitmapGeneration);
  rememberGeneration(target, source.metadata.spareSlots);
  for (const own of target.peers.values()) {
    if (own.kind === 'diskless') continue;
    const slot = source.peers.get(own.node);
    const isBehind =
      slot !== undefined && slot.bitmapGeneration !== noGeneration && !isOnGeneration(resource, own, source);
    if (isBehind) mergeMarks(own, slot);
    else clearMarks(own);
    const previous = own.bitmapGeneration;
    own.bitmapGeneration = isBehind ? startedFrom : noGeneration;
    rememberGeneration(target, previous);
  }
  rememberGeneration(target, metadata.current);
  setCurrent(target, source.metadata.current);
  peerOf(target, source.node).resyncFrom = '';
}

/** Everybody who hears of the new generations gives up the slots that are done with, and tells that to the others in turn. */
function spreadGenerations(host: DrbdHost, resource: DrbdResource, from: Replica): void {
  const heard = new Set([from.node]);
  const speakers = [from];
  for (const speaker of speakers) {
    showExposed(resource, speaker);
    settle(host, resource, speaker);
    for (const view of speaker.peers.values()) {
      const listener = isConnected(view) ? resource.replicas.get(view.node) : undefined;
      if (listener === undefined || listener.disk === 'Diskless' || heard.has(listener.node)) continue;
      heard.add(listener.node);
      if (forgetFinishedSlots(listener, speaker)) speakers.push(listener);
    }
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
  if (view.replication === 'VerifyS' || view.replication === 'VerifyT') {
    if (view.replication === 'VerifyS') view.verifiedShare += (1 - view.verifiedShare) * share;
    return;
  }
  const arrived = firstWrites(view.dirty, Math.floor(countWrites(view.dirty) * share));
  if (view.replication === 'SyncTarget') copyMarked(replicaOn(resource, node).data, replica.data, arrived, false);
  replace(view.dirty, differenceOf(view.dirty, arrived));
  view.dirtyExtraKib = Math.ceil(view.dirtyExtraKib * (1 - share));
}

/** The network was only away for a moment: a resync that stands still goes on. */
export function continueResync(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const view = peerOf(source, target.node);
  if (view.replication === 'SyncSource' && view.sync === undefined) runSync(host, resource, source, target);
  if (view.replication === 'WFBitMapS') exchangeBitmaps(host, resource, source, target);
}

function exchangeBitmaps(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  const payload = { resource: resource.name, a: source.node, b: target.node };
  host.schedule(bitmapExchange, 'drbd.sync-start', resource.name, payload);
}

/** Share of a resync that is done, from 0 to 1. */
export function syncedShare(startedAt: Millis, endsAt: Millis, now: Millis): number {
  if (endsAt <= startedAt) return 1;
  return Math.min(1, Math.max(0, (now - startedAt) / (endsAt - startedAt)));
}

/** A target that never had data starts from the generation that its source tracks it by; peers that are away from the present one. */
function prepareGenerations(source: Replica, target: Replica): void {
  const view = peerOf(target, source.node);
  if (target.metadata.current === justCreated) {
    const initial = peerOf(source, target.node);
    if (initial.bitmapGeneration === noGeneration) initial.bitmapGeneration = source.metadata.current;
    setCurrent(target, initial.bitmapGeneration);
    return;
  }
  view.resyncFrom = target.metadata.current;
  rotateIntoSlots(target, target.metadata.current, () => false);
}

function isOnGeneration(resource: DrbdResource, peer: Peer, source: Replica): boolean {
  if (peer.node === source.node) return true;
  const there = isConnected(peer) ? resource.replicas.get(peer.node) : undefined;
  return there !== undefined && sameGeneration(there.metadata.current, source.metadata.current);
}

function mergeMarks(own: Peer, slot: Peer): void {
  replace(own.dirty, unionOf(own.dirty, slot.dirty));
  own.dirtyExtraKib = Math.max(own.dirtyExtraKib, slot.dirtyExtraKib);
}

function clearMarks(peer: Peer): void {
  replace(peer.dirty, []);
  peer.dirtyExtraKib = 0;
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

/** Paused syncs to the same target have nothing left to do where their source has the same data. */
function tellOthers(host: DrbdHost, resource: DrbdResource, source: Replica, target: Replica): void {
  for (const node of membership(host, resource, source)) {
    const other = replicaOn(resource, node);
    const marks = other.peers.get(target.node);
    if (other === source || other === target || other.kind === 'diskless' || marks === undefined) continue;
    if (!sameGeneration(other.metadata.current, target.metadata.current)) continue;
    for (const side of [marks, peerOf(target, node)]) {
      clearMarks(side);
      if (side.replication === 'PausedSyncT' || side.replication === 'PausedSyncS') side.replication = 'Established';
    }
  }
}
