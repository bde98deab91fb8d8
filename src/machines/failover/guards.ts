import type { FailoverView } from '../../model/failover-view.ts';
import { allPass } from '../../model/findings.ts';
import {
  type GateVerdict,
  quorumTaintsAreGone,
  targetReplicasAreCurrent,
  twoPrimariesAreRefused,
  virtualMachinesAreRunning,
  virtualMachinesAreStopped,
} from '../../model/gates.ts';
import type { SiteView } from '../../model/group-view.ts';
import { numberAt } from '../../model/json.ts';
import { keepLast } from '../../model/memo.ts';
import type { DesiredState } from '../../model/protection-group.ts';
import type { LockTrack } from '../drbd-lock/track.ts';
import { trackLocks } from '../drbd-lock/track.ts';
import { type GuardArgs, isDeadline, operationGuards, whenObserved } from '../operation/guards.ts';
import { claimOf, type FailoverContext } from './context.ts';
import { failoverKind } from './journal.ts';
import {
  forceBlockers,
  hasForced,
  holdBlockers,
  isConsented,
  isUnplanned,
  knownUp,
  promotionBlockers,
  standingBlockers,
  volumesToForce,
} from './unplanned.ts';

type Args = GuardArgs<FailoverContext, FailoverView>;

/** The named guards of the failover machine. A guard over a view is false for every other fact. */
export const failoverGuards = {
  ...operationGuards<FailoverContext, FailoverView>(failoverKind, claimOf),
  turnsBackOnCancel: ({ context, event }: Args) =>
    !hasForced(context) && whenObserved(event, (view) => view.cancelRequested),

  preflightPasses: ({ event }: Args) => whenObserved(event, (view) => allPass(view.preflight)),
  sourceIsStopped: ({ context, event }: Args) => whenObserved(event, (view) => sourceIsStopped(context, view).open),
  locksAreReleased: ({ context, event }: Args) =>
    whenObserved(event, (view) => isEmpty(releaseBlockers(context, view, event.now))),
  mustForce: ({ context, event }: Args) =>
    isUnplanned(context) && whenObserved(event, (view) => mustForce(context, view)),
  forceIsDone: ({ context, event }: Args) => whenObserved(event, (view) => isEmpty(forceBlockers(context, view))),
  targetMayStart: ({ context, event }: Args) =>
    whenObserved(event, (view) => isEmpty(startBlockers(context, view, event.now))),
  targetIsOrdered: ({ context, event }: Args) =>
    whenObserved(event, (view) => isOrdered(context, view.group.target, 'running')),
  orderIsUndone: ({ context, event }: Args) =>
    whenObserved(
      event,
      (view) => !isOrdered(context, view.group.target, 'running') && sourceIsStopped(context, view).open,
    ),
  targetRuns: ({ context, event }: Args) => whenObserved(event, (view) => isEmpty(startUpBlockers(context, view))),
  sourceRuns: ({ context, event }: Args) => whenObserved(event, (view) => sourceRuns(context, view)),
  sourceRunsAfterCancel: ({ context, event }: Args) =>
    context.setback?.kind === 'cancelled' && whenObserved(event, (view) => sourceRuns(context, view)),

  timeIsUp: (args: Args) => isDeadline(args.event, 'whole'),
  timeIsUpAndTurnsBack: (args: Args) => isDeadline(args.event, 'whole') && mayTurnBack(args.context),
  drbdWaitIsOver: (args: Args) => isDeadline(args.event, 'drbdWait') || isDeadline(args.event, 'whole'),
  drbdWaitIsOverAndTurnsBack: (args: Args) =>
    (isDeadline(args.event, 'drbdWait') || isDeadline(args.event, 'whole')) && mayTurnBack(args.context),
  taintWindowIsOver: (args: Args) => isDeadline(args.event, 'taintWindow') || isDeadline(args.event, 'whole'),
  taintWindowIsOverAndTurnsBack: (args: Args) =>
    (isDeadline(args.event, 'taintWindow') || isDeadline(args.event, 'whole')) && mayTurnBack(args.context),
  forceWaitIsOver: (args: Args) => isDeadline(args.event, 'force'),
  taintWindowIsOpen: ({ context, event }: Args) =>
    whenObserved(
      event,
      (view) => event.now < (context.deadlines.taintWindow ?? 0) && targetReplicasHaveQuorum(context, view),
    ),
  vmStartIsOver: (args: Args) => isDeadline(args.event, 'vmStart'),
};

const lastReleaseBlockers = keepLast<readonly string[]>();

/** What keeps the DRBD locks gate closed. */
export function releaseBlockers(context: FailoverContext, view: FailoverView, now: number): readonly string[] {
  return lastReleaseBlockers([view, context, now], () => findReleaseBlockers(context, view, now));
}

function findReleaseBlockers(context: FailoverContext, view: FailoverView, now: number): readonly string[] {
  const stopped = sourceIsStopped(context, view);
  if (isUnplanned(context)) {
    return [
      ...new Set([
        ...stopped.blockers,
        ...addedMembers(context, view),
        ...holdBlockers(context, view),
        ...promotionBlockers(view),
        ...twoPrimariesAreRefused(view.group).blockers,
      ]),
    ];
  }
  const locks = locksAfter(context, view, now);
  const held = Object.values(locks).flatMap((lock) => {
    if (lock.state === 'released') return [];
    return lock.context.blockers.length > 0 ? lock.context.blockers : [`${lock.context.resource} is ${lock.state}`];
  });
  const sentences = [
    ...stopped.blockers,
    ...addedMembers(context, view),
    ...held,
    ...targetReplicasAreCurrent(view.group).blockers,
    ...twoPrimariesAreRefused(view.group).blockers,
  ];
  // One silence keeps several gates closed; it is told once.
  return [...new Set(sentences)];
}

