import fc from 'fast-check';
import { drbdLockMachine, type LockFact } from '../../../src/machines/drbd-lock/machine.ts';
import { type LockRecord, trackLocks } from '../../../src/machines/drbd-lock/track.ts';
import type { LockReading } from '../../../src/model/drbd-lock.ts';
import { minute } from '../../../src/model/instant.ts';
import { describeMachine } from '../../contracts/machine.ts';
import { sceneStart } from '../scene.ts';

const conditions: readonly LockReading['condition'][] = [
  'unknown',
  'splitBrain',
  'held',
  'heldByTarget',
  'noQuorum',
  'free',
];

const read = (condition: LockReading['condition'], sourceStopped: boolean, after = 0): LockFact => ({
  type: 'read',
  now: sceneStart + after,
  reading: { resource: 'vol-1', condition, blockers: condition === 'free' ? [] : [`vol-1 is ${condition}`] },
  sourceStopped,
  releaseBy: sceneStart + minute,
});

describeMachine<LockRecord, LockFact>({
  id: 'drbd-lock',
  machine: drbdLockMachine,
  finalStates: new Set(),
  effects: [],
  beginnings: [{ state: 'unknown', context: { resource: 'vol-1', since: sceneStart, blockers: [] } }],
  step: (record, { reading, type: _type, ...surroundings }) => {
    const next = trackLocks({ [reading.resource]: record }, [reading], surroundings)[reading.resource];
    if (next === undefined) throw new Error('the volume was lost');
    return { record: next, effects: [] };
  },
  stateOf: ({ state }) => state,
  contextOf: ({ context }) => context,
  kindOf: () => '',
  alphabet: [
    ...conditions.map((condition) => () => read(condition, false)),
    () => read('held', true),
    () => read('held', true, 2 * minute),
  ],
  facts: fc.tuple(fc.constantFrom(...conditions), fc.boolean(), fc.integer({ min: 0, max: 2 * minute })).map(
    ([condition, sourceStopped, after]) =>
      () =>
        read(condition, sourceStopped, after),
  ),
  mustHandle: () => true,
});
