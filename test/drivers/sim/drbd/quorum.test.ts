import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideQuorum, type QuorumCount } from '../../../../src/drivers/sim/drbd/quorum.ts';
import { DrbdLab } from './drbd-lab.ts';

const majority = { quorum: 'majority', 'quorum-minimum-redundancy': 'off' } as const;
const votes = (count: Partial<QuorumCount>): QuorumCount => ({
  upToDate: 1,
  present: 0,
  outdated: 0,
  quorumless: 0,
  unknown: 0,
  diskless: 0,
  missingDiskless: 0,
  ...count,
});

describe('arithmetic of the votes, majority, one node that is UpToDate', () => {
  test.each([
    ['2 diskful, the peer unknown', { unknown: 1 }, true, false],
    ['2 diskful, the peer known outdated', { outdated: 1 }, true, true],
    ['2 diskful, the peer expelled', { quorumless: 1 }, true, true],
    ['2 diskful and a tiebreaker, the peer unknown', { unknown: 1, diskless: 1 }, true, true],
    ['the same without quorum before', { unknown: 1, diskless: 1 }, false, false],
    ['peer and tiebreaker gone together', { unknown: 1, missingDiskless: 1 }, true, false],
    ['3 diskful, one unknown', { present: 1, unknown: 1 }, true, true],
    ['3 diskful, one outdated and one unknown', { outdated: 1, unknown: 1 }, true, false],
    ['3 diskful, both outdated', { outdated: 2 }, true, true],
    ['3 diskful, both expelled: they could be a majority', { quorumless: 2 }, true, false],
    ['4 diskful, two unknown, tiebreaker at a third site', { present: 1, unknown: 2, diskless: 1 }, true, true],
  ] as const)('%s', (_what, count, before, expected) => {
    expect(decideQuorum(votes(count), majority, before).quorum).toBe(expected);
  });

  test('agrees with counting by hand, whatever the votes', () => {
    const some = fc.integer({ min: 0, max: 4 });
    const counts = fc.record({
      upToDate: some,
      present: some,
      outdated: some,
      quorumless: some,
      unknown: some,
      diskless: some,
      missingDiskless: some,
    });
    fc.assert(
      fc.property(counts, fc.boolean(), (count, before) => {
        expect(decideQuorum(count, majority, before).quorum).toBe(byHand(count, before));
      }),
    );
  });

  test('never gives quorum by a tiebreaker to a node that had none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (unknown, diskless) => {
        const count = votes({ unknown, diskless, upToDate: unknown });
        expect(decideQuorum(count, majority, false).quorum).toBe(false);
        expect(decideQuorum(count, majority, true).quorum).toBe(true);
      }),
    );
  });
});

/** A second reading of the rules, voter by voter. */
function byHand(count: QuorumCount, before: boolean): boolean {
  const here = count.upToDate + count.present;
  const gone = count.outdated + count.quorumless + count.unknown;
  const everybody = here + gone;
  const expelledMatter = gone * 2 > everybody || gone >= Math.floor(everybody / 2) + 1;
  const doubtful = count.unknown + (expelledMatter ? count.quorumless : 0);
  const voters = doubtful > 0 ? everybody : here;
  if (here * 2 > voters) return true;
  if (voters === 0) return here >= 1;
  const helpers = count.diskless + count.missingDiskless;
  return before && here * 2 === voters && count.diskless * 2 > helpers;
}

describe('quorum of running replicas', () => {
  test('2 diskful: a lost peer takes it, the peer that comes back gives it', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.cut('a', 'b');
    lab.notice();
    expect([lab.state('a'), lab.state('b')]).toEqual(Array(2).fill('Secondary UpToDate no-quorum suspended:quorum'));
    lab.heal('a', 'b');
    lab.settle();
    expect([lab.state('a'), lab.state('b')]).toEqual(Array(2).fill('Secondary UpToDate quorum'));
  });

  test('2 diskful and a tiebreaker on the side that stays: kept, also when the tiebreaker goes later, and over a power cycle', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
    lab.kernel.crashNode('tb');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
    lab.kernel.crashNode('b');
    lab.kernel.bootNode('b');
    lab.settle();
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
    expect(lab.open('b')).toBe('open');
  });

  test('2 diskful and a tiebreaker, both others lost in one event: gone', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.cut('a', 'b');
    lab.cut('b', 'tb');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary UpToDate no-quorum suspended:quorum');
    expect(lab.state('a')).toBe('Secondary UpToDate quorum');
  });

  test('the tiebreaker lost first, then the peer: gone', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.crashNode('tb');
    lab.notice();
    lab.kernel.crashNode('b');
    lab.notice();
    expect(lab.state('a')).toBe('Secondary UpToDate no-quorum suspended:quorum');
  });

  test('all Secondary, the others leave by drbdadm down: who stays keeps it, who left has none alone', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.down('vol', 'a');
    lab.kernel.down('vol', 'tb');
    expect(lab.state('b')).toBe('Secondary UpToDate quorum');
    lab.kernel.crashNode('b');
    lab.kernel.up('vol', 'a');
    lab.settle();
    expect(lab.state('a')).toBe('Secondary UpToDate no-quorum suspended:quorum');
  });

  test('3 diskful, all Secondary: the first that leaves changes nothing, the second takes quorum away', () => {
    const lab = new DrbdLab(['a', 'b', 'c'], { quorum: 'majority' });
    lab.kernel.down('vol', 'a');
    expect([lab.state('b'), lab.state('c')]).toEqual(Array(2).fill('Secondary UpToDate quorum'));
    lab.kernel.down('vol', 'b');
    expect(lab.state('c')).toBe('Secondary UpToDate no-quorum suspended:quorum');
  });

  test('a third way to force: quorum off on the cut-off node and majority again leaves quorum yes', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.cut('a', 'b');
    lab.notice();
    lab.kernel.setOptions('vol', { quorum: 'off' }, 'b');
    expect(lab.open('b')).toBe('open');
    lab.kernel.setOptions('vol', { quorum: 'majority' }, 'b');
    expect(lab.state('b')).toBe('Primary UpToDate quorum');
  });
});
