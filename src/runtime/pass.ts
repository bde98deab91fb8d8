import { type Look, observationOf, type Seen } from '../model/observation.ts';
import type { ReadPlan } from '../model/read-plan.ts';
import type { Instant, Millis } from '../model/instant.ts';
import { isSameJson } from '../model/json.ts';
import type { Outcome } from '../model/request.ts';
import type { Effect, MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { isPlacedByView } from '../machines/pure-transition.ts';
import { step } from './step.ts';

/** What a host has seen, and what its machine made of it. */
export type LookWithView<View> = Look & Seen<View>;

/** What one pass of a host has decided: the record to store, and the effects to perform once it is stored. */
export interface PassResult<Context, View> {
  readonly record: MachineRecord<Context>;
  readonly effects: readonly Effect[];
  readonly look: LookWithView<View>;
}

/**
 * The pure middle of every host: an observation goes in, then the deadlines that have passed, in the order of their times.
 * A deadline is judged after a fresh look, so that what came true at the last moment counts. Where the observation
 * leads to a state that needs other reads, that state has had no look yet: what is due waits for the next pass. An earlier
 * look of the same host spares thinking about what has not changed since; it changes nothing of what is decided.
 */
export function decide<Context, View>(
  definition: MachineDefinition<Context, View>,
  record: MachineRecord<Context>,
  plan: ReadPlan,
  outcomes: readonly Outcome[],
  now: Instant,
  earlier?: LookWithView<View>,
): PassResult<Context, View> {
  const observation = observationOf(plan, outcomes, now, earlier);
  const view = definition.project(observation, record, earlier);
  const look = { plan, outcomes, observation, view };
  let result = step(definition, record, { type: 'observed', now, view });
  if (result.record.state !== record.state && !covers(plan, definition, result.record)) return { ...result, look };
  let asked = result.effects;
  let timed: readonly Effect[] = [];
  for (const deadline of dueDeadlines(definition, result.record.context, now)) {
    const { state } = result.record;
    result = step(definition, result.record, { type: 'deadlinePassed', now, deadline });
    // Who is out of time orders nothing of what it was about to: what the observation asked for goes with the state.
    if (result.record.state !== state) asked = [];
    timed = definition.finalStates.has(result.record.state) ? result.effects : [...timed, ...result.effects];
  }
  return { record: result.record, effects: [...asked, ...timed], look };
}

/** Tells the machine what became of an effect. The record may change; further effects come with the next pass. */
export function noteOutcome<Context, View>(
  definition: MachineDefinition<Context, View>,
  record: MachineRecord<Context>,
  effect: Effect,
  outcome: Outcome,
  now: Instant,
): MachineRecord<Context> {
  return step(definition, record, { type: 'outcome', now, effect, outcome }).record;
}

/** True for an outcome after which the sites look different to the machine: it looks again at once. */
export function isProgress<Context, View>(
  { reports }: MachineDefinition<Context, View>,
  effect: Effect,
  outcome: Outcome,
): boolean {
  return outcome.kind === 'applied' && !reports.has(effect.name);
}

/**
 * True when a pass has brought the machine into a state that may go on by what was seen already, or that looks at other
 * things. Where every state takes the same way by the same view, a second look at it comes to nothing.
 */
export function isOnItsWay<Context, View>(
  { machine }: MachineDefinition<Context, View>,
  before: MachineRecord<Context>,
  after: MachineRecord<Context>,
): boolean {
  return before.state !== after.state && !isPlacedByView(machine);
}

/** True when nothing would be lost by not storing `b` after `a`. */
export function isSameRecord<Context>(a: MachineRecord<Context>, b: MachineRecord<Context>): boolean {
  return a === b || (a.state === b.state && isSameJson(a.context, b.context));
}

/**
 * When to look again: at once after progress, else at the next deadline or after the poll interval. Progress is a state that
 * may go on (`isOnItsWay`), or an effect that changed something (`isProgress`); a refused effect waits for the next look like everything else.
 */
export function nextLook<Context, View>(
  definition: MachineDefinition<Context, View>,
  record: MachineRecord<Context>,
  progressed: boolean,
  now: Instant,
  poll: Millis,
): Instant {
  if (progressed) return now;
  const deadlines = definition.deadlines(record.context).map(({ at }) => at);
  return Math.min(now + poll, ...deadlines.filter((at) => at > now));
}

/** True when everything was read that the state of the record looks at. */
function covers<Context, View>(
  plan: ReadPlan,
  definition: MachineDefinition<Context, View>,
  { state, context }: MachineRecord<Context>,
): boolean {
  const needed = definition.reads(state, context);
  return (
    needed === plan ||
    needed.every(({ site, subject }) => plan.some((read) => read.site === site && read.subject === subject))
  );
}

function dueDeadlines<Context, View>(
  definition: MachineDefinition<Context, View>,
  context: Context,
  now: Instant,
): readonly string[] {
  return definition
    .deadlines(context)
    .filter(({ at }) => at <= now)
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}
