import { describe, expect, test } from 'vitest';
import { mergeConditions } from '../../src/model/conditions.ts';
import { timestamp } from '../../src/model/instant.ts';

const start = 1_767_225_600_000;
const ready = { type: 'Ready', status: 'True', reason: 'Valid', message: 'fine' } as const;

describe('conditions', () => {
  test('get the time at which their status was decided first', () => {
    expect(mergeConditions(undefined, [ready], 3, start)).toEqual([
      { ...ready, observedGeneration: 3, lastTransitionTime: timestamp(start) },
    ]);
  });

  test('keep their time while only reason and message change, and lose it with the status', () => {
    const conditions = mergeConditions({}, [ready], 1, start);
    const reworded = mergeConditions(
      { conditions },
      [{ ...ready, reason: 'Other', message: 'still' }],
      2,
      start + 60_000,
    );
    expect(reworded).toMatchObject([{ reason: 'Other', observedGeneration: 2, lastTransitionTime: timestamp(start) }]);
    const fallen = mergeConditions({ conditions }, [{ ...ready, status: 'False' }], 2, start + 60_000);
    expect(fallen).toMatchObject([{ status: 'False', lastTransitionTime: timestamp(start + 60_000) }]);
  });

  test('of others are kept as they are', () => {
    const foreign = { type: 'Backed', status: 'True', reason: 'Yes', message: '', lastTransitionTime: 'then' };
    expect(mergeConditions({ conditions: [foreign] }, [ready], 1, start)).toContainEqual(foreign);
  });
});
