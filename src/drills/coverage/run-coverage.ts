import { drbdLockMachine } from '../../machines/drbd-lock/machine.ts';
import type { FailoverContext } from '../../machines/failover/context.ts';
import { failoverMachine } from '../../machines/failover/machine.ts';
import type { Millis } from '../../model/instant.ts';
import type { ActiveFault } from '../../twin/faults/fault-board.ts';
import type { Twin } from '../../twin/twin.ts';
import { type Branch, chartOf } from './chart.ts';
import type { MachineStep } from './machine-probe.ts';
import { WorldFeatures } from './world-features.ts';

/** What one run has reached, as names that all runs have in common. */
export interface RunCoverage {
  /** `api-outage in failover/stoppingSource`: what was broken, or happened to a request, while a machine was in a state. */
  readonly pairs: ReadonlySet<string>;
  /** Classes of the world, each with the state of an operation in it. */
  readonly classes: ReadonlySet<string>;
}

/** Notes what a run reaches while it goes on. */
export class CoverageWatch implements RunCoverage {
  readonly pairs = new Set<string>();
  readonly classes = new Set<string>();
  readonly #features: WorldFeatures;
  readonly #mark: (mark: string) => void;
  readonly #now: () => Millis;
  readonly #activeFaults: () => readonly ActiveFault[];
  /** Which faults of the catalogue each thing that was broken stands for, by its number. */
  readonly #standsFor = new Map<string, { readonly since: Millis; readonly ids: readonly string[] }>();
  /** The state of each operation that is under way, by its name. */
  readonly #operations = new Map<string, string>();

  /** `mark` hears of states and branches; `activeFaults` tells what is broken now. */
  constructor(twin: Twin, mark: (mark: string) => void, activeFaults: () => readonly ActiveFault[]) {
    this.#features = new WorldFeatures(twin);
    this.#mark = mark;
    this.#now = () => twin.world.now;
    this.#activeFaults = activeFaults;
  }

  /** A machine has taken a step. */
  step({ before, after, branch }: MachineStep): void {
    const { machine, state } = after;
    this.#mark(stateMark(machine, before.state));
    if (state !== before.state) this.#mark(stateMark(machine, state));
    if (branch !== undefined) this.#mark(branchMark(machine, branch));
    if (machine !== failoverMachine.id) return;
    const context = after.context as FailoverContext;
    if (this.#operations.get(context.request.name) !== state) this.#enter(context.request.name, state);
    if (context.locks !== (before.context as FailoverContext).locks) this.#locks(context);
    this.classes.add(`${state} ${this.#features.text()}`);
  }

  /** A fault of the catalogue has fired: something has just been broken, or has happened to a request. */
  fault(id: string): void {
    for (const state of this.#operations.values()) this.pairs.add(pairName(id, state));
    const newest = this.#activeFaults().at(-1);
    if (newest === undefined) return;
    // What has fired at the moment at which it was broken is what is broken; later ones happen to requests beside it.
    const known = this.#standsFor.get(newest.id) ?? { since: this.#now(), ids: [] };
    if (known.since === this.#now()) this.#standsFor.set(newest.id, { ...known, ids: [...known.ids, id] });
  }

  #enter(operation: string, state: string): void {
    if (chartOf(failoverMachine).finalStates.has(state)) this.#operations.delete(operation);
    else this.#operations.set(operation, state);
    for (const { id } of this.#activeFaults())
      for (const fault of this.#standsFor.get(id)?.ids ?? []) this.pairs.add(pairName(fault, state));
  }

  // The lock machines are stepped inside of the failover's; into each of their states leads one branch.
  #locks({ locks }: FailoverContext): void {
    for (const { state } of Object.values(locks)) {
      this.#mark(stateMark(drbdLockMachine.id, state));
      const branch = chartOf(drbdLockMachine).branches.find(({ target }) => target === state);
      if (branch !== undefined) this.#mark(branchMark(drbdLockMachine.id, branch));
    }
  }
}

/** The mark of a state that was entered. */
export function stateMark(machine: string, state: string): string {
  return `${machine}/${state}`;
}

/** The mark of a branch that was taken. */
export function branchMark(machine: string, { label }: Branch): string {
  return `${machine}/${label}`;
}

/** The name of a fault together with the state of an operation that it met. */
export function pairName(fault: string, state: string): string {
  return `${fault} in ${state}`;
}
