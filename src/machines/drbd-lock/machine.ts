import { assign, setup } from 'xstate';
import type { Instant } from '../../model/instant.ts';
import type { LockReading } from '../../model/drbd-lock.ts';

/** What the lock machine is told: a reading, whether the VM on the source has let go by itself, and the time. */
export interface LockFact {
  readonly type: 'read';
  readonly now: Instant;
  readonly reading: LockReading;
  /** True once the source's VMs are proven stopped: from then on a Primary there is a lock that should go away. */
  readonly sourceStopped: boolean;
  /** When a lock that is still held counts as stuck. */
  readonly releaseBy: Instant;
}

export interface LockContext {
  readonly resource: string;
  /** When the present state was entered. */
  readonly since: Instant;
  readonly blockers: readonly string[];
}

/**
 * Follows the DRBD lock of one volume: who holds it, and whether it is on its way to be released. Level-triggered: each
 * reading is placed by the same table, whatever the state was.
 */
export const drbdLockMachine = setup({
  types: {
    context: {} as LockContext,
    events: {} as LockFact,
    input: {} as { resource: string; now: Instant },
  },
  guards: {
    cannotTell: ({ event }) => event.reading.condition === 'unknown',
    isSplit: ({ event }) => event.reading.condition === 'splitBrain',
    targetHoldsIt: ({ event }) => event.reading.condition === 'heldByTarget',
    isOverdue: ({ event }) => isHeld(event) && event.sourceStopped && event.now >= event.releaseBy,
    isLettingGo: ({ event }) => isHeld(event) && event.sourceStopped,
    sourceHoldsIt: ({ event }) => isHeld(event),
    mayNotPromote: ({ event }) => event.reading.condition === 'noQuorum',
    isFree: ({ event }) => event.reading.condition === 'free',
  },
  actions: {
    note: assign({ blockers: ({ event }) => event.reading.blockers }),
  },
}).createMachine({
  id: 'drbd-lock',
  initial: 'unknown',
  context: ({ input }) => ({ resource: input.resource, since: input.now, blockers: [] }),
  on: {
    read: [
      { guard: 'cannotTell', target: '.unknown', actions: 'note' },
      { guard: 'isSplit', target: '.splitBrain', actions: 'note' },
      { guard: 'targetHoldsIt', target: '.heldByTarget', actions: 'note' },
      { guard: 'isOverdue', target: '.stuck', actions: 'note' },
      { guard: 'isLettingGo', target: '.releasing', actions: 'note' },
      { guard: 'sourceHoldsIt', target: '.held', actions: 'note' },
      { guard: 'mayNotPromote', target: '.noQuorum', actions: 'note' },
      { guard: 'isFree', target: '.released', actions: 'note' },
    ],
  },
  states: {
    unknown: { description: 'Not every replica is reported: nothing may be concluded' },
    held: { description: 'A replica outside the target is Primary and its VM runs' },
    releasing: { description: 'The VM has stopped; its replica is still Primary' },
    stuck: { description: 'The VM has stopped, the wait is over, and its replica is still Primary' },
    released: { description: 'Every replica is Secondary and the target may promote' },
    heldByTarget: { description: 'The target has been promoted' },
    noQuorum: { description: 'Every replica is Secondary, but the target could not promote' },
    splitBrain: { description: 'A replica has left its peer for good: their data may have parted' },
  },
});

function isHeld(fact: LockFact): boolean {
  return fact.reading.condition === 'held';
}
