import { unreachable } from '../../../model/assert.ts';
import { justCreated, noGeneration, sameGeneration } from './generation.ts';
import type { DrbdOptions } from './options.ts';
import { compareDisks, type DiskState, type Role } from './states.ts';

/** What one side shows of itself when a connection is made. */
export interface HandshakeSide {
  readonly current: string;
  /** Generation its bitmap for the other side counts from. */
  readonly bitmap: string;
  /** The same for its other peers. */
  readonly otherBitmaps: readonly string[];
  readonly history: readonly string[];
  readonly crashedPrimary: boolean;
  /** It was connected to the other side since it came up. */
  readonly reconnect: boolean;
  readonly primaryLostQuorum: boolean;
  readonly discardMyData: boolean;
  readonly disk: DiskState;
  readonly role: Role;
  readonly quorum: boolean;
  /** KiB its bitmap marks for the other side. */
  readonly dirtyKib: number;
  readonly nodeId: number;
}

/** Which way the data goes, as side `a` sees it. `ifBothFailed`: only where the disks do not decide, and never into a running Primary. */
export type Direction = 'none' | 'fromA' | 'toA';

export type Comparison =
  | { readonly kind: 'none'; readonly rule: string }
  | {
      readonly kind: 'sync';
      readonly direction: 'fromA' | 'toA';
      readonly full: boolean;
      readonly ifBothFailed: boolean;
      readonly rule: string;
    }
  | { readonly kind: 'splitBrain'; readonly recoverable: boolean; readonly rule: string }
  | { readonly kind: 'unrelated'; readonly rule: string };

/**
 * Compares the generation identifiers of two disks: the first rule that matches decides
 * (drbd/drbd_receiver.c drbd_uuid_compare; rules for interrupted resyncs of protocol versions below 110 are left out).
 */
export function compareGenerations(a: HandshakeSide, b: HandshakeSide, protocol: DrbdOptions['protocol']): Comparison {
  const newA = sameGeneration(a.current, justCreated);
  const newB = sameGeneration(b.current, justCreated);
  if (newA && newB) return { kind: 'none', rule: 'just-created-both' };
  if (newA) return sync('toA', 'just-created-self', true);
  if (newB) return sync('fromA', 'just-created-peer', true);
  if (sameGeneration(a.current, b.current)) return compareEqual(a, b, protocol);
  if (isIn(a.current, [b.bitmap])) return sync('toA', 'bitmap-peer');
  if (isIn(a.current, b.otherBitmaps)) return sync('toA', 'bitmap-peer-other');
  if (isIn(b.current, [a.bitmap])) return sync('fromA', 'bitmap-self');
  if (isIn(b.current, a.otherBitmaps)) return sync('fromA', 'bitmap-self-other');
  const aInB = isIn(a.current, b.history);
  const bInA = isIn(b.current, a.history);
  if (aInB && !bInA) return sync('toA', 'history-peer', true);
  if (bInA && !aInB) return sync('fromA', 'history-self', true);
  if (a.bitmap !== noGeneration && sameGeneration(a.bitmap, b.bitmap)) {
    return { kind: 'splitBrain', recoverable: true, rule: 'bitmap-both' };
  }
  if (a.history.some((generation) => isIn(generation, b.history))) {
    return { kind: 'splitBrain', recoverable: false, rule: 'history-both' };
  }
  return { kind: 'unrelated', rule: 'no-history' };
}

