import type { Stage } from '../stage.ts';

/** Says that a property is broken, and by what: names and values, in one line. */
export type Report = (what: string) => void;

/**
 * Something that must hold in every run. `watch` looks at the ground truth while the run goes on, and may answer with
 * what to judge when all has come to rest.
 */
export interface Property {
  /** As `S2`, for documents and traces. */
  readonly id: string;
  readonly name: string;
  /** What holds, in one sentence. */
  readonly says: string;
  watch(stage: Stage, report: Report): (() => void) | undefined;
}
