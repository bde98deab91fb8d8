import { setup } from 'xstate';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import type { Fact } from '../definition.ts';
import { arrowsOfAcquiring, endsOf, keepsLeases, superseded, underLeases } from '../operation/states.ts';
import { recoveryAssignments } from './assignments.ts';
import { beginContext } from './begin.ts';
import type { RecoveryContext, RecoveryInput } from './context.ts';
import { recoveryGuards } from './guards.ts';

/** Stands for an effect in the chart: the host performs the requests that `effects.ts` lists for it. */
const effect = (): void => undefined;

/**
 * A recovery of the copies of a group, or a comparison of them. Nothing is given up but what a person has accepted as it was
 * seen; from the first command on copies are brought together to the end, and end compared, block by block.
 */
export const recoveryMachine = setup({
  types: {
    context: {} as RecoveryContext,
    events: {} as Fact<RecoveryView>,
    input: {} as RecoveryInput,
  },
  guards: recoveryGuards,
  actions: {
    ...recoveryAssignments,
    takeNextLease: effect,
    renewLeases: effect,
    releaseLeases: effect,
    orderNothing: effect,
    takeSnapshots: effect,
    reunite: effect,
    withdrawDiscards: effect,
    startComparison: effect,
    replaceBlocks: effect,
  },
}).createMachine({
  id: 'recovery',
  initial: 'acquiringLease',
  context: ({ input }) => beginContext(input),
  on: keepsLeases,
  states: {
    acquiringLease: {
      description: 'Excludes every other operation on the group: the same Leases as those of its failovers',
      on: arrowsOfAcquiring('finding', ['snapshotting', 'reuniting', 'comparing', 'repairing']),
    },
    finding: {
      description: 'Finds out which volumes are concerned: DRBD is asked about these alone',
      on: {
        observed: [
          ...underLeases,
          { guard: 'cancelIsRequested', target: 'cancelled', actions: 'concludeCancelled' },
          { guard: 'volumesAreKnown', target: 'looking', actions: 'noteVolumes' },
          { target: 'refused', actions: 'concludeNotReady' },
        ],
      },
    },
    looking: {
      description:
        'Looks once more, now that nobody else may act: what a person has accepted holds for what they were shown alone',
      on: {
        observed: [
          ...underLeases,
          { guard: 'cancelIsRequested', target: 'cancelled', actions: 'concludeCancelled' },
          { guard: 'mayCompare', target: 'comparing', actions: 'fixPlan' },
          { guard: 'maySnapshot', target: 'snapshotting', actions: 'fixPlan' },
          { guard: 'mayReunite', target: 'reuniting', actions: 'fixPlan' },
          { target: 'refused', actions: 'concludeNotReady' },
        ],
      },
    },
    snapshotting: {
      description: 'Has the storage keep what is about to be given up; until here nothing has changed',
      entry: 'beginSnapshots',
      on: {
        observed: [
          ...underLeases,
          { guard: 'cancelIsRequested', target: 'cancelled', actions: 'concludeCancelled' },
          { guard: 'snapshotHasFailed', target: 'failed', actions: ['noteSnapshots', 'concludeNotKept'] },
          { guard: 'snapshotsAreTaken', target: 'reuniting' },
          { actions: ['takeSnapshots', 'noteSnapshots'] },
        ],
        deadlinePassed: { guard: 'snapshotTimeIsOver', target: 'failed', actions: 'concludeNotKept' },
      },
    },
    reuniting: {
      description:
        'Brings the copies together: the next command, by what DRBD tells now, until nothing is left to do. The way is forward from here',
      entry: ['beginReunion', 'reunite', 'noteReunion'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'copiesAreTogether', target: 'comparing' },
          { actions: ['reunite', 'noteReunion'] },
        ],
        deadlinePassed: {
          guard: 'stallTimeIsOver',
          target: 'needsAttention',
          actions: ['withdrawDiscards', 'concludeApart'],
        },
      },
    },
    comparing: {
      description: 'Compares every two copies block by block, one after the other, from the first block on',
      entry: ['beginComparisons', 'startComparison'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'verifyIsCancelled', target: 'cancelled', actions: 'concludeCancelled' },
          { guard: 'allIsEqual', target: 'succeeded', actions: ['noteComparisons', 'concludeSucceeded'] },
          { guard: 'mayRepair', target: 'repairing', actions: 'noteComparisons' },
          { guard: 'copiesDiffer', target: 'needsAttention', actions: ['noteComparisons', 'concludeDifferent'] },
          { guard: 'isNotCompared', target: 'failed', actions: ['noteComparisons', 'concludeNotCompared'] },
          { actions: ['noteComparisons', 'startComparison'] },
        ],
        outcome: [
          { guard: 'comparisonWasBegun', actions: 'noteBegun' },
          { guard: 'comparisonWasRefused', actions: 'noteRefused' },
        ],
        deadlinePassed: [
          { guard: 'silenceIsOver', actions: 'noteSilence' },
          { guard: 'stallTimeIsOver', target: 'failed', actions: 'concludeNotCompared' },
        ],
      },
    },
    repairing: {
      description:
        'Replaces the blocks that differ on the side that a person has named, while the connection lasts: DRBD forgets with it what was found',
      entry: ['beginRepair', 'replaceBlocks'],
      on: {
        observed: [
          ...underLeases,
          { guard: 'allIsRepaired', target: 'succeeded', actions: ['noteRepairs', 'concludeSucceeded'] },
          { guard: 'findingWasLost', target: 'comparing', actions: 'noteRepairs' },
          { actions: ['replaceBlocks', 'noteRepairs'] },
        ],
        deadlinePassed: { guard: 'stallTimeIsOver', target: 'needsAttention', actions: 'concludeNotRepaired' },
      },
    },
    ...endsOf({
      succeeded: 'The copies are together, and were found to be equal',
      cancelled: 'A person gave the operation up; nothing was changed',
      refused: 'Nothing was done',
      failed: 'It did not come to its end; the status says how far it came',
      needsAttention: 'A person has to decide',
    }),
    superseded,
  },
});
