import type { LockReading } from '../../model/drbd-lock.ts';
import type { Instant } from '../../model/instant.ts';
import { pureBeginning, pureTransition } from '../pure-transition.ts';
import { drbdLockMachine, type LockContext, type LockFact } from './machine.ts';

/** A state of the lock machine. */
export type LockState =
  | 'unknown'
  | 'held'
  | 'releasing'
  | 'stuck'
  | 'released'
  | 'heldByTarget'
  | 'noQuorum'
  | 'splitBrain';

/** The stored form of one volume's lock machine. */
export interface LockRecord {
  readonly state: LockState;
  readonly context: LockContext;
}

export type LockTrack = Readonly<Record<string, LockRecord>>;

/** Steps the lock machine of every volume with its reading; volumes that are new begin as unknown. Pure. */
export function trackLocks(
  earlier: LockTrack,
  readings: readonly LockReading[],
  surroundings: Omit<LockFact, 'type' | 'reading'>,
): LockTrack {
  const next: Record<string, LockRecord> = {};
  for (const reading of readings) {
    const before = earlier[reading.resource] ?? beginLock(reading.resource, surroundings.now);
    next[reading.resource] = stepLock(before, { type: 'read', reading, ...surroundings });
  }
  return next;
}

function beginLock(resource: string, now: Instant): LockRecord {
  const { state, context } = pureBeginning<LockContext>(drbdLockMachine, { resource, now });
  return { state: state as LockState, context };
}

function stepLock(record: LockRecord, fact: LockFact): LockRecord {
  const next = pureTransition(drbdLockMachine, record.state, record.context, fact);
  const state = next.state as LockState;
  if (state !== record.state) return { state, context: { ...next.context, since: fact.now } };
  return next.context === record.context ? record : { state, context: next.context };
}
