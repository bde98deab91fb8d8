import type { RandomStream } from '../random.ts';
import { type DrbdResource, isConnected, type Peer, type Replica } from './replica.ts';
import { compareDisks } from './states.ts';

/** No generation. */
export const noGeneration = '0000000000000000';

/** Metadata that was just created and never had data. */
export const justCreated = '0000000000000004';

const historyLength = 32;

/** Compares two generation identifiers without bit 0, which only says "written as Primary". */
export function sameGeneration(a: string, b: string): boolean {
  return a === b || withoutPrimaryBit(a) === withoutPrimaryBit(b);
}

export function withoutPrimaryBit(generation: string): string {
  const last = Number.parseInt(generation.slice(15), 16);
  return (last & 1) === 0 ? generation : generation.slice(0, 15) + (last - 1).toString(16).toUpperCase();
}

export function withPrimaryBit(generation: string): string {
  const last = Number.parseInt(generation.slice(15), 16);
  return generation.slice(0, 15) + (last | 1).toString(16).toUpperCase();
}

export function freshGeneration(random: RandomStream): string {
  return withoutPrimaryBit(random.hex(16).toUpperCase());
}

/**
 * Puts a generation into the history of a disk, unless it is known there already (drbd/drbd_main.c
 * `_drbd_uuid_push_history`; slots are compared with their bit 0).
 */
export function rememberGeneration(replica: Replica, generation: string): void {
  const kept = withoutPrimaryBit(generation);
  const { current, history, spareSlots } = replica.metadata;
  if (kept === noGeneration || kept === justCreated || sameGeneration(kept, current) || kept === spareSlots) return;
  for (const peer of replica.peers.values()) if (peer.bitmapGeneration === kept) return;
  if (!history.includes(kept)) pushGeneration(history, kept);
}

/**
 * Makes the generation that is due, at the first I/O of any kind, reads too (drbd/drbd_main.c drbd_uuid_new_current,
 * called from the common entry of all requests). Only a bitmap slot that newly takes the old generation needs one:
 * a slot of an absent or weak peer, or, once, the slots that no peer uses. Answers whether there is a new generation.
 */
export function makeDueGeneration(resource: DrbdResource, replica: Replica, random: RandomStream): boolean {
  if (!replica.newGenerationDue) return false;
  replica.newGenerationDue = false;
  return replica.disk === 'UpToDate'
    ? renewGeneration(resource, replica, random)
    : renewOnPeers(resource, replica, random);
}

/**
 * Rotates at once, where a slot needs it. `forced` (a disk was declared UpToDate): peers that never had data count from the
 * old generation too, and nobody takes the new one over. Answers whether there is a new generation.
 */
export function renewGeneration(
  resource: DrbdResource,
  replica: Replica,
  random: RandomStream,
  forced = false,
): boolean {
  const { metadata } = replica;
  const old = metadata.current === justCreated ? random.hex(16).toUpperCase() : metadata.current;
  const isFirst = metadata.spareSlots === noGeneration;
  const initial = (peer: Peer) => forced && peer.disk === 'Inconsistent' && peer.replication === 'Established';
  if (!rotateIntoSlots(replica, old, initial)) return false;
  if (isFirst && metadata.current !== justCreated) pushGeneration(metadata.history, withoutPrimaryBit(old));
  setCurrent(replica, freshGeneration(random));
  if (!forced) handOver(resource, replica, weakNodesOf(replica));
  else showExposed(resource, replica);
  return true;
}

/** Sets the current generation with the bit of the role (drbd/drbd_main.c `__drbd_uuid_set_current`). */
export function setCurrent(replica: Replica, generation: string): void {
  replica.metadata.current = replica.role === 'Primary' ? withPrimaryBit(generation) : withoutPrimaryBit(generation);
  replica.exposed = withoutPrimaryBit(generation);
}

/**
 * Bitmaps for peers that may miss what comes now count from the old generation (drbd/drbd_main.c
 * `rotate_current_into_bitmap`). Answers whether some slot is new.
 */
export function rotateIntoSlots(replica: Replica, old: string, isWeak: (peer: Peer) => boolean): boolean {
  let rotated = false;
  for (const peer of replica.peers.values()) {
    if (peer.bitmapGeneration !== noGeneration && peer.bitmapGeneration !== old) continue;
    if (peer.disk === 'Diskless' && peer.kind === 'diskless') continue;
    if (compareDisks(peer.disk, 'DUnknown') > 0 && !isWeak(peer)) continue;
    peer.bitmapGeneration = old;
    rotated = true;
  }
  const { metadata } = replica;
  if (metadata.spareSlots !== noGeneration && metadata.spareSlots !== old) return rotated;
  metadata.spareSlots = old;
  return true;
}

