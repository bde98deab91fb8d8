import { digestOf } from '../../model/digest.ts';
import { execResultOf } from '../../model/exec-result.ts';
import type { Instant } from '../../model/instant.ts';
import { begun, type Comparison, unknownResult } from '../../model/recovery/comparison.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import type { Satellite } from '../../model/satellite.ts';
import { leaseAssignments } from '../operation/assignments.ts';
import { changesOf } from '../operation/changes.ts';
import { keepDeadline, withDeadline } from '../operation/deadlines.ts';
import { beginStep } from '../operation/steps.ts';
import { conclude, waiting } from '../operation/progress.ts';
import { acquire, sightOperation, silenceTime, snapshotTime, stallTime } from './begin.ts';
import {
  comparisonBlockers,
  comparisonsAfter,
  isHeard,
  plannedComparisons,
  repairOrders,
  repairsAfter,
  withUnderWay,
} from './comparing.ts';
import { claimOf, type RecoveryContext, type RecoveryDeadlines } from './context.ts';
import { evidenceIn, objections } from './looking.ts';
import { reunionBlockers, toldAfter } from './reuniting.ts';
import { snapshotBlockers } from './snapshotting.ts';
import * as verdicts from './verdicts.ts';

const { on, onObserved } = changesOf<RecoveryContext, RecoveryView>();

/** The named changes of the recovery machine's context. */
export const recoveryAssignments = {
  sightOperation: onObserved((_context, view) => sightOperation(view)),
  ...leaseAssignments<RecoveryContext, RecoveryView>(claimOf),
  holdLeases: onObserved(acquire),

  noteVolumes: onObserved((_context, view) => ({
    resources: view.volumes.map(({ resource }) => resource),
    satellites: view.satellites,
  })),
  fixPlan: onObserved((context, view) => {
    const { survivors, givenUp } = evidenceIn(context, view);
    const nodes = nodesOf(view);
    return { nodes, survivors, givenUp, epoch: view.epoch, satellites: satellitesOn(nodes, view) };
  }),

  beginSnapshots: on((context, { now }) => ({
    steps: beginStep(context.steps, 'snapshot', now),
    ...keepDeadline(context, 'snapshot', now + snapshotTime),
  })),
  noteSnapshots: onObserved((context, view, now) => waiting(context, snapshotBlockers(context, view), now)),

  beginReunion: on((context, { now }) => ({
    steps: beginStep(context.steps, 'reunite', now),
    blockers: [],
    ...keepDeadline(context, 'stall', now + stallTime),
  })),
  noteReunion: onObserved((context, view, now) => ({
    ...goingOn(context, view, reunionBlockers(context, view, now), now),
    told: toldAfter(context, view, now),
    satellites: satellitesOn(context.nodes, view),
  })),

  beginComparisons: on((context, fact) => ({
    steps: beginStep(context.steps, 'compare', fact.now),
    blockers: [],
    told: {},
    comparisons:
      context.comparisons.length > 0 || fact.type !== 'observed' ? context.comparisons : plannedComparisons(fact.view),
    ...withDeadline(context, 'stall', fact.now + stallTime),
  })),
  noteComparisons: onObserved((context, view, now) => {
    const comparisons = comparisonsAfter(context, view, now);
    return {
      ...goingOn(
        context,
        view,
        comparisonBlockers(comparisons, view),
        now,
        silenceAfter(context, comparisons, view, now),
      ),
      comparisons,
      satellites: satellitesOn(context.nodes, view),
    };
  }),
  noteBegun: on((context, { now }) => ({
    comparisons: withUnderWay(context.comparisons, (each) => begun(each, now)),
  })),
  noteRefused: on((context, fact) => {
    const result = fact.type === 'outcome' ? execResultOf(fact.outcome) : undefined;
    const why = result?.known === true ? result.value.stderr.trim() : '';
    return { comparisons: withUnderWay(context.comparisons, (each) => unknownResult(each, fact.now, why)) };
  }),
  noteSilence: on((context, { now }) => ({
    comparisons: withUnderWay(context.comparisons, (each) =>
      unknownResult(each, now, `${each.node} or ${each.peer} does not answer any more`),
    ),
    ...withoutDeadline(context, 'silence'),
  })),

  beginRepair: on((context, { now }) => ({
    steps: beginStep(context.steps, 'repair', now),
    blockers: [],
    ...withDeadline(context, 'stall', now + stallTime),
  })),
  noteRepairs: onObserved((context, view, now) => ({
    ...goingOn(context, view, repairBlockers(context, view), now),
    comparisons: repairsAfter(context, view, now),
    satellites: satellitesOn(context.nodes, view),
  })),

  concludeSucceeded: on((context, { now }) => conclude(context, now, { kind: 'succeeded' })),
  concludeCancelled: on((context, { now }) => conclude(context, now, verdicts.cancelled(context))),
  concludeSuperseded: onObserved((context, view, now) => conclude(context, now, verdicts.superseded(context, view))),
  concludeNotReady: onObserved((context, view, now) =>
    conclude(context, now, verdicts.notReady(context, objections(context, view))),
  ),
  concludeNotKept: on((context, { now }) => conclude(context, now, verdicts.notKept(context))),
  concludeApart: on((context, { now }) => conclude(context, now, verdicts.apart(context))),
  concludeNotCompared: on((context, { now }) => conclude(context, now, verdicts.notCompared(context))),
  concludeDifferent: on((context, { now }) => conclude(context, now, verdicts.different(context))),
  concludeNotRepaired: on((context, { now }) => conclude(context, now, verdicts.notRepaired(context))),
};

