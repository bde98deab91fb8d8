import type { MachineDefinition } from '../../machines/definition.ts';
import { oncePer } from '../../model/memo.ts';

export type Machine = MachineDefinition<never, never>['machine'];

/** Stands for the state in the branches of the whole machine. */
export const anyState = 'any state';
/** Stands for the guard in a branch that has none. */
export const otherwise = 'otherwise';

/** One way out of a state, or to stay in it: what the machine does with a fact when a guard holds. */
export interface Branch {
  /** `stoppingSource observed sourceIsStopped`: state, fact and guard. */
  readonly label: string;
  readonly from: string;
  readonly event: string;
  readonly guard: string;
  /** The state that it leads to; undefined when the state stays. */
  readonly target: string | undefined;
}

/** What there is to reach in a machine. */
export interface Chart {
  readonly states: readonly string[];
  readonly finalStates: ReadonlySet<string>;
  /** In the order of the chart, which is the order in which they are tried. */
  readonly branches: readonly Branch[];
}

/** The states and branches of a flat machine, read from the machine itself. */
export const chartOf: (machine: Machine) => Chart = oncePer((machine) => {
  const nodes = Object.entries(machine.states);
  return {
    states: nodes.map(([name]) => name),
    finalStates: new Set(nodes.filter(([, node]) => node.type === 'final').map(([name]) => name)),
    branches: [
      ...nodes.flatMap(([name, node]) => branchesOf(name, node.config.on)),
      ...branchesOf(anyState, machine.config.on),
    ],
  };
});

/** The name of a guard, with the parameters that it is asked with. */
export function guardLabel(name: string, params: unknown): string {
  const given = Object.entries((params ?? {}) as Readonly<Record<string, unknown>>);
  return [name, ...given.map(([key, value]) => `${key} ${String(value)}`)].join(' ');
}

function branchesOf(from: string, on: unknown): readonly Branch[] {
  return Object.entries((on ?? {}) as Readonly<Record<string, unknown>>).flatMap(([event, transitions]) =>
    (Array.isArray(transitions) ? transitions : [transitions]).map((transition): Branch => {
      const { guard: given, target } = transition as { readonly guard?: unknown; readonly target?: string };
      const guard = given === undefined ? otherwise : labelOf(given);
      return { label: `${from} ${event} ${guard}`, from, event, guard, target: target?.replace(/^\./, '') };
    }),
  );
}

function labelOf(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  const { type, params } = guard as { readonly type: string; readonly params?: unknown };
  return guardLabel(type, params);
}