/** Slots that the peer, being on the same generation, does not have are done with (drbd_uuid_detect_finished_resyncs). */
export function forgetFinishedSlots(replica: Replica, heard: Replica): boolean {
  if (!sameGeneration(replica.metadata.current, heard.metadata.current)) return false;
  if (heard.disk !== 'UpToDate' && heard.disk !== 'Outdated' && heard.disk !== 'Consistent') return false;
  let changed = false;
  for (const slot of replica.peers.values()) {
    const theirs = slot.node === heard.node ? noGeneration : heard.peers.get(slot.node)?.bitmapGeneration;
    if (theirs !== noGeneration || slot.bitmapGeneration === noGeneration) continue;
    if (slot.node !== heard.node && slot.replication !== 'Off' && slot.replication !== 'Established') continue;
    const previous = slot.bitmapGeneration;
    slot.bitmapGeneration = noGeneration;
    rememberGeneration(replica, previous);
    slot.dirty.length = 0;
    slot.dirtyExtraKib = 0;
    changed = true;
  }
  return changed;
}

/** Nodes that a new generation does not reach: all without a usable disk that is connected (`drbd_weak_nodes_device`). */
function weakNodesOf(replica: Replica): ReadonlySet<string> {
  const weak = new Set<string>();
  if (replica.disk !== 'UpToDate') weak.add(replica.node);
  for (const peer of replica.peers.values()) if (isWeak(peer)) weak.add(peer.node);
  return weak;
}

/** True for a peer, as it is seen, whose disk does not take part in what is written now. */
export function isWeak({ disk }: Pick<Peer, 'disk'>): boolean {
  return compareDisks(disk, 'Failed') <= 0 || disk === 'DUnknown' || disk === 'Outdated';
}

/** Connected peers take the new generation over; for the weak ones they count from their old one as well. */
function handOver(resource: DrbdResource, from: Replica, weak: ReadonlySet<string>): void {
  const fresh = from.metadata.current;
  for (const view of from.peers.values()) {
    const peer = isConnected(view) ? resource.replicas.get(view.node) : undefined;
    if (peer === undefined || weak.has(peer.node)) continue;
    receiveGeneration(peer, fresh, weak);
    showExposed(resource, peer);
  }
  showExposed(resource, from);
}

/** drbd/drbd_main.c `drbd_uuid_received_new_current`. */
function receiveGeneration(replica: Replica, fresh: string, weak: ReadonlySet<string>): void {
  for (const peer of replica.peers.values()) {
    if (peer.replication === 'SyncTarget' || peer.replication === 'PausedSyncT') return;
  }
  const old = replica.metadata.current;
  if (replica.disk === 'UpToDate') {
    if (replica.metadata.spareSlots === noGeneration) pushGeneration(replica.metadata.history, withoutPrimaryBit(old));
    rotateIntoSlots(replica, old, (peer) => weak.has(peer.node));
  }
  for (const peer of replica.peers.values()) {
    if (peer.kind === 'diskless' || weak.has(peer.node) || peer.bitmapGeneration === noGeneration) continue;
    const previous = peer.bitmapGeneration;
    peer.bitmapGeneration = fresh;
    rememberGeneration(replica, previous);
  }
  setCurrent(replica, fresh);
  rememberGeneration(replica, old);
}

/** Connected peers hear the generation; one without disk takes over what an UpToDate peer shows, unless it is Primary (receive_uuids). */
export function showExposed(resource: DrbdResource, from: Replica): void {
  const generation = withoutPrimaryBit(from.metadata.current);
  for (const view of from.peers.values()) {
    const viewer = isConnected(view) ? resource.replicas.get(view.node) : undefined;
    const back = viewer?.peers.get(from.node);
    if (viewer === undefined || back === undefined) continue;
    back.heard = generation;
    if (viewer.disk === 'Diskless' && viewer.role !== 'Primary' && back.disk === 'UpToDate')
      viewer.exposed = generation;
  }
}

/** A Primary without UpToDate data of its own: peers with data store the new generation, where one of them has a free slot. */
function renewOnPeers(resource: DrbdResource, replica: Replica, random: RandomStream): boolean {
  const upToDate = [...replica.peers.values()].filter((peer) => isConnected(peer) && peer.disk === 'UpToDate');
  const isNeeded = upToDate.some((view) =>
    [...(resource.replicas.get(view.node)?.peers.values() ?? [])].some(
      (slot) =>
        slot.bitmapGeneration === noGeneration &&
        slot.kind === 'diskful' &&
        (slot.node !== replica.node || replica.kind === 'diskful'),
    ),
  );
  if (!isNeeded) return false;
  const fresh = freshGeneration(random);
  const weak = weakNodesOf(replica);
  replica.exposed = fresh;
  for (const view of upToDate) {
    const peer = resource.replicas.get(view.node);
    view.heard = fresh;
    if (peer !== undefined) receiveGeneration(peer, fresh, weak);
  }
  return true;
}

function pushGeneration(history: string[], generation: string): void {
  history.unshift(generation);
  if (history.length > historyLength) history.length = historyLength;
}