/** The nodes that tell of one of the volumes, or that others name as its peers. */
function nodesOf({ volumes }: RecoveryView): readonly string[] {
  const copies = volumes.flatMap((volume) => volume.copies);
  const named = copies.flatMap(({ satellite, report }) => [satellite.node, ...report.peers.map(({ node }) => node)]);
  return [...new Set(named)].toSorted();
}

function satellitesOn(nodes: readonly string[], { satellites }: RecoveryView): readonly Satellite[] {
  return satellites.filter(({ node }) => nodes.includes(node));
}

/** What is waited for, with the time at which it counts as stuck: that moves as long as anything changes. */
function goingOn(
  context: RecoveryContext,
  view: RecoveryView,
  blockers: readonly string[],
  now: Instant,
  deadlines: RecoveryDeadlines = context.deadlines,
): Partial<RecoveryContext> {
  const progress = progressOf(view);
  const isStuck = progress === context.progress && deadlines.stall !== undefined;
  return {
    ...waiting(context, blockers, now),
    progress,
    deadlines: isStuck ? deadlines : { ...deadlines, stall: now + stallTime },
  };
}

/** How far the copies have come, by its digest. What happens while two of them are apart, our own attempts too, is no progress. */
function progressOf({ volumes }: RecoveryView): string {
  const copies = volumes.flatMap((volume) => volume.copies);
  return digestOf(
    copies.map(({ satellite, report: { resource, role, disk, peers } }) => [
      resource,
      satellite.node,
      role,
      disk,
      peers.map(({ node, connection, replication, outOfSyncKib, donePercentage }) =>
        connection === 'Connected' ? [node, replication, outOfSyncKib, donePercentage] : [node],
      ),
    ]),
  );
}

function repairBlockers(context: RecoveryContext, view: RecoveryView): readonly string[] {
  return repairOrders(context, view).flatMap((order) => (typeof order === 'string' ? [order] : []));
}

function silenceAfter(
  context: RecoveryContext,
  comparisons: readonly Comparison[],
  view: RecoveryView,
  now: Instant,
): RecoveryDeadlines {
  const { silence, ...deadlines } = context.deadlines;
  if (isHeard(comparisons, view)) return deadlines;
  return { ...deadlines, silence: silence ?? now + silenceTime };
}

function withoutDeadline(context: RecoveryContext, name: keyof RecoveryDeadlines): Partial<RecoveryContext> {
  const { [name]: _over, ...deadlines } = context.deadlines;
  return { deadlines };
}
