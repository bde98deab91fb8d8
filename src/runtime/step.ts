import { type AnyMachineSnapshot, type AnyStateMachine, initialTransition, transition } from 'xstate';
import type { Effect, Fact, MachineDefinition, MachineRecord } from '../machines/definition.ts';

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
  const [snapshot, actions] = initialTransition(definition.machine, input);
  return resultOf(definition, snapshot, actions, { type: 'deadlinePassed', now, deadline: 'begin' });
}

/**
 * One step of a machine: pure. The host stores the record before it performs any of the effects, and comes back with
 * their outcomes as facts. A machine in a final state ignores every fact.
 */
export function step<Context, View>(
  definition: MachineDefinition<Context, View>,
  record: MachineRecord<Context>,
  fact: Fact<View>,
): StepResult<Context> {
  if (definition.finalStates.has(record.state)) return { record, effects: [] };
  const snapshot = restore(definition.machine, record);
  const [next, actions] = transition(definition.machine, snapshot, fact);
  return resultOf(definition, next, actions, fact);
}

function restore<Context>(machine: AnyStateMachine, record: MachineRecord<Context>): AnyMachineSnapshot {
  return machine.resolveState({ value: record.state, context: record.context });
}

type ExecutableActions = ReturnType<typeof transition>[1];

function resultOf<Context, View>(
  definition: MachineDefinition<Context, View>,
  snapshot: AnyMachineSnapshot,
  actions: ExecutableActions,
  fact: Fact<View>,
): StepResult<Context> {
  const effects: Effect[] = [];
  for (const action of actions) {
    const build = definition.effects[action.type];
    if (build === undefined) continue;
    // An action speaks of the context at its place in the chart, before later assignments of the same step.
    const context = (action.info as { context: Context }).context;
    for (const request of build(context, fact)) effects.push({ name: action.type, request });
  }
  return {
    record: {
      machine: definition.id,
      version: definition.version,
      state: snapshot.value as string,
      context: snapshot.context as Context,
    },
    effects,
  };
}
