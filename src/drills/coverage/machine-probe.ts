import type { Fact, MachineDefinition, MachineRecord } from '../../machines/definition.ts';
import { oncePer } from '../../model/memo.ts';
import type { TwinMachines } from '../../twin/machines.ts';
import { anyState, type Branch, type Chart, chartOf, guardLabel, type Machine, otherwise } from './chart.ts';

/** A step that a machine has taken. */
export interface MachineStep {
  readonly before: MachineRecord<unknown>;
  readonly fact: Fact<unknown>;
  readonly after: MachineRecord<unknown>;
  /** What the machine did with the fact; undefined: nothing, for no branch is for it. */
  readonly branch: Branch | undefined;
}

/**
 * Machines that tell which branches they take. They are the given ones: each guard is asked as before, and its answer is
 * noted on the way. Made once for a set of machines, since XState prepares a machine when it is first used.
 */
export interface MachineProbe {
  readonly machines: TwinMachines;
  /** Who is told; one run at a time. */
  listener: ((step: MachineStep) => void) | undefined;
}

/** The probe of a set of machines. */
export const probeOf: (machines: TwinMachines) => MachineProbe = oncePer((machines: TwinMachines): MachineProbe => {
  const probe: { machines: TwinMachines; listener: MachineProbe['listener'] } = { machines, listener: undefined };
  const tell = (step: MachineStep): void => probe.listener?.(step);
  probe.machines = {
    failover: watched(machines.failover, tell),
    recovery: watched(machines.recovery, tell),
    protectionGroup: watched(machines.protectionGroup, tell),
  };
  return probe;
});

function watched<Context, View>(
  definition: MachineDefinition<Context, View>,
  tell: (step: MachineStep) => void,
): MachineDefinition<Context, View> {
  const chart = chartOf(definition.machine);
  const find = branchFinder(chart);
  // The last guard that held since the last step: it is the one that decided.
  let held: string | undefined;
  const machine = withGuards(definition.machine, (label) => {
    held = label;
  });
  return {
    ...definition,
    machine,
    witness: (before, fact, after) => {
      const branch = find(before.state, fact.type, held);
      held = undefined;
      definition.witness?.(before, fact, after);
      tell({ before, fact, after, branch });
    },
  };
}

type Guard = (args: unknown, params: unknown) => boolean;

function withGuards(machine: Machine, onHeld: (label: string) => void): Machine {
  const given = machine.implementations.guards as Readonly<Record<string, Guard>>;
  const guards = Object.fromEntries(
    Object.entries(given).map(([name, guard]) => [
      name,
      (args: unknown, params: unknown): boolean => {
        const holds = guard(args, params);
        if (holds) onHeld(params === undefined ? name : guardLabel(name, params));
        return holds;
      },
    ]),
  );
  return machine.provide({ guards } as never) as Machine;
}

/** Looks a branch up by what is known of a step. A state comes before the machine; without a guard that held it is the branch without one. */
function branchFinder({
  branches,
}: Chart): (state: string, event: string, held: string | undefined) => Branch | undefined {
  const byLabel = new Map(branches.map((branch) => [branch.label, branch]));
  return (state, event, held = otherwise) =>
    byLabel.get(`${state} ${event} ${held}`) ?? byLabel.get(`${anyState} ${event} ${held}`);
}
