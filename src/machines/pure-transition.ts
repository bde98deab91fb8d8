import type { AnyStateMachine } from 'xstate';
import { isSameJson } from '../model/json.ts';
import { oncePer } from '../model/memo.ts';
import { type ChartAction, type TransitionTable, transitionTableOf } from './transition-table.ts';

/** An action that a transition asks for, with the context at its place in the chart. */
export interface TakenAction<Context> {
  readonly type: string;
  readonly context: Context;
}

/** What a transition comes to: the next state and context, and the actions of the chart in their order. */
export interface PureTransition<Context> {
  readonly state: string;
  readonly context: Context;
  readonly actions: readonly TakenAction<Context>[];
}

/**
 * One transition of a machine as a pure function of its stored form: what XState's `transition()` comes to, by the table of
 * the same chart. What an assignment writes as it was before keeps its identity, and with it the context when nothing has
 * changed: contexts are plain data, so nobody can tell, and whoever compares or derives need not look twice.
 */
export function pureTransition<Context>(
  machine: AnyStateMachine,
  state: string,
  context: Context,
  event: { readonly type: string },
): PureTransition<Context> {
  const { arrows } = tableOf(machine);
  for (const { guard, guardParams, target, actions } of arrows[state]?.[event.type] ?? []) {
    if (guard === undefined || guard({ context, event }, guardParams) === true)
      return take(actions, target, context, event);
  }
  return { state, context, actions: [] };
}

/** The state and context with which a machine begins, and the actions of entering it. */
export function pureBeginning<Context>(machine: AnyStateMachine, input: unknown): PureTransition<Context> {
  const { initial, initialActions, initialContext } = tableOf(machine);
  const context = initialContext({ input }) as Context;
  return take(initialActions, initial, context, { type: 'xstate.init', input });
}

/** True when the machine reacts to events of a type in some state. */
export function hears(machine: AnyStateMachine, type: string): boolean {
  return tableOf(machine).events.has(type);
}

/** True when a state decides nothing: every state takes the same way by the same view. */
export function isPlacedByView(machine: AnyStateMachine): boolean {
  return tableOf(machine).hasCommonArrowsOnly;
}

const tableOf: (machine: AnyStateMachine) => TransitionTable = oncePer(transitionTableOf);

function take<Context>(
  actions: readonly ChartAction[],
  state: string,
  before: Context,
  event: unknown,
): PureTransition<Context> {
  let context = before;
  const taken: TakenAction<Context>[] = [];
  for (const action of actions) {
    if (action.assignment === undefined) taken.push({ type: action.type, context });
    else context = assigned(context, action, event);
  }
  return { state, context, actions: taken };
}

function assigned<Context>(context: Context, { assignment, params }: ChartAction, event: unknown): Context {
  const args = { context, event };
  const update = (typeof assignment === 'function' ? assignment(args, params) : assignment) as Record<string, unknown>;
  const before = context as Readonly<Record<string, unknown>>;
  let next: Record<string, unknown> | undefined;
  for (const field of Object.keys(update)) {
    const given = update[field];
    const value = typeof assignment === 'object' && typeof given === 'function' ? given(args, params) : given;
    if (field in before && isSameJson(before[field], value)) continue;
    next ??= { ...before };
    next[field] = value;
  }
  return next === undefined ? context : (next as Context);
}