/** What keeps the target from being started. */
export function startBlockers(context: FailoverContext, view: FailoverView, now: number): readonly string[] {
  return [...releaseBlockers(context, view, now), ...quorumTaintsAreGone(view.group).blockers];
}

/** What keeps the start on the target from being a success. */
export function startUpBlockers(context: FailoverContext, view: FailoverView): readonly string[] {
  const { source, target } = view.group;
  const against = isUnplanned(context) ? knownUp(view) : upAgainst(source);
  return [...virtualMachinesAreRunning(target).blockers, ...against];
}

/** What keeps the source from being seen back; what the target still has of the group above all. */
export function rollBackBlockers(view: FailoverView): readonly string[] {
  const { source, target } = view.group;
  return [...upAgainst(target), ...heldByTarget(view), ...virtualMachinesAreRunning(source).blockers];
}

/** Volumes that are known to be Primary on the target, open there whoever runs. Silence says nothing here. */
export function heldByTarget({ locks }: FailoverView): readonly string[] {
  return locks.flatMap((lock) => (lock.condition === 'heldByTarget' ? lock.blockers : []));
}

/** VMs that are known to be up on a site on which they are to stand still. Silence says nothing here. */
export function upAgainst(site: SiteView): readonly string[] {
  return site.virtualMachines
    .filter(({ power }) => power.state !== 'stopped' && power.state !== 'unknown')
    .map(({ name, power }) => `${name} is ${power.state} on ${site.site}, where it must stand still`);
}

const lastLocks = keepLast<LockTrack>();

/** The lock machines of the group's volumes after this observation. */
export function locksAfter({ locks, deadlines }: FailoverContext, view: FailoverView, now: number): LockTrack {
  const releaseBy = deadlines.drbdWait ?? Number.MAX_SAFE_INTEGER;
  return lastLocks([view, locks, now, releaseBy], () =>
    trackLocks(locks, view.locks, {
      now,
      sourceStopped: virtualMachinesAreStopped(view.group.source).open,
      releaseBy,
    }),
  );
}

/**
 * The source stands still for good: its VMs are proven stopped, and its group is ordered to keep them so. Unplanned, what a
 * person has accepted as unproven is left out; a source that answers is ordered all the same.
 */
function sourceIsStopped(context: FailoverContext, view: FailoverView): GateVerdict {
  const { source } = view.group;
  const vms = isUnplanned(context) ? verdictOf(standingBlockers(context, view)) : virtualMachinesAreStopped(source);
  const isOutOfReach =
    isConsented(context, 'UnverifiedSource') && (!source.group.known || source.group.value === undefined);
  const left = [
    ...(isOrdered(context, source, 'stopped') || isOutOfReach
      ? []
      : [`the group on ${context.request.source} is not ordered to stay stopped`]),
    ...(isConsented(context, 'UnverifiedSource') ? [] : unheardOrder(source)),
  ];
  return left.length === 0 ? vms : { ...vms, open: false, blockers: [...vms.blockers, ...left] };
}

/**
 * A controller that began to look before the order was given may still start what it has seen ordered to run: one that has
 * reported on the order has no such pass under way.
 */
function unheardOrder({ site, group }: SiteView): readonly string[] {
  if (!group.known || group.value === undefined) return [];
  const { generation, object } = group.value;
  const heard = numberAt(object, 'status', 'observedGeneration');
  return heard === undefined || heard >= generation
    ? []
    : [`the controller on ${site} has not yet reported that it has heard of its order`];
}

function verdictOf(blockers: readonly string[]): GateVerdict {
  return { gate: 'sourceStandsStill', open: blockers.length === 0, blockers };
}

/** Everything is so that only DRBD's own refusal is left, which a person has accepted to override. */
function mustForce(context: FailoverContext, view: FailoverView): boolean {
  const others = [
    ...sourceIsStopped(context, view).blockers,
    ...addedMembers(context, view),
    ...holdBlockers(context, view),
    ...twoPrimariesAreRefused(view.group).blockers,
  ];
  return others.length === 0 && volumesToForce(view).length > 0;
}

function mayTurnBack(context: FailoverContext): boolean {
  return context.request.rollBack && !hasForced(context);
}

/** VMs that a group was given since the operation began: nobody has looked at their volumes. */
function addedMembers(context: FailoverContext, { group }: FailoverView): readonly string[] {
  return [group.source, group.target].flatMap((site) => {
    const members = site.group.known ? (site.group.value?.virtualMachines ?? []) : [];
    return members
      .filter((vm) => !context.virtualMachines.includes(vm))
      .map((vm) => `${vm} was added to the group on ${site.site} since the operation began`);
  });
}

function sourceRuns(context: FailoverContext, view: FailoverView): boolean {
  return isOrdered(context, view.group.source, 'running') && virtualMachinesAreRunning(view.group.source).open;
}

function isOrdered(context: FailoverContext, site: SiteView, desiredState: DesiredState): boolean {
  const group = site.group.known ? site.group.value : undefined;
  return group !== undefined && group.epoch === context.epoch && group.desiredState === desiredState;
}

// Once the target has started, its own volumes are Primary there: a lock held by the target is proof of quorum.
function targetReplicasHaveQuorum(context: FailoverContext, view: FailoverView): boolean {
  if (isUnplanned(context)) return context.epoch > 0 && isEmpty(promotionBlockers(view));
  return (
    view.locks.every((lock) => lock.condition === 'free' || lock.condition === 'heldByTarget') && context.epoch > 0
  );
}

function isEmpty(blockers: readonly string[]): boolean {
  return blockers.length === 0;
}
