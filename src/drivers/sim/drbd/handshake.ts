import { unreachable } from '../../../model/assert.ts';
import { justCreated, noGeneration, sameGeneration } from './generation.ts';
import type { DrbdOptions } from './options.ts';
import { compareDisks, type DiskState, type Role } from './states.ts';

/** What one side shows of itself when a connection is made. */
export interface HandshakeSide {
  readonly current: string;
  /** Generation its bitmap for the other side counts from. */
  readonly bitmap: string;
  /** The same for its other peers; an empty name: for nodes that it has never met. */
  readonly otherBitmaps: readonly { readonly node: string; readonly generation: string }[];
  readonly history: readonly string[];
  readonly crashedPrimary: boolean;
  /** It was connected to the other side since it came up. */
  readonly reconnect: boolean;
  readonly primaryLostQuorum: boolean;
  readonly discardMyData: boolean;
  /** Nobody feeds it: no connected Primary, no running resync into it. */
  readonly isStable: boolean;
  readonly disk: DiskState;
  readonly role: Role;
  readonly quorum: boolean;
  /** KiB its bitmap marks for the other side. */
  readonly dirtyKib: number;
  readonly nodeId: number;
}

/** How two disks relate. `ifBothFailed`: the direction counts only where neither disks nor a running Primary decide it. */
export type Comparison =
  | { readonly kind: 'none'; readonly rule: string }
  | {
      readonly kind: 'sync';
      readonly direction: 'fromA' | 'toA';
      readonly full: boolean;
      readonly ifBothFailed: boolean;
      readonly rule: string;
      /** The source's bitmap for this node tells what the target lacks. */
      readonly bitmapOf?: string;
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
  const onB = b.otherBitmaps.find(({ generation }) => isIn(a.current, [generation]));
  if (onB !== undefined) return { ...sync('toA', 'bitmap-peer-other'), bitmapOf: onB.node };
  if (isIn(b.current, [a.bitmap])) return sync('fromA', 'bitmap-self');
  const onA = a.otherBitmaps.find(({ generation }) => isIn(b.current, [generation]));
  if (onA !== undefined) return { ...sync('fromA', 'bitmap-self-other'), bitmapOf: onA.node };
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
      return sync(a.primaryLostQuorum ? 'fromA' : 'toA', 'lost-quorum', false, true);
    }
    return sync(a.nodeId < b.nodeId ? 'fromA' : 'toA', 'lost-quorum', false, true);
  }
  if (b.crashedPrimary && a.reconnect) return sync('fromA', 'lost-quorum', false, true);
  if (a.crashedPrimary && b.reconnect) return sync('toA', 'lost-quorum', false, true);
  if (a.reconnect !== b.reconnect) return { kind: 'none', rule: 'lost-quorum' };
  if (a.crashedPrimary && b.crashedPrimary) {
    return sync(a.nodeId < b.nodeId ? 'fromA' : 'toA', 'both-off', false, true);
  }
  if (a.crashedPrimary) return sync('fromA', 'both-off', false, true);
  if (b.crashedPrimary) return sync('toA', 'both-off', false, true);
  return { kind: 'none', rule: 'both-off' };
}

export type Decision =
  /** `isLevel`: marks are forgotten. Otherwise a split brain that is looked at when both ends are stable. */
  | { readonly kind: 'none'; readonly rule: string; readonly isLevel: boolean }
  | {
      readonly kind: 'sync';
      readonly direction: 'fromA' | 'toA';
      readonly full: boolean;
      readonly rule: string;
      readonly bitmapOf?: string | undefined;
    }
  /** Both ends give up: split brain or unrelated data. Configuration (`rr-conflict`) does not matter. */
  | { readonly kind: 'disconnect'; readonly rule: string; readonly splitBrain: boolean }
  /** The target would be a Primary with changes on either side: `rr-conflict` decides. */
  | { readonly kind: 'conflict'; readonly rule: string; readonly target: 'a' | 'b' };

/** The whole handshake: comparison, disk states, split-brain policies, the discard flag, roles (drbd_receiver.c drbd_sync_handshake). */
export function decideHandshake(a: HandshakeSide, b: HandshakeSide, options: DrbdOptions): Decision {
  let result = byDisks(a, b, compareGenerations(a, b, options.protocol));
  if (result.kind === 'unrelated') return { kind: 'disconnect', rule: result.rule, splitBrain: false };
  if (result.kind === 'splitBrain') {
    if (result.recoverable && !(a.isStable && b.isStable)) return { kind: 'none', rule: result.rule, isLevel: false };
    const direction = resolveSplitBrain(a, b, options, result.recoverable);
    if (direction === undefined) return { kind: 'disconnect', rule: result.rule, splitBrain: true };
    result = sync(direction, result.rule, !result.recoverable);
  } else if (result.kind === 'sync' && a.discardMyData !== b.discardMyData) {
    // Honoured without a split brain too: the flagged side loses, be it the newer one, if the other has anything to give.
    const direction = a.discardMyData ? 'toA' : 'fromA';
    const source = direction === 'fromA' ? a : b;
    if (compareDisks(source.disk, 'Inconsistent') > 0) result = { ...result, direction };
  }
  if (result.kind !== 'sync') return { kind: 'none', rule: result.rule, isLevel: true };
  return withRoles(a, b, result, options['rr-conflict']);
}

/** The handshake of a disk that is attached while its node is connected: neither roles nor the flag count (drbd_attach_handshake). */
export function decideAttach(a: HandshakeSide, b: HandshakeSide, protocol: DrbdOptions['protocol']): Comparison {
  return byDisks(a, b, compareGenerations(a, b, protocol));
}

/** Where the generations do not care, or see no difference, the better disk is the source (drbd_receiver.c disk_states_to_strategy). */
function byDisks(a: HandshakeSide, b: HandshakeSide, result: Comparison): Comparison {
  const order = compareDisks(a.disk, b.disk);
  if (order === 0 || compareDisks(a.disk, 'Inconsistent') < 0 || compareDisks(b.disk, 'Inconsistent') < 0)
    return result;
  const oneIsInconsistent = (a.disk === 'Inconsistent') !== (b.disk === 'Inconsistent');
  const isOpen = result.kind === 'sync' ? result.ifBothFailed : result.kind === 'none' && oneIsInconsistent;
  return isOpen ? sync(order > 0 ? 'fromA' : 'toA', result.rule) : result;
}

function withRoles(
  a: HandshakeSide,
  b: HandshakeSide,
  result: Extract<Comparison, { kind: 'sync' }>,
  conflict: DrbdOptions['rr-conflict'],
): Decision {
  const { rule, full, bitmapOf } = result;
  const aIsPrimary = a.role === 'Primary';
  const bIsPrimary = b.role === 'Primary';
  if (result.ifBothFailed && (aIsPrimary || bIsPrimary)) {
    if (aIsPrimary && bIsPrimary) return { kind: 'none', rule, isLevel: true };
    return { kind: 'sync', direction: aIsPrimary ? 'fromA' : 'toA', full, rule };
  }
  const target = result.direction === 'toA' ? a : b;
  const isChanged = a.dirtyKib > 0 || b.dirtyKib > 0;
  const isInDanger = target.role === 'Primary' && isChanged && compareDisks(target.disk, 'Consistent') >= 0;
  if (isInDanger && conflict !== 'violently') return { kind: 'conflict', rule, target: target === a ? 'a' : 'b' };
  return { kind: 'sync', direction: result.direction, full, rule, bitmapOf };
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
