import { isUnfinished } from '../../model/failover.ts';
import { preconditionFailed } from '../../model/drbd-command.ts';
import { execResultOf } from '../../model/exec-result.ts';
import type { Instant } from '../../model/instant.ts';
import type { Comparison } from '../../model/recovery/comparison.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { snapshotState } from '../../model/recovery/snapshots.ts';
import type { Fact } from '../definition.ts';
import { leaseIsLost, leaseIsUnseen, leasesAreOurs } from '../operation/leases.ts';
import { journalledState } from './begin.ts';
import { comparisonsAfter, repairSite, repairsAfter, underWay } from './comparing.ts';
import { claimOf, type RecoveryContext, type RecoveryDeadlines } from './context.ts';
import { evidenceIn, objections } from './looking.ts';
import { reunionIn } from './reuniting.ts';
import { openSnapshots, snapshotOrders } from './snapshotting.ts';

interface Args {
  readonly context: RecoveryContext;
  readonly event: Fact<RecoveryView>;
}

/** The named guards of the recovery machine. A guard over a view is false for every other fact. */
export const recoveryGuards = {
  // Without its journal nobody may begin: another may have been half-way.
  mayBegin: ({ context, event }: Args) =>
    whenObserved(event, (view) => leasesAreOurs(claimOf(context), view.leases) && view.operation.known),
  leaseIsLost: ({ context, event }: Args) => whenObserved(event, (view) => leaseIsLost(claimOf(context), view.leases)),
  leaseIsUnseen: ({ context, event }: Args) =>
    whenObserved(event, (view) => leaseIsUnseen(claimOf(context), view.leases)),
  resumes: ({ context, event }: Args, params: { readonly in: string }) =>
    whenObserved(event, (view) => leasesAreOurs(claimOf(context), view.leases) && journalledState(view) === params.in),
  operationHasEnded: ({ event }: Args) =>
    whenObserved(
      event,
      ({ operation }) => operation.known && (operation.value === undefined || !isUnfinished(operation.value)),
    ),
  leaseWaitIsOver: (args: Args) => isDeadline(args, 'leaseWait'),
  leaseWaitIsOverAndTakenUp: (args: Args) => isDeadline(args, 'leaseWait') && args.context.formerHolder !== '',
  leaseRenewalIsDue: (args: Args) => isDeadline(args, 'leaseRenewal'),

  cancelIsRequested: ({ event }: Args) => whenObserved(event, (view) => view.cancelRequested),
  cancelIsRequestedEarly: ({ event }: Args) =>
    whenObserved(event, (view) => view.cancelRequested && journalledState(view) === undefined),
  // Copies that were told to come together do so: one in the middle of a resync is of no use to anybody.
  verifyIsCancelled: ({ context, event }: Args) =>
    context.request.action === 'Verify' && whenObserved(event, (view) => view.cancelRequested),

  volumesAreKnown: ({ event }: Args) => whenObserved(event, ({ volumes }) => volumes.length > 0),
  mayCompare: ({ context, event }: Args) =>
    context.request.action === 'Verify' && whenObserved(event, (view) => objections(context, view).length === 0),
  mayReunite: ({ context, event }: Args) =>
    whenObserved(event, (view) => objections(context, view).length === 0 && !wantsSnapshots(context, view)),
  maySnapshot: ({ context, event }: Args) =>
    whenObserved(event, (view) => objections(context, view).length === 0 && wantsSnapshots(context, view)),

  snapshotHasFailed: ({ context, event }: Args) =>
    whenObserved(event, ({ snapshots }) =>
      snapshotOrders(context).some((order) => snapshotState(snapshots, order) === 'failed'),
    ),
  snapshotsAreTaken: ({ context, event }: Args) =>
    whenObserved(event, (view) => openSnapshots(context, view).length === 0),
  snapshotTimeIsOver: (args: Args) => isDeadline(args, 'snapshot'),

  copiesAreTogether: ({ context, event }: Args) =>
    whenObserved(event, (view) => {
      const { orders, blockers } = reunionIn(context, view, event.now);
      return orders.length === 0 && blockers.length === 0;
    }),
  stallTimeIsOver: (args: Args) => isDeadline(args, 'stall'),

  comparisonWasBegun: ({ event }: Args) => isOutcomeOf(event, (exitCode) => exitCode === 0),
  // Somebody has opened or let go of the volume just now: the next look asks again.
  comparisonWasRefused: ({ event }: Args) =>
    isOutcomeOf(event, (exitCode) => exitCode !== 0 && exitCode !== preconditionFailed),
  silenceIsOver: (args: Args) => isDeadline(args, 'silence'),
  allIsEqual: ({ context, event }: Args) => afterAll(context, event, (all) => all.length > 0 && all.every(isEqual)),
  mayRepair: ({ context, event }: Args) =>
    repairSite(context) !== undefined &&
    afterAll(context, event, (all) => all.every(isCompared) && !all.every(isEqual)),
  copiesDiffer: ({ context, event }: Args) =>
    afterAll(context, event, (all) => all.some(({ result }) => result === 'Different')),
  isNotCompared: ({ context, event }: Args) =>
    afterAll(context, event, (all) => all.length === 0 || !all.every(isCompared)),

  allIsRepaired: ({ context, event }: Args) =>
    whenObserved(event, (view) => repairsAfter(context, view, event.now).every(isEqual)),
  findingWasLost: ({ context, event }: Args) =>
    whenObserved(event, (view) => underWay(repairsAfter(context, view, event.now)) !== undefined),
};

function wantsSnapshots(context: RecoveryContext, view: RecoveryView): boolean {
  return evidenceIn(context, view).givenUp.some(({ snapshot }) => snapshot);
}

/** True when every comparison has come to an end after this look, and the condition holds of them. */
function afterAll(
  context: RecoveryContext,
  fact: Fact<RecoveryView>,
  holds: (comparisons: readonly Comparison[]) => boolean,
): boolean {
  return whenObserved(fact, (view) => {
    const all = comparisonsAfter(context, view, fact.now);
    return underWay(all) === undefined && holds(all);
  });
}

function isEqual({ result }: Comparison): boolean {
  return result === 'Equal' || result === 'Repaired';
}

function isCompared(comparison: Comparison): boolean {
  return isEqual(comparison) || comparison.result === 'Different';
}

function isOutcomeOf(fact: Fact<RecoveryView>, holds: (exitCode: number) => boolean): boolean {
  if (fact.type !== 'outcome' || fact.effect.name !== 'startComparison') return false;
  const result = execResultOf(fact.outcome);
  return result.known && holds(result.value.exitCode);
}

function isDeadline({ event }: Args, name: keyof RecoveryDeadlines): boolean {
  return event.type === 'deadlinePassed' && event.deadline === name;
}

function whenObserved(fact: Fact<RecoveryView>, holds: (view: RecoveryView, now: Instant) => boolean): boolean {
  return fact.type === 'observed' && holds(fact.view, fact.now);
}
