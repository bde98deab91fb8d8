import type { failoverGuards } from '../../../src/machines/failover/guards.ts';
import type { Mutant } from './mutant.ts';

type Expectation = readonly [property: string, why: string];

/** What breaks when a guard of the failover machine is removed. The type asks for every guard that the machine has. */
const removedGuards: Readonly<Record<keyof typeof failoverGuards, Expectation>> = {
  mayBegin: ['L3', 'an operation begins without its Leases, and gives way when it sees that it holds none'],
  leaseIsLost: ['L3', 'a holder gives way although nobody has taken its Leases'],
  leaseIsUnseen: ['L3', 'a holder waits for ever to see the Lease that it sees'],
  resumes: ['L3', 'a new operation skips its preflight, and with that its plan'],
  operationHasEnded: ['L3', 'an operation that was never begun counts as over'],
  leaseWaitIsOver: ['L2', 'who takes over from a dead process gives up when its Lease lapses, which is when it begins'],
  leaseWaitIsOverAndTakenUp: ['L2', 'who takes over from a dead process leaves when its Lease lapses'],
  leaseRenewalIsDue: [
    'S25',
    'whoever waits for a Lease renews it at every deadline of its own, in hands that are not its own',
  ],
  cancelIsRequested: ['L3', 'an operation is cancelled and nobody has asked for it'],
  cancelIsRequestedEarly: ['L3', 'an operation is cancelled before it begins and nobody has asked for it'],
  turnsBackOnCancel: ['L3', 'an operation turns back and nobody has asked for it'],
  preflightPasses: ['S24', 'the source is stopped although the target lacks what it needs'],
  sourceIsStopped: ['S22', 'the step counts as done while guests still execute on the source'],
  locksAreReleased: ['S22', 'the step counts as done while volumes are still Primary on the source'],
  mustForce: ['S22', 'a planned operation goes on as if DRBD had been forced, while volumes are still Primary'],
  forceIsDone: ['S31', 'the step counts as done while the volume is still Primary by force'],
  forceWaitIsOver: ['L11', 'the operation asks for a person at the first deadline of any kind'],
  targetMayStart: ['S23', 'the target is ordered to run whatever has happened since the locks were released'],
  targetIsOrdered: ['S22', 'the start counts as ordered when it was refused'],
  orderIsUndone: ['S11', 'the target is ordered to run again although the source was told to run meanwhile'],
  targetRuns: ['S21', 'the operation succeeds before any VM executes on the target'],
  sourceRuns: ['S22', 'the way back counts as done before the source runs'],
  sourceRunsAfterCancel: ['S22', 'the way back counts as done before the source runs'],
  timeIsUp: ['L3', 'the operation fails at the first deadline of any kind, which is that of its Leases'],
  timeIsUpAndTurnsBack: [
    'L3',
    'the operation turns back at the first deadline of any kind, which is that of its Leases',
  ],
  drbdWaitIsOver: ['L11', 'the wait for the locks ends at the first deadline of any kind, which is that of the Leases'],
  drbdWaitIsOverAndTurnsBack: [
    'L11',
    'the operation turns back at the first deadline of any kind that passes while it waits for the locks',
  ],
  taintWindowIsOver: [
    'L11',
    'the operation fails at the first deadline of any kind that passes while it removes taints',
  ],
  taintWindowIsOverAndTurnsBack: [
    'L11',
    'the operation turns back at the first deadline of any kind that passes while it removes taints',
  ],
  taintWindowIsOpen: ['S27', 'taints that come back are taken away for as long as the VMs take to start'],
  vmStartIsOver: ['L3', 'the operation gives up at the first deadline of any kind, which is that of its Leases'],
};

/** One mutant for each guard of the failover machine: the guard is gone, so that its transition is always taken. */
export const failoverGuardMutants: readonly Mutant[] = Object.entries(removedGuards).map(
  ([guard, [property, why]]) => ({
    id: `failover guard ${guard} removed`,
    property,
    why,
    changes: [{ file: 'src/machines/failover/guards.ts', append: `failoverGuards.${guard} = () => true;` }],
  }),
);
