import type { recoveryGuards } from '../../../src/machines/recovery/guards.ts';
import type { Mutant } from './mutant.ts';

type Guard = keyof typeof recoveryGuards;
type Expectation = readonly [property: string, why: string];

/** What breaks when a guard of the recovery machine is removed. */
const removedGuards = {
  mayBegin: ['L2', 'it begins without its Leases, and gives way when it sees that it holds none: nobody ends it'],
  leaseIsLost: ['L2', 'a holder gives way although nobody has taken its Leases, and so does everybody after it'],
  leaseIsUnseen: ['L2', 'a holder waits for ever to see the Lease that it sees'],
  resumes: ['L2', 'a new recovery goes on in the middle, without the copies that it is about'],
  operationHasEnded: ['L2', 'a recovery that was never begun counts as over'],
  leaseWaitIsOver: ['L2', 'who takes over from a dead process gives up when its Lease lapses, which is when it begins'],
  leaseWaitIsOverAndTakenUp: ['L2', 'who takes over from a dead process leaves when its Lease lapses'],
  cancelIsRequested: ['L19', 'it ends as given up and nobody has asked for that'],
  cancelIsRequestedEarly: ['L19', 'it ends as given up before it begins and nobody has asked for that'],
  verifyIsCancelled: ['L19', 'a comparison ends as given up and nobody has asked for that'],
  mayCompare: ['L19', 'copies that have parted are compared before they are brought together'],
  snapshotHasFailed: ['L19', 'a snapshot counts as failed before it was asked for'],
  snapshotsAreTaken: ['S33', 'data are given up that nothing keeps'],
  stallTimeIsOver: ['L19', 'it gives up at the first deadline of any kind, which is that of its Leases'],
  comparisonWasRefused: ['L19', 'a comparison has no result as soon as it has begun'],
  silenceIsOver: ['L19', 'the nodes count as silent at the first deadline of any kind, which is that of the Leases'],
  allIsEqual: ['S32', 'copies that were found to differ count as the same'],
  copiesDiffer: ['L19', 'copies that are the same, or not compared yet, count as different'],
  isNotCompared: ['L19', 'a comparison counts as failed before it has ended'],
  allIsRepaired: ['S32', 'a repair counts as done before the blocks are replaced'],
} as const satisfies Partial<Readonly<Record<Guard, Expectation>>>;

/**
 * Why nobody hunts for one of the others: the test of the machine has these. With the list above the type
 * asks for every guard that the machine has.
 */
export const unjudgedGuards: Readonly<Record<Exclude<Guard, keyof typeof removedGuards>, string>> = {
  leaseRenewalIsDue: 'a Lease is renewed more often than it has to be, and in other hands the server refuses that',
  volumesAreKnown: 'a group without volumes is refused one state later',
  mayReunite:
    'what speaks against it keeps the copies apart as well: it asks for a person, where it would have said no',
  maySnapshot: 'the same, with a snapshot that nobody needs',
  snapshotTimeIsOver: 'no scenario has LINSTOR take as long as a Lease lasts',
  mayRepair: 'L19 breaks, and half a minute goes by until it does: too dear for every hunt',
  copiesAreTogether: 'a comparison waits for copies that have been told to come together',
  comparisonWasBegun: 'a comparison that was refused is followed until it is found to have no result',
  findingWasLost: 'what has been repaired is compared once more than it has to be',
};

/** One mutant for each guard of the recovery machine that is judged: the guard is gone, so that its transition is always taken. */
export const recoveryGuardMutants: readonly Mutant[] = Object.entries<Expectation>(removedGuards).map(
  ([guard, [property, why]]) => ({
    id: `recovery guard ${guard} removed`,
    property,
    why,
    changes: [{ file: 'src/machines/recovery/guards.ts', append: `recoveryGuards.${guard} = () => true;` }],
    first: 'recovery',
  }),
);
