import type { FailoverContext } from '../../machines/failover/context.ts';
import { failoverMachine } from '../../machines/failover/machine.ts';
import type { MachineRecord } from '../../machines/definition.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { chartOf } from '../coverage/chart.ts';
import type { MachineStep } from '../coverage/machine-probe.ts';
import { stageSites } from '../stage-sites.ts';
import type { Property } from './property.ts';

/** The states in which each deadline of a failover does something. In every other state it may pass unheard. */
export const deadlineStates: Readonly<Record<string, readonly string[]>> = {
  leaseWait: ['acquiringLease'],
  whole: ['stoppingSource', 'awaitingRelease', 'removingTaints'],
  drbdWait: ['awaitingRelease'],
  force: ['forcing'],
  taintWindow: ['removingTaints'],
  vmStart: ['startingTarget', 'monitoringStartup', 'rollingBack'],
  leaseRenewal: [
    'acquiringLease',
    'preflight',
    'stoppingSource',
    'awaitingRelease',
    'removingTaints',
    'startingTarget',
    'monitoringStartup',
    'rollingBack',
  ],
};

/** No fact falls through, and an end is an end. */
export const totalMachine: Property = {
  id: 'S16',
  name: 'TotalMachine',
  says: 'A machine does something with every observation and every deadline that its state waits for, its record keeps its form, and an operation that has ended stays as it ended.',
  watch: ({ onStep, twin: { world } }, judge) => {
    onStep.add((step) => {
      const { before, fact, after } = step;
      judge.check(isHeard(step), () => `${after.machine} lets ${factName(step)} drop in ${before.state}`);
      if (fact.type === 'observed' && after === before) return;
      const problem =
        after.machine === failoverMachine.id ? problemOf(after as MachineRecord<FailoverContext>) : undefined;
      judge.check(problem === undefined, () => `${after.machine} comes to ${after.state} with ${problem}`);
    });
    const { finalStates } = chartOf(failoverMachine);
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old, type }) => {
        if (resource.plural !== resources.failover.plural || type !== 'MODIFIED' || object.status === old?.status)
          return;
        const state = textAt(old, 'status', 'record', 'state') ?? '';
        if (!finalStates.has(state)) return;
        const now = textAt(object, 'status', 'record', 'state') ?? 'nothing';
        judge.check(now === state, () => `${object.metadata.name} had ended in ${state} and goes on in ${now}`);
      });
    }
    return undefined;
  },
};

function isHeard({ before, fact, branch }: MachineStep): boolean {
  if (fact.type === 'outcome' || branch !== undefined) return true;
  return fact.type === 'deadlinePassed' && deadlineStates[fact.deadline]?.includes(before.state) !== true;
}

function factName({ fact }: MachineStep): string {
  return fact.type === 'deadlinePassed' ? `the deadline ${fact.deadline}` : `what is ${fact.type}`;
}

/** In what a record of a failover is not what its type says; the chart does not know the types. */
function problemOf({ state, context }: MachineRecord<FailoverContext>): string | undefined {
  const { epoch, deadlines, verdict, holder, virtualMachines, resources: volumes } = context;
  const { states, finalStates } = chartOf(failoverMachine);
  if (!states.includes(state)) return 'a state that is not on its chart';
  if (!Number.isInteger(epoch) || epoch < 0) return `the epoch ${epoch}`;
  if (holder === '') return 'no holder';
  const strange = Object.entries(deadlines).find(
    ([name, when]) => !(name in deadlineStates) || !Number.isInteger(when),
  );
  if (strange !== undefined) return `the deadline ${strange.join(' ')}`;
  if (finalStates.has(state) !== (verdict !== undefined))
    return verdict === undefined ? 'no verdict' : 'a verdict already';
  return epoch > 0 && virtualMachines.length === 0 && volumes.length > 0 ? 'volumes of no VM' : undefined;
}
