import type { Effect, Fact, MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { hears, pureBeginning, pureTransition, type TakenAction } from '../machines/pure-transition.ts';

export interface StepResult<Context> {
  readonly record: MachineRecord<Context>;
  readonly effects: readonly Effect[];
}

/** The record with which a machine begins, and the effects of entering its first state. */
export function begin<Context, View>(
  definition: MachineDefinition<Context, View>,
  input: unknown,
  now: number,
): StepResult<Context> {
  const { state, context, actions } = pureBeginning<Context>(definition.machine, input);
  const fact: Fact<View> = { type: 'deadlinePassed', now, deadline: 'begin' };
  const { id, version } = definition;
  return { record: { machine: id, version, state, context }, effects: effectsOf(definition, actions, fact) };
}

/**
 * One step of a machine: pure. The host stores the record before it performs any of the effects, and comes back with
 * their outcomes as facts. A machine in a final state ignores every fact; a step that changes nothing answers the record.
 */
export function step<Context, View>(
  definition: MachineDefinition<Context, View>,
  record: MachineRecord<Context>,
  fact: Fact<View>,
): StepResult<Context> {
  if (definition.finalStates.has(record.state) || !hears(definition.machine, fact.type)) return { record, effects: [] };
  const { state, context, actions } = pureTransition(definition.machine, record.state, record.context, fact);
  const effects = effectsOf(definition, actions, fact);
  const isSame = state === record.state && context === record.context;
  const next = isSame ? record : { ...record, state, context };
  definition.witness?.(record, fact, next);
  return { record: next, effects };
}

function effectsOf<Context, View>(
  { effects }: MachineDefinition<Context, View>,
  actions: readonly TakenAction<Context>[],
  fact: Fact<View>,
): readonly Effect[] {
  const ordered: Effect[] = [];
  // An action speaks of the context at its place in the chart, before later assignments of the same step.
  for (const { type, context } of actions) {
    for (const request of effects[type]?.(context, fact) ?? []) ordered.push({ name: type, request });
  }
  return ordered;
}
