import type { RandomStream } from '../random.ts';
import { type DrbdResource, isConnected, type Replica } from './replica.ts';

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

export function rememberGeneration(history: string[], generation: string): void {
  const kept = withoutPrimaryBit(generation);
  if (kept === noGeneration || kept === justCreated || history[0] === kept) return;
  history.unshift(kept);
  if (history.length > historyLength) history.length = historyLength;
}

/**
 * Makes the generation that is due, at the first I/O of any kind, reads too (drbd/drbd_main.c drbd_uuid_new_current,
 * called from the common entry of all requests). Only a bitmap slot that newly takes the old generation needs one:
 * a slot of an absent or weak peer, or, once, the slots that no peer uses. Answers whether there is a new generation.
 */
export function makeDueGeneration(resource: DrbdResource, replica: Replica, random: RandomStream): boolean {
  if (!replica.newGenerationDue || replica.disk !== 'UpToDate') return false;
  replica.newGenerationDue = false;
  return renewGeneration(resource, replica, random);
}

/** Why a generation is made: for I/O where a slot needs it; forced over a disk that was not UpToDate, or not even consistent, in any case. */
export type RotationCause = 'io' | 'forcedOverOldData' | 'forcedOverMixedData';

/** Rotates at once. Answers whether there is a new generation. */
export function renewGeneration(
  resource: DrbdResource,
  replica: Replica,
  random: RandomStream,
  cause: RotationCause = 'io',
): boolean {
  const { metadata } = replica;
  const old = metadata.current;
  const weak = [...replica.peers.values()].filter(
    (peer) =>
      peer.bitmapGeneration === noGeneration &&
      (peer.kind === 'diskful' ? !isConnected(peer) || peer.disk !== 'UpToDate' : !isConnected(peer)),
  );
  const spareUsed = metadata.spareSlots !== noGeneration;
  if (weak.length === 0 && spareUsed && cause === 'io') return false;
  for (const peer of weak) peer.bitmapGeneration = old;
  if (!spareUsed && cause !== 'forcedOverMixedData') {
    rememberGeneration(metadata.history, old);
    metadata.spareSlots = old;
  }
  const fresh = freshGeneration(random);
  metadata.current = replica.role === 'Primary' ? withPrimaryBit(fresh) : fresh;
  handOver(resource, replica, old, fresh, new Set(weak.map((peer) => peer.node)));
  return true;
}

/** Connected peers take the new generation over; for the weak ones they count from the old generation as well. */
function handOver(resource: DrbdResource, from: Replica, old: string, fresh: string, weak: ReadonlySet<string>): void {
  for (const view of from.peers.values()) {
    if (!isConnected(view)) continue;
    const peer = resource.replicas.get(view.node);
    if (peer === undefined) continue;
    if (peer.kind === 'diskless') {
      if (peer.exposed === '' || sameGeneration(peer.exposed, old)) peer.exposed = fresh;
    } else if (peer.disk === 'UpToDate' && sameGeneration(peer.metadata.current, old)) {
      rememberGeneration(peer.metadata.history, old);
      peer.metadata.current = peer.role === 'Primary' ? withPrimaryBit(fresh) : fresh;
      for (const third of peer.peers.values()) {
        if (weak.has(third.node) && third.bitmapGeneration === noGeneration) third.bitmapGeneration = old;
      }
    }
  }
}