/** Rules 4 to 9: both have the same current generation. */
function compareEqual(a: HandshakeSide, b: HandshakeSide, protocol: DrbdOptions['protocol']): Comparison {
  if (a.reconnect && b.reconnect) return { kind: 'none', rule: 'reconnected' };
  if (protocol !== 'C' && a.crashedPrimary !== b.crashedPrimary) {
    return sync(a.crashedPrimary ? 'fromA' : 'toA', 'crashed-primary');
  }
  if (a.primaryLostQuorum || b.primaryLostQuorum) {
    if (a.primaryLostQuorum !== b.primaryLostQuorum) {
      return sync(a.primaryLostQuorum ? 'toA' : 'fromA', 'lost-quorum', false, true);
    }
    return sync(a.nodeId < b.nodeId ? 'fromA' : 'toA', 'lost-quorum', false, true);
  }
  if (b.crashedPrimary && a.reconnect) return sync('fromA', 'lost-quorum', false, true);
  if (a.crashedPrimary && b.reconnect) return sync('toA', 'lost-quorum', false, true);
  if (a.reconnect !== b.reconnect) return { kind: 'none', rule: 'lost-quorum' };
  if (a.crashedPrimary && b.crashedPrimary) return sync(a.nodeId < b.nodeId ? 'fromA' : 'toA', 'both-off');
  if (a.crashedPrimary) return sync('fromA', 'both-off');
  if (b.crashedPrimary) return sync('toA', 'both-off');
  return { kind: 'none', rule: 'both-off' };
}

export type Decision =
  | { readonly kind: 'none'; readonly rule: string }
  | { readonly kind: 'sync'; readonly direction: 'fromA' | 'toA'; readonly full: boolean; readonly rule: string }
  /** Both ends give up: split brain or unrelated data. Configuration (`rr-conflict`) does not matter. */
  | { readonly kind: 'disconnect'; readonly rule: string; readonly splitBrain: boolean }
  /** The target would be a Primary with changes on either side: `rr-conflict` decides. */
  | { readonly kind: 'conflict'; readonly rule: string; readonly target: 'a' | 'b' };

/** The whole handshake: comparison, split-brain policies, the discard flag, disk states, roles (drbd_receiver.c drbd_sync_handshake). */
export function decideHandshake(a: HandshakeSide, b: HandshakeSide, options: DrbdOptions): Decision {
  let result = compareGenerations(a, b, options.protocol);
  if (result.kind === 'unrelated') return { kind: 'disconnect', rule: result.rule, splitBrain: false };
  if (result.kind === 'splitBrain') {
    const direction = resolveSplitBrain(a, b, options, result.recoverable);
    if (direction === undefined) return { kind: 'disconnect', rule: result.rule, splitBrain: true };
    result = sync(direction, result.rule, !result.recoverable);
  } else if (a.discardMyData !== b.discardMyData) {
    // Honoured without a split brain too: the flagged side loses, be it the newer one.
    const reversed = a.discardMyData ? 'toA' : 'fromA';
    if (result.kind === 'sync' && !result.ifBothFailed) result = sync(reversed, result.rule, result.full);
  }
  if (result.kind === 'none' || (result.kind === 'sync' && result.ifBothFailed)) {
    const better = betterDisk(a, b);
    const nothingToMove =
      a.dirtyKib === 0 && b.dirtyKib === 0 && a.disk !== 'Inconsistent' && b.disk !== 'Inconsistent';
    if (better !== 'none' && !nothingToMove) result = sync(better, result.rule);
    else if (better !== 'none') result = { kind: 'none', rule: result.rule };
  }
  if (result.kind !== 'sync') return { kind: 'none', rule: result.rule };
  return refuseIntoPrimary(a, b, result);
}

function refuseIntoPrimary(
  a: HandshakeSide,
  b: HandshakeSide,
  result: Extract<Comparison, { kind: 'sync' }>,
): Decision {
  const target = result.direction === 'toA' ? a : b;
  if (target.role === 'Primary') {
    if (result.ifBothFailed) return { kind: 'none', rule: result.rule };
    const changed = a.dirtyKib > 0 || b.dirtyKib > 0;
    if (changed && compareDisks(target.disk, 'Consistent') >= 0) {
      return { kind: 'conflict', rule: result.rule, target: target === a ? 'a' : 'b' };
    }
  }
  return { kind: 'sync', direction: result.direction, full: result.full, rule: result.rule };
}

