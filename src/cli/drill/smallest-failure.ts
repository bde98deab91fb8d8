import { runTape } from '../../drills/run.ts';
import { scenarioOfFailure } from '../../drills/scenario.ts';
import { shrink } from '../../drills/shrink.ts';
import { tapeOf } from '../../drills/swarm.ts';
import type { JsonObject } from '../../model/json.ts';
import type { DrillFailure } from './messages.ts';

/** A run that breaks a property, reduced to what breaks the same one. */
export function smallestFailure(
  definitions: readonly JsonObject[],
  seed: number,
  run: number,
  property: string,
): DrillFailure {
  const tape = shrink(tapeOf(seed, run), (candidate) =>
    runTape(candidate, definitions).violations.some((violation) => violation.property === property),
  );
  const { violations, timeline } = runTape(tape, definitions);
  const broken = violations.toSorted((a, b) => Number(b.property === property) - Number(a.property === property));
  const about = `Run ${run} of seed ${seed}, reduced: ${broken[0]?.what ?? ''}`;
  return { run, violations: broken, scenario: scenarioOfFailure(tape, property, about), timeline };
}
