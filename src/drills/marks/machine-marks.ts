import { failoverMachine } from '../../machines/failover/machine.ts';
import { type Chart, chartOf, type Machine } from '../coverage/chart.ts';
import { coveredMachines } from '../coverage/coverage-report.ts';
import { branchMark, pairName, stateMark } from '../coverage/run-coverage.ts';
import { crashFault } from './fault-marks.ts';
import type { Mark, MarkFamily, Reach } from './mark.ts';
import { reachOf } from './machine-reach.ts';

/** Every state of every machine, and every branch of its chart; read from the machines. */
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
  return chartOf(machine).branches.map((branch) =>
    withReach(
      branchMark(machine.id, branch),
      `In ${branch.from}, when ${branch.event}: ${branch.guard}${branch.target === undefined ? '' : `, on to ${branch.target}`}.`,
    ),
  );
}

function workingStates({ states, finalStates }: Chart): readonly string[] {
  return states.filter((state) => !finalStates.has(state));
}

function withReach(id: string, says: string): Mark {
  const reach: Reach = reachOf[id] ?? 'random';
  return { id, says, reach };
}
