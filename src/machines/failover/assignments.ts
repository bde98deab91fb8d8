import type { FailoverView } from '../../model/failover-view.ts';
import { errorsOf } from '../../model/findings.ts';
import { type Instant, type Millis, minute, second } from '../../model/instant.ts';
import { isSameJson } from '../../model/json.ts';
import { leaseAssignments } from '../operation/assignments.ts';
import { changesOf } from '../operation/changes.ts';
import { keepDeadline } from '../operation/deadlines.ts';
import { beginStep, endStep, noteProgress } from '../operation/steps.ts';
import { conclude, waiting } from '../operation/progress.ts';
import { claimOf, type FailoverContext, type FailoverDeadlines, type Setback } from './context.ts';
import { acquire, sightOperation } from './begin.ts';
import { locksAfter, releaseBlockers, rollBackBlockers, startBlockers, startUpBlockers } from './guards.ts';
import { forceBlockers, volumesToForce } from './unplanned.ts';
import { noteOrdered, startingMembers, stoppingMembers } from './steps.ts';
import * as verdicts from './verdicts.ts';

const { on, onObserved } = changesOf<FailoverContext, FailoverView>();

/** How long a dead driver may hold up what has no way back: nothing is gained by giving up before it is taken over. */
const takeOverTime: Millis = minute;

/** The named changes of the failover machine's context. */
export const failoverAssignments = {
  sightOperation: onObserved((_context, view) => sightOperation(view)),
  ...leaseAssignments<FailoverContext, FailoverView>(claimOf),
  holdLeases: onObserved(acquire),

  fixPlan: onObserved((_context, view) => ({
    virtualMachines: view.group.virtualMachines,
    resources: view.group.resources,
    epoch: nextEpoch(view),
    findings: view.preflight.flatMap((line) => line.findings),
  })),

  beginStopSource: on((context, { now }) => ({
    steps: beginStep(context.steps, 'stopSource', now, context.virtualMachines),
  })),
  noteStopping: onObserved((context, view, now) => ({
    steps: noteProgress(context.steps, now, [], stoppingMembers(view.group.source)),
    blockers: view.group.source.virtualMachines.flatMap((vm) =>
      vm.power.state === 'stopped' ? [] : [`${vm.name}: ${vm.power.message}`],
    ),
  })),
  noteStopped: onObserved((context, view, now) => ({
    steps: noteProgress(context.steps, now, [], stoppingMembers(view.group.source)),
    blockers: [],
  })),

  beginAwaitRelease: on((context, { now }) => ({
    steps: beginStep(context.steps, 'awaitRelease', now),
    ...keepDeadline(context, 'drbdWait', now + context.request.timeouts.drbdWaitSeconds * second),
  })),
  trackLocks: onObserved((context, view, now) => ({ locks: locksAfter(context, view, now) })),
  noteLocks: onObserved((context, view, now) => waiting(context, releaseBlockers(context, view, now), now)),

  beginForce: on((context, fact) => ({
    forced: context.forced ?? (fact.type === 'observed' ? volumesToForce(fact.view) : []),
    steps: beginStep(context.steps, 'forceVolumes', fact.now),
    blockers: [],
    deadlines: {
      ...withoutWhole(context.deadlines),
      force: context.deadlines.force ?? fact.now + context.request.timeouts.drbdWaitSeconds * second + takeOverTime,
    },
  })),
  noteForce: onObserved((context, view, now) => ({
    ...waiting(context, forceBlockers(context, view), now),
    ...seenSatellites(context, view),
  })),

  beginRemoveTaints: on((context, { now }) => ({
    steps: beginStep(context.steps, 'removeTaints', now),
    blockers: [],
    ...keepDeadline(
      context,
      'taintWindow',
      now + Math.max(1, context.request.timeouts.taintRemovalWindowSeconds) * second,
    ),
  })),
  noteWhatBlocksStart: onObserved((context, view, now) => waiting(context, startBlockers(context, view, now), now)),

  beginStartTarget: on((context, { now }) => ({
    steps: beginStep(context.steps, 'startTarget', now, context.virtualMachines),
    blockers: [],
    ...keepDeadline(context, 'vmStart', now + context.request.timeouts.vmStartSeconds * second),
  })),
  beginMonitorStartup: on((context, { now }) => ({
    steps: beginStep(
      noteOrdered(context.steps, now, context.virtualMachines),
      'monitorStartup',
      now,
      context.virtualMachines,
    ),
  })),
  noteStarting: onObserved((context, view, now) => ({
    steps: noteProgress(context.steps, now, [], startingMembers(view.group.target)),
    blockers: startUpBlockers(context, view),
  })),

  noteCancel: on((context, { now }) =>
    turnBack(context, now, { kind: 'cancelled', reason: 'a person asked for the operation to be given up' }),
  ),
  noteTimeUp: on((context, { now }) =>
    turnBack(context, now, { kind: 'timeout', reason: verdicts.timeUpReason(context, now) }),
  ),
  beginRollBack: on((context, { now }) => ({
    steps: beginStep(context.steps, 'rollBack', now, context.virtualMachines),
    ...keepDeadline(context, 'vmStart', now + context.request.timeouts.vmStartSeconds * second),
  })),
  noteRollBack: onObserved((context, view, now) => ({
    steps: noteProgress(context.steps, now, [], startingMembers(view.group.source)),
    blockers: rollBackBlockers(view),
  })),

  concludeSucceeded: on((context, { now }) => conclude(context, now, { kind: 'succeeded' })),
  concludeCancelled: on((context, { now }) => conclude(context, now, verdicts.cancelled(context))),
  concludeRolledBack: on((context, { now }) => conclude(context, now, verdicts.rolledBack(context))),
  concludeFailed: on((context, { now }) => conclude(context, now, verdicts.failed(context, now))),
  concludeNotStarted: on((context, { now }) => conclude(context, now, verdicts.notStarted(context))),
  concludeNotForced: on((context, { now }) => conclude(context, now, verdicts.notForced(context))),
  concludeNotRolledBack: on((context, { now }) => conclude(context, now, verdicts.notRolledBack(context))),
  concludeSuperseded: onObserved((context, view, now) => conclude(context, now, verdicts.superseded(context, view))),
  concludeNotReady: onObserved((context, view, now) => ({
    findings: view.preflight.flatMap((line) => line.findings),
    ...conclude(context, now, verdicts.notReady(context, errorsOf(view.preflight))),
  })),
};

/** The satellites of the target, where they are another list than was seen before. */
function seenSatellites({ satellites }: FailoverContext, view: FailoverView): Partial<FailoverContext> {
  if (!view.satellites.known || isSameJson(view.satellites.value, satellites ?? [])) return {};
  return { satellites: view.satellites.value };
}

function nextEpoch(view: FailoverView): number {
  const { source, target } = view.group;
  const epochs = [source, target].map((site) => (site.group.known ? (site.group.value?.epoch ?? 0) : 0));
  return Math.max(...epochs) + 1;
}

function turnBack(context: FailoverContext, now: Instant, setback: Setback): Partial<FailoverContext> {
  const steps = endStep(context.steps, setback.kind === 'cancelled' ? 'skipped' : 'failed', now, setback.reason);
  return { steps, setback };
}

/** Once DRBD is forced it would be a waste to give up for the time that is over. */
function withoutWhole({ whole: _whole, ...others }: FailoverDeadlines): FailoverDeadlines {
  return others;
}
