import { preconditionFailed } from '../../model/drbd-command.ts';
import { execResultOf } from '../../model/exec-result.ts';
import type { Comparison } from '../../model/recovery/comparison.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { snapshotState } from '../../model/recovery/snapshots.ts';
import type { Fact } from '../definition.ts';
import { type GuardArgs, isDeadline, operationGuards, whenObserved } from '../operation/guards.ts';
import { comparisonsAfter, repairSite, repairsAfter, underWay } from './comparing.ts';
import { claimOf, type RecoveryContext } from './context.ts';
import { recoveryKind } from './journal.ts';
import { evidenceIn, objections } from './looking.ts';
import { reunionIn } from './reuniting.ts';
import { openSnapshots, snapshotOrders } from './snapshotting.ts';

type Args = GuardArgs<RecoveryContext, RecoveryView>;

/** The named guards of the recovery machine. A guard over a view is false for every other fact. */
export const recoveryGuards = {
  ...operationGuards<RecoveryContext, RecoveryView>(recoveryKind, claimOf),
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
    whenObserved(event, (view) => snapshotOrders(context).some((order) => snapshotState(order, view) === 'failed')),
  snapshotsAreTaken: ({ context, event }: Args) =>
    whenObserved(event, (view) => openSnapshots(context, view).length === 0),
  snapshotTimeIsOver: (args: Args) => isDeadline(args.event, 'snapshot'),

  copiesAreTogether: ({ context, event }: Args) =>
    whenObserved(event, (view) => {
      const { orders, blockers } = reunionIn(context, view, event.now);
      return orders.length === 0 && blockers.length === 0;
    }),
  stallTimeIsOver: (args: Args) => isDeadline(args.event, 'stall'),

  comparisonWasBegun: ({ event }: Args) => isOutcomeOf(event, (exitCode) => exitCode === 0),
  // Somebody has opened or let go of the volume just now: the next look asks again.
  comparisonWasRefused: ({ event }: Args) =>
    isOutcomeOf(event, (exitCode) => exitCode !== 0 && exitCode !== preconditionFailed),
  silenceIsOver: (args: Args) => isDeadline(args.event, 'silence'),
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
