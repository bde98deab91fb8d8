import { runTape } from '../../drills/run.ts';
import { scenarioOfFailure } from '../../drills/scenario.ts';
import { shrink } from '../../drills/shrink.ts';
import { soakTape } from '../../drills/soak/soak-tape.ts';
import { breaks } from '../../drills/sweep/judged-run.ts';
import type { SoakAnswer, SoakOrder } from './messages.ts';

/** Plays a soak, and reduces it when it fails. An operation that does not succeed ends it: the next one waits for that. */
export function soak({ definitions, settings }: SoakOrder): SoakAnswer {
  const tape = soakTape(settings);
  const { verdict, violations, marks, simulated, events, timeline } = runTape(tape, definitions);
  const succeeded = [...marks].filter((mark) => /^move-\d+ succeeded$/.test(mark)).length;
  const answer = { kind: 'soaked', succeeded, simulated, events } as const;
  const broken = violations[0];
  if (broken === undefined) {
    if (succeeded === settings.operations) return { ...answer, verdict };
    const what = `move-${succeeded + 1} did not succeed, and the rest was never ordered`;
    const scenario = {
      about: what,
      ...tape,
      expect: { verdict: 'pass' as const, marks: [`move-${succeeded + 1} succeeded`] },
    };
    return { ...answer, verdict: 'fail', failure: { what, scenario, timeline } };
  }
  const { property } = broken;
  const smallest = shrink(tape, (candidate) => breaks(candidate, definitions, property));
  const report = runTape(smallest, definitions);
  const what = `${property} is broken: ${report.violations.find((violation) => violation.property === property)?.what ?? ''}`;
  const scenario = scenarioOfFailure(smallest, property, what);
  return { ...answer, verdict, failure: { property, what, scenario, timeline: report.timeline } };
}
