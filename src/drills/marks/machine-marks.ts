import { failoverGuards } from '../../machines/failover/guards.ts';
import { failoverMachine } from '../../machines/failover/machine.ts';
import { recoveryGuards } from '../../machines/recovery/guards.ts';
import { recoveryMachine } from '../../machines/recovery/machine.ts';
import { type Branch, type Chart, chartOf, type Machine } from '../coverage/chart.ts';
import { coveredMachines } from '../coverage/coverage-report.ts';
import { branchMark, pairName, stateMark } from '../coverage/run-coverage.ts';
import { crashFault } from './fault-marks.ts';
import type { Mark, MarkFamily, Reach } from './mark.ts';
import { reachOf } from './machine-reach.ts';

/**
 * Every state of every machine, and every branch of its chart; read from the machines. What failovers and recoveries have in
 * common is one code, and its branches are to be reached in failovers: they last longer, and there are more of them.
 */
export const machineMarks: MarkFamily = {
  title: 'Machines',
  marks: coveredMachines.flatMap((machine) => [...statesOf(machine), ...branchesOf(machine)]),
};

/** A process dies while an operation is in each of its states. */
export const crashMarks: MarkFamily = {
  title: 'Crashes',
  marks: workingStates(chartOf(failoverMachine)).map((state) =>
    withReach(pairName(crashFault, state), `A process dies while an operation is in ${state}.`),
  ),
};

function statesOf(machine: Machine): readonly Mark[] {
  return chartOf(machine).states.map((state) =>
    withReach(stateMark(machine.id, state), `The machine ${machine.id} is in ${state}.`),
  );
}

function branchesOf(machine: Machine): readonly Mark[] {
  const branches = chartOf(machine).branches.filter((branch) => machine !== recoveryMachine || !isShared(branch));
  return branches.map((branch) =>
    withReach(
      branchMark(machine.id, branch),
      `In ${branch.from}, when ${branch.event}: ${branch.guard}${branch.target === undefined ? '' : `, on to ${branch.target}`}.`,
    ),
  );
}

function isShared({ guard }: Branch): boolean {
  const [name = ''] = guard.split(' ');
  return name in failoverGuards && name in recoveryGuards;
}

function workingStates({ states, finalStates }: Chart): readonly string[] {
  return states.filter((state) => !finalStates.has(state));
}

function withReach(id: string, says: string): Mark {
  const reach: Reach = reachOf[id] ?? 'random';
  return { id, says, reach };
}
