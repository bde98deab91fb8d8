import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { assert } from '../model/assert.ts';

/** What guards and assignments of a chart are called with. */
export interface ChartArgs {
  readonly context: unknown;
  readonly event: unknown;
}

export type ChartFunction = (args: ChartArgs, params: unknown) => unknown;

/** An action of a chart: one that changes the context, or one that only tells the host what to do. */
export interface ChartAction {
  readonly type: string;
  readonly params: unknown;
  /** The fields to set, or what computes them; absent for an action that leaves the context alone. */
  readonly assignment: ChartFunction | Readonly<Record<string, unknown>> | undefined;
}

/** One arrow of a chart as it leaves one state. */
export interface Arrow {
  /** Undefined: always taken. */
  readonly guard: ChartFunction | undefined;
  readonly guardParams: unknown;
  /** The next state; the same one where the arrow stays. */
  readonly target: string;
  /** Everything that is done on the way, in order: out of the state, along the arrow, into the next state. */
  readonly actions: readonly ChartAction[];
}

/** The arrows of a flat chart by state and by the type of the event: the first one whose guard holds is taken. */
export interface TransitionTable {
  readonly events: ReadonlySet<string>;
  readonly arrows: Readonly<Record<string, Readonly<Record<string, readonly Arrow[]>>>>;
  /** True when every arrow is one of the whole machine. */
  readonly hasCommonArrowsOnly: boolean;
  readonly initial: string;
  readonly initialActions: readonly ChartAction[];
  readonly initialContext: (args: { readonly input: unknown }) => unknown;
}

/**
 * Reads a chart off the state nodes that XState has made of it: same guards, same actions, same order. Our machines are
 * flat, so that a step is one row of this table; XState's own algorithm, made for nested and parallel states, costs ten times
 * as much. A chart with anything in it that the table has no place for is refused.
 */
export function transitionTableOf(machine: AnyStateMachine): TransitionTable {
  const { root } = machine;
  const states = Object.values(root.states) as AnyStateNode[];
  refuse(root, root.entry.length > 0 || root.exit.length > 0, 'actions of the whole machine');
  for (const node of [root, ...states]) checkNode(node, node === root);
  const initial = root.initial;
  const [first] = initial.target ?? [];
  assert(first !== undefined && initial.actions.length === 0, `${machine.id} begins in one state, without actions`);
  const { context } = machine.config;
  return {
    events: new Set(machine.events as readonly string[]),
    arrows: Object.fromEntries(states.map((node) => [node.key, arrowsOf(machine, node)])),
    hasCommonArrowsOnly: states.every((node) => node.transitions.size === 0),
    initial: first.key,
    initialActions: first.entry.map((action) => chartAction(machine, action)),
    initialContext:
      typeof context === 'function' ? (context as TransitionTable['initialContext']) : () => context ?? {},
  };
}

function checkNode(node: AnyStateNode, isRoot: boolean): void {
  refuse(node, node.type !== (isRoot ? 'compound' : 'atomic') && node.type !== 'final', `type ${node.type}`);
  refuse(node, (node.always ?? []).length > 0, 'transitions without an event');
  refuse(node, node.invoke.length > 0, 'invoked actors');
  refuse(node, node.type === 'final' && node.exit.length > 0, 'a way out of its end');
  refuse(node, node.after.length > 0, 'delays: deadlines are data of the context');
  refuse(
    node,
    [...node.transitions.keys()].some((type) => type.includes('*')),
    'wildcards',
  );
}

/** Those of the state come before those of the whole machine. */
function arrowsOf(machine: AnyStateMachine, node: AnyStateNode): Readonly<Record<string, readonly Arrow[]>> {
  const arrows: Record<string, Arrow[]> = {};
  for (const source of [node, machine.root]) {
    for (const [type, transitions] of source.transitions) {
      const known = arrows[type] ?? [];
      arrows[type] = [...known, ...transitions.map((transition) => arrowOf(machine, node, transition))];
    }
  }
  return arrows;
}

function arrowOf(machine: AnyStateMachine, from: AnyStateNode, transition: AnyTransitionDefinition): Arrow {
  const { guard, source, target } = transition;
  const targets = (target ?? []) as readonly AnyStateNode[];
  refuse(from, targets.length > 1 || targets[0] === machine.root, 'transitions to more than one state');
  const to = targets[0];
  // A state that leads to itself stays entered, unless the arrow says otherwise or is one of the whole machine.
  const moves = to !== undefined && (to !== from || transition.reenter || source === machine.root);
  const along = transition.actions as readonly unknown[];
  const actions = moves ? [...from.exit, ...along, ...to.entry] : along;
  return {
    guard: guard === undefined ? undefined : implementation(machine, 'guards', nameOf(from, guard)),
    guardParams: paramsOf(from, guard),
    target: (to ?? from).key,
    actions: actions.map((action) => chartAction(machine, action)),
  };
}

function chartAction(machine: AnyStateMachine, action: unknown): ChartAction {
  const type = nameOf(machine.root, action);
  const found = implementation(machine, 'actions', type) as ChartFunction & {
    readonly type?: string;
    readonly assignment?: ChartAction['assignment'];
  };
  refuse(machine.root, found.type !== undefined && found.assignment === undefined, `the action ${type}`);
  return { type, params: paramsOf(machine.root, action), assignment: found.assignment };
}

function implementation(machine: AnyStateMachine, kind: 'guards' | 'actions', name: string): ChartFunction {
  const found = (machine.implementations[kind] as Readonly<Record<string, unknown>>)[name];
  assert(typeof found === 'function', `${machine.id} implements ${name} of its ${kind} as a function`);
  return found as ChartFunction;
}

function nameOf(node: AnyStateNode, use: unknown): string {
  if (typeof use === 'string') return use;
  const type = (use as { readonly type?: unknown }).type;
  assert(typeof use === 'object' && typeof type === 'string', `${node.id} uses guards and actions by their names`);
  return type;
}

function paramsOf(node: AnyStateNode, use: unknown): unknown {
  const params = typeof use === 'object' && use !== null ? (use as { readonly params?: unknown }).params : undefined;
  refuse(node, typeof params === 'function', 'computed parameters');
  return params;
}

function refuse(node: AnyStateNode, isThere: boolean, what: string): void {
  assert(!isThere, `${node.id} is flat and plain, without ${what}`);
}
