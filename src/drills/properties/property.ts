import type { TimelineEntry } from '../record-keeper.ts';
import type { Stage } from '../stage.ts';

/** Hears what a property finds. */
export interface Judge {
  /** The property has looked at something: it holds there, or is broken by `what`: names and values, in one line. */
  check(holds: boolean, what: () => string): void;
}

/** What a property does when the run has come to a point. */
export interface Watch {
  /** Everything that was broken has just been mended. */
  readonly mended?: () => void;
  /** Everything has come to rest. */
  readonly rested?: (timeline: readonly TimelineEntry[]) => void;
}

/** Something that must hold in every run. It looks at the ground truth while the run goes on, and at what was really sent. */
export interface Property {
  /** As `S2`, for documents and traces. */
  readonly id: string;
  readonly name: string;
  /** What holds, in one sentence. */
  readonly says: string;
  /** Begins to look. Undefined: there is nothing to look at later. */
  watch(stage: Stage, judge: Judge): Watch | undefined;
}
