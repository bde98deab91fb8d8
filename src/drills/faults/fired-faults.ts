import type { Tape, TapeItem } from '../tape.ts';
import { reachedFaults } from './catalogue.ts';
import { markOf, type ReachedFault } from './fault.ts';
import { type Fields, matches } from './knob.ts';

/** A fault that a tape may bring about, with the items that stand for each part of its knob. */
interface Expected {
  readonly fault: ReachedFault;
  readonly parts: readonly (readonly TapeItem[])[];
}

/** Tells which faults of the catalogue have fired, by the items of a tape that have. */
export class FiredFaults {
  readonly #expected: readonly Expected[];
  readonly #fired = new Set<TapeItem>();
  readonly #mark: (mark: string) => void;

  constructor({ items, topology }: Tape, mark: (mark: string) => void) {
    this.#mark = mark;
    this.#expected = reachedFaults.flatMap((fault) => {
      if (fault.reach.knob.needs?.holds(topology) === false) return [];
      const parts = fault.reach.knob.items.map((fields) => matchesOf(fields, items));
      return parts.every((candidates) => candidates.length > 0) ? [{ fault, parts }] : [];
    });
  }

  /** An item has done what it does. */
  note(item: TapeItem): void {
    this.#fired.add(item);
    for (const { fault, parts } of this.#expected) {
      const isNew = parts.some((candidates) => candidates.includes(item));
      if (isNew && parts.every((candidates) => candidates.some((each) => this.#fired.has(each))))
        this.#mark(markOf(fault));
    }
  }
}

function matchesOf(fields: Fields, items: readonly TapeItem[]): readonly TapeItem[] {
  return items.filter((item) => matches(fields, item));
}
