import { assign, setup } from 'xstate';
import type { LocalGroupView } from '../../model/group-view.ts';
import { type Instant, minute } from '../../model/instant.ts';
import { isShownSuperseded, newerOrder } from '../../model/newer-order.ts';
import { currentStateOf, type DesiredState, type ProtectionGroup } from '../../model/protection-group.ts';
import { isConnecting } from '../../model/split-brain.ts';
import { isInDoubt } from '../../model/verification.ts';
import type { Fact } from '../definition.ts';
import type { Patience, ProtectionGroupContext } from './context.ts';

/** How long VMs may take before a group that does not come to its desired state is called stuck. */
const changeTime = 5 * minute;

interface Args {
  readonly context: ProtectionGroupContext;
  readonly event: Fact<LocalGroupView>;
}

const effect = (): void => undefined;

/**
 * Reconciles one ProtectionGroup on one site. Level-triggered: every observation is placed by the same table, whatever
 * the state was; what is still to do is ordered again until it is seen done.
 */
export const protectionGroupMachine = setup({
  types: {
    context: {} as ProtectionGroupContext,
    events: {} as Fact<LocalGroupView>,
    input: {} as ProtectionGroupContext,
  },
  guards: {
    groupIsGone: ({ event }) =>
      event.type === 'observed' && event.view.site.group.known && event.view.site.group.value === undefined,
    cannotTell: ({ event }) => event.type === 'observed' && groupOf(event) === undefined,
    isSuperseded: ({ event }) => event.type === 'observed' && newerOrder(event.view) !== undefined,
    isReturning: (args) => isSettled(args, 'stopped') && isToldSuperseded(args),
    isRunning: (args) => isSettled(args, 'running'),
    isStopped: (args) => isSettled(args, 'stopped'),
    startsTooLong: (args) => wants(args, 'running') && isOverdue(args),
    stopsTooLong: (args) => wants(args, 'stopped') && isOverdue(args),
    isToStart: (args) => wants(args, 'running'),
    isToStop: (args) => wants(args, 'stopped'),
  },
  actions: {
    orderStart: effect,
    orderStop: effect,
    adoptOrder: effect,
    reportStatus: effect,
    remember: assign((args) => ({ connectingSince: connectingSinceWith(args), inDoubt: isStillInDoubt(args) })),
    losePatience: assign((args) => ({ patience: patienceWith(args) })),
    regainPatience: assign({ patience: null }),
  },
}).createMachine({
  id: 'protection-group',
  initial: 'unknown',
  context: ({ input }) => input,
  on: {
    observed: [
      { guard: 'groupIsGone', target: '.gone' },
      { guard: 'cannotTell', target: '.unknown' },
      {
        guard: 'isSuperseded',
        target: '.superseded',
        actions: ['remember', 'regainPatience', 'orderStop', 'reportStatus', 'adoptOrder'],
      },
      { guard: 'isRunning', target: '.running', actions: ['remember', 'regainPatience', 'reportStatus'] },
      { guard: 'isReturning', target: '.returning', actions: ['remember', 'regainPatience', 'reportStatus'] },
      { guard: 'isStopped', target: '.stopped', actions: ['remember', 'regainPatience', 'reportStatus'] },
      { guard: 'startsTooLong', target: '.stuck', actions: ['remember', 'orderStart', 'reportStatus'] },
      { guard: 'stopsTooLong', target: '.stuck', actions: ['remember', 'orderStop', 'reportStatus'] },
      {
        guard: 'isToStart',
        target: '.starting',
        actions: ['remember', 'losePatience', 'orderStart', 'reportStatus'],
      },
      {
        guard: 'isToStop',
        target: '.stopping',
        actions: ['remember', 'losePatience', 'orderStop', 'reportStatus'],
      },
    ],
  },
  states: {
    unknown: { description: 'The group could not be read: nothing is ordered' },
    superseded: {
      description:
        'A newer order has given the group to another site: its VMs are stopped here, and its own order follows',
    },
    returning: {
      description: 'Every VM is proven stopped, and the copies here are not yet known to be whole again',
    },
    running: { description: 'Every VM runs, as desired' },
    stopped: { description: 'Every VM is proven stopped, as desired' },
    starting: { description: 'desiredState is running, and not every VM runs yet' },
    stopping: { description: 'desiredState is stopped, and not every VM is proven stopped yet' },
    stuck: { description: 'The desired state is overdue; the status says which VM, and why' },
    gone: { type: 'final', description: 'The ProtectionGroup was deleted: its VMs are left as they are' },
  },
});

function groupOf(fact: Fact<LocalGroupView>): ProtectionGroup | undefined {
  if (fact.type !== 'observed') return undefined;
  const { group } = fact.view.site;
  return group.known ? group.value : undefined;
}

function wants({ event }: Args, desired: DesiredState): boolean {
  return groupOf(event)?.desiredState === desired;
}

function isSettled(args: Args, desired: DesiredState): boolean {
  if (!wants(args, desired) || args.event.type !== 'observed') return false;
  return currentStateOf(args.event.view.site.virtualMachines.map((vm) => vm.power.state)) === desired;
}

function isToldSuperseded({ event }: Args): boolean {
  const group = groupOf(event);
  return group !== undefined && isShownSuperseded(group);
}

function isOverdue({ context, event }: Args): boolean {
  const { patience } = context;
  return patience !== null && patience.towards === groupOf(event)?.desiredState && event.now >= patience.until;
}

function patienceWith({ context, event }: Args): Patience | null {
  const towards = groupOf(event)?.desiredState;
  if (towards === undefined || context.patience?.towards === towards) return context.patience;
  return { towards, until: event.now + changeTime };
}

function isStillInDoubt({ event }: Args): boolean {
  const group = groupOf(event);
  return group !== undefined && isInDoubt(group);
}

function connectingSinceWith({ context, event }: Args): Instant | null {
  if (event.type !== 'observed' || !isConnecting(event.view.volumes)) return null;
  return context.connectingSince ?? event.now;
}
