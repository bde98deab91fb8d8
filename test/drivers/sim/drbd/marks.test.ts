import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DrbdOptions } from '../../../../src/drivers/sim/drbd/options.ts';
import { DrbdLab } from './drbd-lab.ts';

const copies = ['a', 'b'] as const;
type Step = (lab: DrbdLab) => unknown;

const acts: readonly ((lab: DrbdLab, node: string, peer: string) => unknown)[] = [
  (lab, node) => lab.open(node),
  (lab, node) => lab.close(node),
  (lab, node) => lab.write(node),
  (lab, node) => lab.read(node),
  (lab, node) => lab.kernel.crashNode(node),
  (lab, node) => lab.kernel.bootNode(node),
  (lab, node) => lab.kernel.up('vol', node),
  (lab, node) => lab.kernel.down('vol', node),
  (lab, node) => lab.kernel.outdate('vol', node),
  (lab, node) => lab.kernel.administer('vol', node, { kind: 'detach' }),
  (lab, node) => lab.kernel.administer('vol', node, { kind: 'attach' }),
  (lab, node, peer) => lab.cut(node, peer),
  (lab, node, peer) => lab.heal(node, peer),
  (lab, node, peer) => lab.kernel.connect('vol', node, peer),
  (lab, node, peer) => lab.kernel.disconnect('vol', node, peer),
];

/** Nothing that a person does to give data up, and moments that end in the middle of a handshake or a bitmap exchange. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.constantFrom(5, 15, 35, 60, 600, 5000, 15_000).map(
      (span): Step =>
        (lab) =>
          lab.clock.pass(span),
    ),
    fc.tuple(fc.constantFrom(...acts), fc.constantFrom(...copies)).map(
      ([act, node]): Step =>
        (lab) =>
          act(lab, node, node === 'a' ? 'b' : 'a'),
    ),
  ),
  { maxLength: 30, size: 'max' },
);

/** Everything is mended, nobody has the device open, and both copies are told to follow each other. */
function mend(lab: DrbdLab): void {
  lab.heal('a', 'b');
  for (const node of copies) {
    lab.close(node);
    lab.kernel.bootNode(node);
    lab.kernel.up('vol', node);
  }
  lab.clock.pass(60_000);
  for (const node of copies) lab.kernel.administer('vol', node, { kind: 'attach' });
  lab.kernel.connect('vol', 'a', 'b');
  lab.kernel.connect('vol', 'b', 'a');
  lab.clock.pass(60_000);
}

describe('two copies that follow each other, both UpToDate', () => {
  const piraeus: Partial<DrbdOptions> = {
    quorum: 'majority',
    'rr-conflict': 'retry-connect',
    'on-suspended-primary-outdated': 'force-secondary',
  };
  test.each<[string, readonly string[], Partial<DrbdOptions>]>([
    ['without quorum', ['a', 'b'], {}],
    ['with a quorum of two', ['a', 'b'], piraeus],
    ['with a tiebreaker, where I/O without quorum fails', ['a', 'b', 'tb'], { ...piraeus, 'on-no-quorum': 'io-error' }],
  ])('hold every acknowledged write, whatever has happened %s', (_, nodes, options) => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 50 }), (taken, seed) => {
        const lab = new DrbdLab(nodes, options, seed);
        for (const step of taken) step(lab);
        mend(lab);
        if (lab.link('a', 'b') !== 'Connected/Secondary/Established/UpToDate') return;
        expect(copies.map((node) => [node, lab.kernel.missingCount('vol', node)])).toEqual([
          ['a', 0],
          ['b', 0],
        ]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what a copy misses comes back to it', () => {
  test('a write that waited for a peer that has given its disk up meanwhile', () => {
    const lab = new DrbdLab();
    lab.open('b');
    lab.read('b');
    lab.cut('a', 'b');
    lab.kernel.administer('vol', 'a', { kind: 'detach' });
    expect(lab.link('b', 'a')).toBe('Connecting/Unknown/Off/DUnknown');
    lab.write('b');
    mend(lab);
    expect(lab.kernel.missingCount('vol', 'a')).toBe(0);
  });

  test('a write that was held until the peer came back without its disk', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.open('a');
    lab.kernel.crashNode('b');
    lab.notice();
    expect(lab.write('a')).toBe('pending');
    lab.kernel.bootNode('b');
    lab.kernel.administer('vol', 'b', { kind: 'detach' });
    lab.settle();
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/Diskless');
    mend(lab);
    expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
  });

  test('a write of a Primary that has given its own disk up, to a peer that was away in between', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.open('a');
    lab.kernel.administer('vol', 'a', { kind: 'detach' });
    lab.kernel.crashNode('b');
    lab.kernel.bootNode('b');
    lab.settle();
    expect(lab.write('a')).toBe('acked');
    mend(lab);
    expect(lab.kernel.missingCount('vol', 'a')).toBe(0);
  });
});

describe('a write that is held until the silent peers are found', () => {
  test('fails where no data is left to write to', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.open('b');
    lab.kernel.administer('vol', 'b', { kind: 'detach' });
    lab.cut('a', 'b');
    lab.notice();
    lab.kernel.crashNode('tb');
    expect(lab.write('b')).toBe('EIO');
  });

  test('waits for what its own node finds out, not for the other end: no generation reaches a peer that is cut off', () => {
    const lab = new DrbdLab();
    lab.open('b');
    lab.cut('a', 'b');
    lab.open('a');
    expect(lab.write('b')).toBe('pending');
    const generation = lab.on('a').metadata.current;
    lab.notice();
    expect(lab.on('a').metadata.current).toBe(generation);
    lab.open('a');
    lab.write('a');
    mend(lab);
    expect([lab.link('a', 'b'), lab.link('b', 'a')]).toContainEqual(expect.stringMatching(/^StandAlone/));
  });
});

test('a Primary is not outdated: -6 beside an UpToDate peer, -2 with the only data', () => {
  const lab = new DrbdLab();
  lab.open('a');
  expect(lab.code(lab.kernel.outdate('vol', 'a'))).toBe(-6);
  lab.kernel.administer('vol', 'b', { kind: 'detach' });
  expect(lab.code(lab.kernel.outdate('vol', 'a'))).toBe(-2);
});
