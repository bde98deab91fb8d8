import { drbdLockMachine } from '../../machines/drbd-lock/machine.ts';
import { failoverMachine } from '../../machines/failover/machine.ts';
import { protectionGroupMachine } from '../../machines/protection-group/machine.ts';
import { recoveryMachine } from '../../machines/recovery/machine.ts';
import { chartOf, type Machine } from './chart.ts';
import type { CoverageCounts } from './coverage-tally.ts';
import { branchMark, pairName, stateMark } from './run-coverage.ts';
import { estimateUnseen, type UnseenEstimate } from './unseen.ts';

/** So many of so many were reached, and which were not. */
export interface Reached {
  readonly reached: number;
  readonly of: number;
  readonly missing: readonly string[];
}

/** How much of what there is a set of runs has reached. */
export interface CoverageReport {
  readonly machines: Readonly<Record<string, { readonly states: Reached; readonly branches: Reached }>>;
  /** Every kind of fault while an operation is in every state. */
  readonly faultStates: Reached;
  /** What was never seen, estimated over classes of the world. */
  readonly unseen: UnseenEstimate;
}

/** The machines that are covered, as the product runs them. */
export const coveredMachines: readonly Machine[] = [
  failoverMachine,
  recoveryMachine,
  protectionGroupMachine,
  drbdLockMachine,
];

/** Says of counts how much they are of the whole. `faults` are the kinds that there are. */
export function reportCoverage(counts: CoverageCounts, faults: readonly string[]): CoverageReport {
  const { finalStates, states } = chartOf(failoverMachine);
  const working = states.filter((state) => !finalStates.has(state));
  return {
    machines: Object.fromEntries(coveredMachines.map((machine) => [machine.id, machineReport(machine, counts.marks)])),
    faultStates: reached(
      faults.flatMap((fault) => working.map((state) => pairName(fault, state))),
      counts.pairs,
    ),
    unseen: estimateUnseen(counts.classes, counts.runs),
  };
}

function machineReport(
  machine: Machine,
  marks: CoverageCounts['marks'],
): { readonly states: Reached; readonly branches: Reached } {
  const { states, branches } = chartOf(machine);
  return {
    states: reached(
      states.map((state) => stateMark(machine.id, state)),
      marks,
    ),
    branches: reached(
      branches.map((branch) => branchMark(machine.id, branch)),
      marks,
    ),
  };
}

function reached(all: readonly string[], counts: Readonly<Record<string, number>>): Reached {
  const missing = all.filter((name) => counts[name] === undefined);
  return { reached: all.length - missing.length, of: all.length, missing };
}
