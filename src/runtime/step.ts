import { type AnyMachineSnapshot, type ExecutableActionObject, initialTransition } from 'xstate';
import type { Effect, Fact, MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { hears, pureTransition } from '../machines/pure-transition.ts';

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
  const [snapshot, actions]: [AnyMachineSnapshot, ExecutableActionObject[]] = initialTransition(
    definition.machine,
    input,
  );
  const fact: Fact<View> = { type: 'deadlinePassed', now, deadline: 'begin' };
  const { id, version } = definition;
  const record = { machine: id, version, state: snapshot.value as string, context: snapshot.context as Context };
  return { record, effects: effectsOf(definition, actions, fact) };
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
  return { record: isSame ? record : { ...record, state, context }, effects };
}

function effectsOf<Context, View>(
  { effects }: MachineDefinition<Context, View>,
  actions: readonly ExecutableActionObject[],
  fact: Fact<View>,
): readonly Effect[] {
  const ordered: Effect[] = [];
  for (const action of actions) {
    const build = effects[action.type];
    if (build === undefined) continue;
    // An action speaks of the context at its place in the chart, before later assignments of the same step.
    const context = (action.info as { context: Context }).context;
    for (const request of build(context, fact)) ordered.push({ name: action.type, request });
  }
  return ordered;
}
