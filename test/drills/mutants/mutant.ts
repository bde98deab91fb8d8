import type { TapeItem } from '../../../src/drills/tape.ts';

/** A change of one source file of the product. */
export type SourceChange =
  /** `from`, which stands there exactly once, becomes `to`. */
  | { readonly file: string; readonly from: string; readonly to: string }
  /** Written at the end of the file: for what is easier to overrule than to rewrite. */
  | { readonly file: string; readonly append: string };

/** A bug, planted into the product's sources as they are loaded. Plain data: it is handed to a thread. */
export interface Mutant {
  readonly id: string;
  /** The property that must break, named from what the bug does and not from what was seen to happen. */
  readonly property: string;
  /** Why it must break. */
  readonly why: string;
  readonly changes: readonly SourceChange[];
  /** The kind of item of a tape without which the bug does nothing: scenarios that have one are played first. */
  readonly first?: TapeItem['kind'];
}

/** A mutant of one rewritten place. */
export function rewrite(
  id: string,
  property: string,
  file: string,
  [from, to]: readonly [from: string, to: string],
  why: string,
): Mutant {
  return { id, property, why, changes: [{ file, from, to }] };
}
