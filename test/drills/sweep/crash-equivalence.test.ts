import { describe, expect, test } from 'vitest';
import { inequivalences, type Reference } from '../../../src/drills/sweep/crash-equivalence.ts';
import type { EndState, OperationEnd } from '../../../src/drills/sweep/end-state.ts';

const moved = endState({
  world: { 'cluster1 virtualmachines default/vm-1': 'stands', 'cluster2 virtualmachines default/vm-1': 'runs' },
  counts: { 'created cluster2 pods': 1, 'deleted cluster1 pods': 1, 'created cluster2 failovers': 1 },
  runningOn: 'cluster2',
  operations: [{ name: 'away', group: 'pg', target: 'cluster2', phase: 'Succeeded' }],
});
const reference: Reference = { end: moved, rests: [], isInterrupted: false };

describe('when the operations end as in the reference', () => {
  test('the same end is equivalent', () => {
    expect(inequivalences(moved, reference)).toEqual([]);
  });

  test('an object that is otherwise is told, and one that is as it was at the beginning', () => {
    const world = new Map([['cluster2 virtualmachines default/vm-1', 'is paused']]);
    expect(inequivalences({ ...moved, world }, reference)).toEqual([
      'cluster2 virtualmachines default/vm-1 is "…is paused…", not "…runs…"',
      'cluster1 virtualmachines default/vm-1 is as at the beginning',
    ]);
  });

  test('an object that is made twice is told, although the end is the same', () => {
    const counts = new Map([...moved.counts, ['created cluster2 pods', 2]] as const);
    expect(inequivalences({ ...moved, counts }, reference)).toEqual([
      'created cluster2 pods: 2, and 1 in the reference',
    ]);
    expect(inequivalences({ ...moved, counts }, { ...reference, isInterrupted: true })).toEqual([]);
  });
});

describe('when an operation ends otherwise', () => {
  const turnedBack = endState({
    world: {},
    counts: { 'created cluster1 pods': 1, 'deleted cluster1 pods': 1, 'created cluster2 failovers': 1 },
    runningOn: 'cluster1',
    operations: [{ name: 'away', group: 'pg', target: 'cluster2', phase: 'RolledBack' }],
  });

  test('a group that runs at the source as at the beginning is right in its own way', () => {
    expect(inequivalences(turnedBack, reference)).toEqual([]);
  });

  test('a group that is told to run where no success has led it is not', () => {
    expect(inequivalences({ ...turnedBack, runningOn: new Map([['pg', ['cluster2']]]) }, reference)).toEqual([
      'told to run is pg on cluster2; the operations lead to pg on cluster1',
    ]);
  });

  test('what a calm run does not leave behind is told', () => {
    const world = new Map([['cluster2 virtualmachines default/vm-1', 'runs']]);
    expect(inequivalences({ ...turnedBack, world }, reference)).toEqual([
      'cluster2 virtualmachines default/vm-1 is otherwise than at the beginning: runs',
    ]);
  });

  test('a person who is needed now and was not before is told', () => {
    const operations = turnedBack.operations.map((operation) => ({ ...operation, phase: 'NeedsAttention' }));
    expect(inequivalences({ ...turnedBack, operations }, reference)).toEqual([
      'away needs a person, and ended as Succeeded in the reference',
    ]);
  });

  test('a kind that has nothing to do with running VMs is made no more often', () => {
    const counts = new Map([...turnedBack.counts, ['created cluster2 persistentvolumes', 1]] as const);
    expect(inequivalences({ ...turnedBack, counts }, reference)).toEqual([
      'created cluster2 persistentvolumes: 1, and 0 in the reference',
    ]);
  });
});

function endState(given: {
  readonly world: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly runningOn: string;
  readonly operations: readonly OperationEnd[];
}): EndState {
  const { world, counts, runningOn, operations } = given;
  return {
    world: new Map(Object.entries(world)),
    history: new Map(),
    counts: new Map(Object.entries(counts)),
    runningOn: new Map([['pg', [runningOn]]]),
    operations,
  };
}
