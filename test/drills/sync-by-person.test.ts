import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import type { Tape } from '../../src/drills/tape.ts';
import { calm } from './calm.ts';
import { definitions } from './definitions.ts';

const volumeGone = {
  kind: 'fault',
  fault: { kind: 'pv-missing', vm: 'vm-1', site: 'cluster2' },
  when: { at: 0 },
  lasts: 'forGood',
} as const;
const sync = { kind: 'sync', from: 'cluster1', when: { at: 10_000 } } as const;

function notesOf(items: Tape['items']): readonly string[] {
  const { timeline } = runTape({ ...calm, items }, definitions);
  return timeline.map(({ text }) => text).filter((text) => text.startsWith('pgctl sync'));
}

test('a sync by a person makes a volume that is gone from the other site again', () => {
  expect(notesOf([volumeGone, sync])).toEqual([
    expect.stringMatching(/^pgctl sync of pg to cluster2: done, create PersistentVolume pvc-[\w-]+$/),
  ]);
});

test('a sync by a person of what is in order has nothing to do', () => {
  expect(notesOf([sync])).toEqual(['pgctl sync of pg to cluster2: done, nothing to do']);
});

test('a sync by a person is blocked while a site does not answer, and says so', () => {
  const outage = { kind: 'fault', fault: { kind: 'api-outage', site: 'cluster1' }, when: { at: 0 } } as const;
  expect(notesOf([outage, sync])).toEqual([
    expect.stringMatching(/^pgctl sync of pg to cluster2: blocked, .* could not be read from cluster1/),
  ]);
});
