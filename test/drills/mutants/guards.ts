import type { failoverGuards } from '../../../src/machines/failover/guards.ts';
import type { Mutant } from './mutant.ts';

type Expectation = readonly [property: string, why: string];

/** What breaks when a guard of the failover machine is removed. */
const removedGuards: Readonly<Partial<Record<keyof typeof failoverGuards, Expectation>>> = {
  mayBegin: ['L3', 'an operation begins without its Leases, and gives way when it sees that it holds none'],
  leaseIsLost: ['L3', 'a holder gives way although nobody has taken its Leases'],
  resumes: ['L3', 'a new operation skips its preflight, and with that its plan'],
  operationHasEnded: ['L3', 'an operation that was never begun counts as over'],
  leaseWaitIsOver: ['L2', 'who takes over from a dead process gives up when its Lease lapses, which is when it begins'],
  leaseWaitIsOverAndTakenUp: ['L2', 'who takes over from a dead process leaves when its Lease lapses'],
  cancelIsRequested: ['L3', 'an operation is cancelled and nobody has asked for it'],
  cancelIsRequestedEarly: ['L3', 'an operation is cancelled before it begins and nobody has asked for it'],
  turnsBackOnCancel: ['L3', 'an operation turns back and nobody has asked for it'],
  targetRuns: ['S21', 'the operation succeeds before any VM executes on the target'],
  timeIsUp: ['L3', 'the operation fails at the first deadline of any kind, which is that of its Leases'],
  timeIsUpAndTurnsBack: [
    'L3',
    'the operation turns back at the first deadline of any kind, which is that of its Leases',
  ],
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
