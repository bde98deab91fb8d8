import type { Cells } from '../cells.ts';

/**
 * One choice of what happens next, as a number: its kind, and two small numbers that say whose. In one state no two choices have
 * the same number; the same number means the same in every state.
 */
export type Move = number;

export const kinds = {
  look: 0,
  store: 1,
  ask: 2,
  act: 3,
  start: 4,
  crash: 5,
  stall: 6,
  loseAnswer: 7,
  loseRequest: 8,
  reconcile: 9,
  obey: 10,
  guest: 11,
  breaks: 12,
  mends: 13,
  cancel: 14,
  order: 15,
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

export function moveOf(kind: Kind, who = 0, which = 0): Move {
  return (kind << 8) | (who << 4) | which;
}

export function partsOf(move: Move): { readonly kind: number; readonly who: number; readonly which: number } {
  return { kind: move >> 8, who: (move >> 4) & 15, which: move & 15 };
}

/** True for what happens without anybody's breaking or deciding anything: a state in which only other things can happen is at rest. */
export function isOfItself(move: Move): boolean {
  const { kind } = partsOf(move);
  return kind <= kinds.start || kind === kinds.mends || (kind >= kinds.reconcile && kind <= kinds.guest);
}

/** Where the moves from a state are gathered. */
export interface Gathering {
  /** The state that is left. Never changed. */
  readonly from: Cells;
  /** A copy of it to change, good until the next one is asked for. */
  readonly fresh: () => Cells;
  /** Reports the state that the last copy has become. */
  readonly found: (move: Move) => void;
  /** Says that the move which is reported next breaks a property. */
  readonly breaks: (property: string, what: string) => void;
}
