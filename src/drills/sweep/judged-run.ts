import type { JsonObject } from '../../model/json.ts';
import { type Onlooker, type RunReport, runTape, untilBroken } from '../run.ts';
import type { Tape } from '../tape.ts';
import { equivalentTo, type Reference } from './crash-equivalence.ts';
import { playReference } from './reference-run.ts';

/**
 * Plays a tape and judges it, by its reference as well when it has probes. The reference is played first, unless it is
 * given.
 */
export function runJudged(
  tape: Tape,
  definitions: readonly JsonObject[],
  reference?: Reference,
  onlooker?: Onlooker,
): RunReport {
  const also = tape.items.some((item) => 'probe' in item)
    ? [equivalentTo(reference ?? playReference(tape, definitions))]
    : [];
  return runTape(tape, definitions, undefined, also, onlooker);
}

/** Whether a tape breaks a property. The run ends where it does. */
export function breaks(tape: Tape, definitions: readonly JsonObject[], property: string): boolean {
  const { violations } = runJudged(tape, definitions, undefined, untilBroken(property));
  return violations.some((violation) => violation.property === property);
}
