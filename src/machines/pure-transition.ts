import {
  type AnyActorScope,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  createActor,
  type EventObject,
  type ExecutableActionObject,
} from 'xstate';

/** What a transition comes to: the next state and context, and the actions of the chart in their order. */
export interface PureTransition<Context> {
  readonly state: string;
  readonly context: Context;
  readonly actions: readonly ExecutableActionObject[];
}

/**
 * One transition of a flat machine as a pure function of its stored form. As `transition()` of XState, which makes an
 * actor for every call; ours, which never runs, is made once for each machine, and a context that has just come out of
 * a transition brings its snapshot along.
 */
export function pureTransition<Context>(
  machine: AnyStateMachine,
  state: string,
  context: Context,
  event: EventObject,
): PureTransition<Context> {
  const known = snapshots.get(context as object);
  const snapshot: AnyMachineSnapshot =
    known?.machine === machine && known.value === state ? known : machine.resolveState({ value: state, context });
  const actions: ExecutableActionObject[] = [];
  const scope: AnyActorScope = { ...inertScope(machine, snapshot), actionExecutor: (action) => actions.push(action) };
  const next: AnyMachineSnapshot = machine.transition(snapshot, event, scope);
  snapshots.set(next.context, next);
  return { state: next.value as string, context: next.context as Context, actions };
}

/** True when the machine reacts to events of a type in some state. */
export function hears(machine: AnyStateMachine, type: string): boolean {
  let types = heard.get(machine);
  if (types === undefined) {
    types = new Set(machine.events as readonly string[]);
    heard.set(machine, types);
  }
  return types.has(type);
}

const snapshots = new WeakMap<object, AnyMachineSnapshot>();
const heard = new WeakMap<AnyStateMachine, ReadonlySet<string>>();
const scopes = new WeakMap<AnyStateMachine, AnyActorScope>();

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
