import { setup } from 'xstate';
import type { FailoverView } from '../../model/failover-view.ts';
import type { Fact } from '../definition.ts';
import { arrowsOfAcquiring, endsOf, keepsLeases, superseded, underLeases } from '../operation/states.ts';
import { failoverAssignments } from './assignments.ts';
import type { FailoverContext, FailoverInput } from './context.ts';
import { beginContext } from './begin.ts';
import { failoverGuards } from './guards.ts';

/** Stands for an effect in the chart: the host performs the requests that `effects.ts` lists for it. */
const effect = (): void => undefined;

/**
 * A failover, and failback, which is the same in reverse. Every step is a gate on what is observed, with a deadline; before the
 * first start on the target, and before DRBD is forced, everything can be turned back, after it the way is forward only. An
 * unplanned one takes the same way: its gates leave out what nobody can tell and a person has accepted.
 */
export const failoverMachine = setup({
  types: {
    context: {} as FailoverContext,
    events: {} as Fact<FailoverView>,
    input: {} as FailoverInput,
  },
  guards: failoverGuards,
  actions: {
    ...failoverAssignments,
    takeNextLease: effect,
    renewLeases: effect,
    releaseLeases: effect,
    stopSource: effect,
    removeTaints: effect,
    forceVolumes: effect,
    startTarget: effect,
    restoreSource: effect,
    orderNothing: effect,
  },
}).createMachine({
  id: 'failover',
  initial: 'acquiringLease',
  context: ({ input }) => beginContext(input),
  on: keepsLeases,
  states: {
    acquiringLease: {
      description:
        'Excludes every other operation on the group: its Lease on the target, the source and the quorum site',
      on: arrowsOfAcquiring('preflight', [
        'stoppingSource',
        'awaitingRelease',
        'forcing',
        'removingTaints',
        'startingTarget',
        'monitoringStartup',
        'rollingBack',
      ]),
    },
    preflight: {
      description: 'Looks once more, now that nobody else may act, and fixes the VMs, the volumes and the epoch',
      on: {
        observed: [
          { guard: 'leaseIsLost', target: 'superseded', actions: 'concludeSuperseded' },
          { guard: 'cancelIsRequested', target: 'cancelled', actions: 'concludeCancelled' },
          { guard: 'preflightPasses', target: 'stoppingSource', actions: 'fixPlan' },
          { target: 'refused', actions: 'concludeNotReady' },
        ],
      },
    },
    stoppingSource: {
      description: 'Waits until every VM is proven stopped on the source',
      entry: ['beginStopSource', 'stopSource'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'turnsBackOnCancel', target: 'rollingBack', actions: 'noteCancel' },
          { guard: 'sourceIsStopped', target: 'awaitingRelease', actions: 'noteStopped' },
          { actions: ['stopSource', 'noteStopping'] },
        ],
        deadlinePassed: [
          { guard: 'timeIsUpAndTurnsBack', target: 'rollingBack', actions: 'noteTimeUp' },
          { guard: 'timeIsUp', target: 'failed', actions: 'concludeFailed' },
        ],
      },
    },
    awaitingRelease: {
      description: 'Waits until DRBD has let go of every volume and the target holds all of the data',
      entry: 'beginAwaitRelease',
      on: {
        observed: [
          ...underLeases,
          { guard: 'turnsBackOnCancel', target: 'rollingBack', actions: 'noteCancel' },
          { guard: 'mustForce', target: 'forcing', actions: 'trackLocks' },
          { guard: 'locksAreReleased', target: 'removingTaints', actions: 'trackLocks' },
          { actions: ['trackLocks', 'noteLocks'] },
        ],
        deadlinePassed: [
          { guard: 'drbdWaitIsOverAndTurnsBack', target: 'rollingBack', actions: 'noteTimeUp' },
          { guard: 'drbdWaitIsOver', target: 'failed', actions: 'concludeFailed' },
        ],
      },
    },
    forcing: {
      description:
        'Unplanned only: makes DRBD promote volumes that it would refuse to, as a person has accepted. The way is forward from here',
      entry: ['beginForce', 'forceVolumes'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'forceIsDone', target: 'removingTaints' },
          { actions: ['forceVolumes', 'noteForce'] },
        ],
        deadlinePassed: { guard: 'forceWaitIsOver', target: 'needsAttention', actions: 'concludeNotForced' },
      },
    },
    removingTaints: {
      description: 'Takes the quorum taints off the target nodes, whose own volumes are known to have quorum',
      entry: ['beginRemoveTaints', 'removeTaints'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'turnsBackOnCancel', target: 'rollingBack', actions: 'noteCancel' },
          { guard: 'targetMayStart', target: 'startingTarget' },
          { guard: 'locksAreReleased', actions: ['removeTaints', 'noteWhatBlocksStart'] },
          { actions: 'noteWhatBlocksStart' },
        ],
        deadlinePassed: [
          { guard: 'taintWindowIsOverAndTurnsBack', target: 'rollingBack', actions: 'noteTimeUp' },
          { guard: 'taintWindowIsOver', target: 'failed', actions: 'concludeFailed' },
        ],
      },
    },
    startingTarget: {
      description:
        'The point of no return: from here on the target may have started. An order that was not given yet is given only while every gate is open; quorum taints that come back within the window are removed',
      entry: ['beginStartTarget', 'startTarget'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'targetIsOrdered', target: 'monitoringStartup' },
          { guard: 'targetMayStart', actions: ['startTarget', 'noteWhatBlocksStart'] },
          { guard: 'taintWindowIsOpen', actions: ['removeTaints', 'noteWhatBlocksStart'] },
          { actions: 'noteWhatBlocksStart' },
        ],
        deadlinePassed: { guard: 'vmStartIsOver', target: 'needsAttention', actions: 'concludeNotStarted' },
      },
    },
    monitoringStartup: {
      description:
        'Waits until every VM runs on the target; quorum taints that come back within the window are removed',
      entry: 'beginMonitorStartup',
      on: {
        observed: [
          ...underLeases,
          { guard: 'targetRuns', target: 'succeeded', actions: ['noteStarting', 'concludeSucceeded'] },
          { guard: 'orderIsUndone', actions: ['startTarget', 'noteStarting'] },
          { guard: 'taintWindowIsOpen', actions: ['removeTaints', 'noteStarting'] },
          { actions: 'noteStarting' },
        ],
        deadlinePassed: { guard: 'vmStartIsOver', target: 'needsAttention', actions: 'concludeNotStarted' },
      },
    },
    rollingBack: {
      description: 'Makes the source run again; nothing has been started on the target',
      entry: ['beginRollBack', 'restoreSource'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'sourceRunsAfterCancel', target: 'cancelled', actions: ['noteRollBack', 'concludeCancelled'] },
          { guard: 'sourceRuns', target: 'rolledBack', actions: ['noteRollBack', 'concludeRolledBack'] },
          { actions: ['restoreSource', 'noteRollBack'] },
        ],
        deadlinePassed: { guard: 'vmStartIsOver', target: 'needsAttention', actions: 'concludeNotRolledBack' },
      },
    },
    ...endsOf({
      succeeded: 'Every VM runs on the target',
      rolledBack: 'Every VM runs on the source again',
      cancelled: 'A person gave the operation up; the source runs',
      refused: 'Nothing was done',
      failed: 'Left as it stands, as was asked for',
      needsAttention: 'A person has to decide',
    }),
    superseded,
  },
});
