import type { JsonObject } from '../../model/json.ts';
import type { TimelineEntry, Violation } from '../record-keeper.ts';
import type { RunReport } from '../run.ts';
import { type Scenario, scenarioOfFailure, tapeOfScenario } from '../scenario.ts';
import { shrink } from '../shrink.ts';
import type { Tape } from '../tape.ts';
import { effectPlans } from './effect-plans.ts';
import { hiddenPlans } from './hidden-plans.ts';
import { breaks, runJudged } from './judged-run.ts';
import type { Plan } from './plan.ts';
import { playReference, type ReferenceRun } from './reference-run.ts';
import { stalePlans } from './stale-plans.ts';

/** All that is to be done to one scenario. */
export interface ScenarioSweep {
  readonly tape: Tape;
  readonly reference: ReferenceRun;
  readonly plans: readonly Plan[];
}

/** What came of a plan. */
export interface PlanResult {
  readonly plan: Plan;
  readonly verdict: RunReport['verdict'];
  readonly failure?: PlanFailure;
}

/** A plan that failed, as the smallest scenario that fails in the same way. */
export interface PlanFailure {
  readonly violations: readonly Violation[];
  readonly scenario: Scenario;
  readonly timeline: readonly TimelineEntry[];
}

/** Plays the reference run of a scenario, and derives from it what can go wrong. */
export function planSweep(scenario: Scenario, definitions: readonly JsonObject[]): ScenarioSweep {
  const tape = tapeOfScenario(scenario);
  const reference = playReference(tape, definitions);
  const plans = [...effectPlans(reference, tape.items), ...stalePlans(reference), ...hiddenPlans(reference)];
  return { tape, reference, plans };
}

/** Executes one of the plans. One that breaks a property is reduced, if `isNew` says that none like it has been. */
export function executePlan(
  { tape, reference }: ScenarioSweep,
  plan: Plan,
  definitions: readonly JsonObject[],
  isNew: (property: string) => boolean = () => true,
): PlanResult {
  const disturbed = { ...tape, items: [...tape.items, plan.item] };
  const { verdict, violations } = runJudged(disturbed, definitions, reference);
  const property = violations[0]?.property;
  if (property === undefined) return { plan, verdict };
  const fails = (candidate: Tape): boolean => breaks(candidate, definitions, property);
  const smallest = isNew(property) ? shrink(disturbed, fails) : disturbed;
  const report = runJudged(smallest, definitions);
  const about = `${plan.about}, ${plan.kind}: ${report.violations[0]?.what ?? ''}`;
  const failure = {
    violations: report.violations,
    timeline: report.timeline,
    scenario: scenarioOfFailure(smallest, property, about),
  };
  return { plan, verdict, failure };
}