/** After-split-brain ladder: the only quorate side, the policy for the number of Primaries, the discard flag. Undefined: unresolved. */
function resolveSplitBrain(
  a: HandshakeSide,
  b: HandshakeSide,
  options: DrbdOptions,
  recoverable: boolean,
): 'fromA' | 'toA' | undefined {
  if (recoverable) {
    if (options.quorum !== 'off' && a.quorum !== b.quorum) return a.quorum ? 'fromA' : 'toA';
    const byPolicy = applyPolicy(a, b, options);
    if (byPolicy !== undefined) return byPolicy;
  }
  if (a.discardMyData !== b.discardMyData) return a.discardMyData ? 'toA' : 'fromA';
  return undefined;
}

function applyPolicy(a: HandshakeSide, b: HandshakeSide, options: DrbdOptions): 'fromA' | 'toA' | undefined {
  const primaries = (a.role === 'Primary' ? 1 : 0) + (b.role === 'Primary' ? 1 : 0);
  if (primaries === 0) return policyWithoutPrimary(a, b, options);
  if (primaries === 1) {
    const fromPrimary = a.role === 'Primary' ? 'fromA' : 'toA';
    const without = policyWithoutPrimary(a, b, options);
    switch (options['after-sb-1pri']) {
      case 'discard-secondary':
        return fromPrimary;
      case 'consensus':
      case 'call-pri-lost-after-sb':
        return without === fromPrimary ? without : undefined;
      case 'violently-as0p':
        return without;
      case 'disconnect':
        return undefined;
    }
  }
  return options['after-sb-2pri'] === 'violently-as0p' ? policyWithoutPrimary(a, b, options) : undefined;
}

function policyWithoutPrimary(a: HandshakeSide, b: HandshakeSide, options: DrbdOptions): 'fromA' | 'toA' | undefined {
  const byChanges = a.dirtyKib === b.dirtyKib ? tieBreak(a, b) : a.dirtyKib > b.dirtyKib ? 'fromA' : 'toA';
  const aPrimary = writtenAsPrimary(a.bitmap);
  const bPrimary = writtenAsPrimary(b.bitmap);
  const policy = options['after-sb-0pri'];
  switch (policy) {
    case 'disconnect':
      return undefined;
    case 'discard-zero-changes':
      return a.dirtyKib > 0 && b.dirtyKib > 0 ? undefined : byChanges;
    case 'discard-least-changes':
      return byChanges;
    case 'discard-younger-primary':
      if (aPrimary === bPrimary) return byChanges;
      return aPrimary ? 'fromA' : 'toA';
    case 'discard-older-primary':
      if (aPrimary === bPrimary) return byChanges;
      return aPrimary ? 'toA' : 'fromA';
    case 'discard-local':
      return 'toA';
    case 'discard-remote':
      return 'fromA';
    default:
      return unreachable(policy);
  }
}

function betterDisk(a: HandshakeSide, b: HandshakeSide): Direction {
  const order = compareDisks(a.disk, b.disk);
  // Consistent is UpToDate as far as the data goes.
  if (order === 0 || (compareDisks(a.disk, 'Consistent') >= 0 && compareDisks(b.disk, 'Consistent') >= 0))
    return 'none';
  return order > 0 ? 'fromA' : 'toA';
}

function sync(
  direction: 'fromA' | 'toA',
  rule: string,
  full = false,
  ifBothFailed = false,
): Extract<Comparison, { kind: 'sync' }> {
  return { kind: 'sync', direction, full, ifBothFailed, rule };
}

function isIn(generation: string, others: readonly string[]): boolean {
  return others.some((other) => other !== noGeneration && sameGeneration(generation, other));
}

function writtenAsPrimary(generation: string): boolean {
  return (Number.parseInt(generation.slice(15), 16) & 1) === 1;
}

function tieBreak(a: HandshakeSide, b: HandshakeSide): 'fromA' | 'toA' {
  return a.nodeId < b.nodeId ? 'fromA' : 'toA';
}
