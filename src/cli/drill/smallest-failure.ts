import { runTape } from '../../drills/run.ts';
import { scenarioOfFailure } from '../../drills/scenario.ts';
import { shrink } from '../../drills/shrink.ts';
import { breaks } from '../../drills/sweep/judged-run.ts';
import type { Tape } from '../../drills/tape.ts';
import type { JsonObject } from '../../model/json.ts';
import type { DrillFailure } from './messages.ts';

/** What a tape is: `Run 12 of seed 1`, or the file of a scenario; and the number of the run, where it is one. */
export interface TapeOrigin {
  readonly name: string;
  readonly run: number;
}

/** A tape that breaks a property, reduced to what breaks the same one. */
export function smallestFailure(
  definitions: readonly JsonObject[],
  given: Tape,
  property: string,
  { name, run }: TapeOrigin,
): DrillFailure {
  const tape = shrink(given, (candidate) => breaks(candidate, definitions, property));
  const { violations, timeline } = runTape(tape, definitions);
  const broken = violations.toSorted((a, b) => Number(b.property === property) - Number(a.property === property));
  const about = `${name}, reduced: ${broken[0]?.what ?? ''}`;
  return { run, violations: broken, scenario: scenarioOfFailure(tape, property, about), timeline };
}
