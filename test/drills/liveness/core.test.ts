import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keepsLinstor, withCore, withLateOrder } from '../../../src/drills/liveness/core.ts';
import { runTape } from '../../../src/drills/run.ts';
import type { Tape, TapeItem } from '../../../src/drills/tape.ts';
import { calm } from '../calm.ts';
import { definitions } from '../definitions.ts';

const afterwards: TapeItem = { kind: 'failover', name: 'afterwards', to: 'cluster1', when: { mended: 60_000 } };
const quorumSiteIsLost: TapeItem = {
  kind: 'fault',
  fault: { kind: 'site-loss', site: 'cluster3' },
  when: { operation: 'away', state: 'stoppingSource' },
  lasts: 'forGood',
};

test('without the quorum site, lost for good, the core fails over and back', () => {
  const topology = { ...calm.topology, storage: { linstor: 'cluster1' } };
  const report = runTape({ ...calm, topology, items: [...calm.items, quorumSiteIsLost, afterwards] }, definitions);
  expect([...report.marks]).toEqual(expect.arrayContaining(['away succeeded', 'afterwards succeeded']));
  expect(report.verdict).toBe('pass');
  expect(report.properties['L15']).toBe('pass');
  expect(report.timeline.at(-1)?.text).not.toContain('mended');
});

test('what is broken for good is not mended, and the rest is', () => {
  const lateTaint: TapeItem = { kind: 'fault', fault: { kind: 'taint-flap', site: 'cluster2' }, when: { at: 1_000 } };
  const { timeline } = runTape({ ...calm, items: [...calm.items, quorumSiteIsLost, lateTaint] }, definitions);
  const mended = timeline.filter(({ text }) => text.startsWith('mended: ')).map(({ text }) => text);
  expect(mended).toHaveLength(1);
  expect(mended[0]).not.toContain('cluster3');
});

test('where LINSTOR is lost with the quorum site no property asks for what needs it', () => {
  const tape: Tape = { ...calm, items: [...calm.items, quorumSiteIsLost] };
  expect(keepsLinstor(tape)).toBe(false);
  expect(keepsLinstor({ ...tape, topology: { ...calm.topology, storage: { linstor: 'cluster2' } } })).toBe(true);
  expect(runTape(tape, definitions).violations).toEqual([]);
});

test('a share of the tapes has a core, only where there is a quorum site, and a share is ordered once more', () => {
  const count = (tapes: fc.Arbitrary<Tape>, holds: (item: TapeItem) => boolean): number =>
    fc.sample(tapes, { seed: 1, numRuns: 200 }).filter(({ items }) => items.some(holds)).length;
  const isForGood = (item: TapeItem): boolean => item.kind === 'fault' && item.lasts === 'forGood';
  const isLate = (item: TapeItem): boolean => 'when' in item && 'mended' in item.when;
  expect(count(withCore(calm), isForGood)).toBeGreaterThan(20);
  expect(count(withCore({ ...calm, topology: { ...calm.topology, quorumSite: false } }), isForGood)).toBe(0);
  expect(count(withLateOrder(calm), isLate)).toBeGreaterThan(20);
});
