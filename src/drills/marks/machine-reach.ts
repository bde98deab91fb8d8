import type { Reach } from './mark.ts';

const asItStands: Reach = {
  notYet: 'every operation of a tape turns back where it fails; none is ordered to leave things as they stand',
};
const noGroupGoes: Reach = { notYet: 'no item of a tape deletes a protection group' };
const recoveryIsShort: Reach = {
  notYet:
    'a recovery is seldom under way when something else goes wrong, and no tape aims at it; the test of the machine takes this branch',
};
const nothingParts: Reach = { notYet: 'no item of a tape lets both sites write, as a person can who forces DRBD' };

/** Marks of the machines that no full set of random runs has to reach, with who does, or why nobody does. */
export const reachOf: Readonly<Record<string, Reach>> = {
  'failover/failed': asItStands,
  'failover/stoppingSource deadlinePassed timeIsUp': asItStands,
  'failover/awaitingRelease deadlinePassed drbdWaitIsOver': asItStands,
  'failover/removingTaints deadlinePassed taintWindowIsOver': asItStands,
  'protection-group/gone': noGroupGoes,
  'protection-group/any state observed groupIsGone': noGroupGoes,
  'recovery/cancelled': 'scenarios',
  'recovery/comparing observed verifyIsCancelled': 'scenarios',
  'recovery/finding observed otherwise': recoveryIsShort,
  'recovery/snapshotting observed snapshotHasFailed': recoveryIsShort,
  'recovery/snapshotting deadlinePassed snapshotTimeIsOver': recoveryIsShort,
  'recovery/comparing outcome comparisonWasRefused': recoveryIsShort,
  'recovery/comparing deadlinePassed silenceIsOver': recoveryIsShort,
  'recovery/comparing deadlinePassed stallTimeIsOver': recoveryIsShort,
  'recovery/repairing observed findingWasLost': recoveryIsShort,
  // Locks are looked at once the VMs stand still: a person has to start one by hand at that moment.
  'drbd-lock/held': 'scenarios',
  'drbd-lock/any state read sourceHoldsIt': 'scenarios',
  'drbd-lock/heldByTarget': 'scenarios',
  'drbd-lock/any state read targetHoldsIt': 'scenarios',
  'drbd-lock/splitBrain': nothingParts,
  'drbd-lock/any state read isSplit': nothingParts,
};
