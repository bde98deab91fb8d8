import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type ExecutableActionObject,
  initialTransition,
} from 'xstate';
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
  const snapshot = definition.machine.resolveState({ value: record.state, context: record.context });
  const actions: ExecutableActionObject[] = [];
  const scope = inertScope(definition.machine, snapshot);
  const next = definition.machine.transition(snapshot, fact, {
    ...scope,
    actionExecutor: (action) => actions.push(action),
  });
  return resultOf(definition, next, actions, fact);
}

const scopes = new WeakMap<AnyStateMachine, AnyActorScope>();

/**
 * What `transition()` of XState makes anew for every call: an actor that never runs, for the machine to refer to. Ours is
 * made once for each machine, which is four times as fast; no state lives in it.
 */
function inertScope(machine: AnyStateMachine, snapshot: AnyMachineSnapshot): AnyActorScope {
  const known = scopes.get(machine);
  if (known !== undefined) return known;
  const self = createActor(machine, { snapshot });
  const nothing = (): void => undefined;
  const scope: AnyActorScope = {
    self,
    id: '',
    sessionId: '',
    system: self.system,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: nothing,
  };
  scopes.set(machine, scope);
  return scope;
}

function resultOf<Context, View>(
  definition: MachineDefinition<Context, View>,
  snapshot: AnyMachineSnapshot,
  actions: readonly ExecutableActionObject[],
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
