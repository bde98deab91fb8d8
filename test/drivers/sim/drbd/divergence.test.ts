import { describe, expect, test } from 'vitest';
import { DrbdLab } from './drbd-lab.ts';

const missing = (lab: DrbdLab): number[] => ['a', 'b'].map((node) => lab.kernel.missingCount('vol', node));

/** A cut with A open and writing; B is opened on the other side as well. */
function separated(options = {}): DrbdLab {
  const lab = new DrbdLab(['a', 'b'], options);
  lab.open('a');
  lab.write('a', 10);
  lab.cut('a', 'b');
  lab.notice();
  lab.open('b');
  return lab;
}

describe('after a cut in which both sides were Primary', () => {
  test.each(['disconnect', 'retry-connect'] as const)('both wrote: StandAlone on both, rr-conflict %s', (conflict) => {
    const lab = separated({ 'rr-conflict': conflict });
    lab.write('a', 3);
    lab.write('b', 2);
    lab.heal('a', 'b');
    lab.settle();
    expect([lab.link('a', 'b'), lab.link('b', 'a')]).toEqual(Array(2).fill('StandAlone/Unknown/Off/DUnknown'));
    expect(missing(lab)).toEqual([2, 3]);
    expect(lab.clock.queue.size).toBe(0);
  });

  test('B only read: a split brain all the same', () => {
    const lab = separated();
    lab.write('a', 3);
    lab.read('b');
    lab.close('b');
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.link('a', 'b')).toBe('StandAlone/Unknown/Off/DUnknown');
  });

  test('B did no I/O at all and closed: A carries on, B follows', () => {
    const lab = separated();
    lab.write('a', 3);
    lab.close('b');
    lab.heal('a', 'b');
    lab.settle();
    expect([lab.state('b'), lab.link('b', 'a')]).toEqual([
      'Secondary UpToDate quorum',
      'Connected/Primary/Established/UpToDate',
    ]);
    expect(missing(lab)).toEqual([0, 0]);
  });

  test('B is still Primary without I/O: with retry-connect it keeps trying, and follows once it is closed', () => {
    const lab = separated({ 'rr-conflict': 'retry-connect' });
    lab.write('a', 3);
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.link('a', 'b')).toBe('Connecting/Unknown/Off/DUnknown');
    expect(lab.clock.queue.size).toBe(0);
    lab.close('b');
    lab.clock.pass(60_000);
    expect(lab.link('b', 'a')).toBe('Connected/Primary/Established/UpToDate');
  });

  test('discard-my-data on B: its writes are gone, and counted', () => {
    const lab = separated();
    lab.write('a', 3);
    lab.write('b', 2);
    lab.close('b');
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.kernel.connect('vol', 'b', 'a', { discardMyData: true }).exit).toBe(0);
    lab.kernel.connect('vol', 'a', 'b');
    lab.settle();
    expect([lab.link('a', 'b'), lab.link('b', 'a')]).toEqual([
      'Connected/Secondary/Established/UpToDate',
      'Connected/Primary/Established/UpToDate',
    ]);
    expect(missing(lab)).toEqual([2, 2]);
  });

  test('the flag is refused on a Primary (123) and on a connection that is not StandAlone (125)', () => {
    const lab = separated();
    expect(lab.code(lab.kernel.connect('vol', 'a', 'b', { discardMyData: true }))).toBe(123);
    lab.close('b');
    expect(lab.code(lab.kernel.connect('vol', 'b', 'a'))).toBe(125);
  });

  test('after-sb-0pri discard-least-changes: the side with fewer changes loses them', () => {
    const lab = separated({ 'after-sb-0pri': 'discard-least-changes' });
    lab.write('a', 2);
    lab.write('b', 5);
    lab.close('a');
    lab.close('b');
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/Established/UpToDate');
    expect(missing(lab)).toEqual([2, 2]);
  });
});

describe('losing quorum as Primary', () => {
  test('suspend-io: the write hangs and completes after the heal, nothing is resynced', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.open('a');
    lab.cut('a', 'b');
    expect(lab.write('a')).toBe('pending');
    lab.notice();
    expect(lab.state('a')).toBe('Primary UpToDate no-quorum suspended:quorum');
    expect(lab.kernel.ledger.fateOf('vol', 1)).toBe('open');
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.kernel.ledger.fateOf('vol', 1)).toBe('acked');
    expect(missing(lab)).toEqual([0, 0]);
  });

  test.each(['io-error', 'secondary --force'])(
    'silent divergence by %s: both UpToDate, a write is on one disk only',
    (way) => {
      const onNoQuorum = way === 'io-error' ? 'io-error' : 'suspend-io';
      const lab = new DrbdLab(['a', 'b'], { quorum: 'majority', 'on-no-quorum': onNoQuorum });
      lab.open('a');
      lab.write('a', 5);
      lab.cut('a', 'b');
      expect(lab.write('a')).toBe('pending');
      lab.notice();
      if (way !== 'io-error') lab.kernel.demote('vol', 'a', { force: true });
      lab.close('a');
      lab.heal('a', 'b');
      lab.settle();
      expect([lab.link('a', 'b'), lab.link('b', 'a')]).toEqual(
        Array(2).fill('Connected/Secondary/Established/UpToDate'),
      );
      expect(lab.on('a').peers.get('b')!.dirty).toEqual([]);
      expect([lab.on('a').data, lab.on('b').data]).toEqual([
        [1, 6],
        [1, 5],
      ]);
      // By force the hanging write was answered with success: an acknowledged write that B has lost.
      expect(lab.kernel.ledger.fateOf('vol', 6)).toBe(way === 'io-error' ? 'failed' : 'acked');
      expect(missing(lab)).toEqual(way === 'io-error' ? [0, 0] : [0, 1]);
    },
  );

  test('the same with quorum off: the generation changes and the write is resynced', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.cut('a', 'b');
    expect(lab.write('a')).toBe('pending');
    lab.notice();
    lab.heal('a', 'b');
    lab.settle();
    expect(missing(lab)).toEqual([0, 0]);
    expect(lab.on('b').data).toEqual(lab.on('a').data);
  });

  test('B was forced meanwhile: without force-secondary A stays a refused Primary with an Outdated disk', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.open('a');
    lab.write('a');
    lab.cut('a', 'b');
    lab.write('a');
    lab.notice();
    lab.kernel.promote('vol', 'b', { force: true });
    lab.open('b');
    lab.write('b', 3);
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.state('a')).toBe('Primary Outdated no-quorum suspended:quorum');
    expect(lab.link('a', 'b')).toBe('StandAlone/Unknown/Off/DUnknown');
    expect(lab.kernel.ledger.fateOf('vol', 2)).toBe('acked');
  });

  test('B was forced meanwhile: with the settings of Piraeus A is demoted by force and follows B', () => {
    const lab = new DrbdLab(['a', 'b'], {
      quorum: 'majority',
      'rr-conflict': 'retry-connect',
      'on-suspended-primary-outdated': 'force-secondary',
    });
    lab.open('a');
    lab.write('a');
    lab.cut('a', 'b');
    lab.write('a');
    lab.notice();
    lab.kernel.promote('vol', 'b', { force: true });
    lab.open('b');
    lab.write('b', 3);
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.state('a')).toBe('Secondary UpToDate quorum force-io-failures');
    expect(lab.link('a', 'b')).toBe('Connected/Primary/Established/UpToDate');
    expect(missing(lab)).toEqual([1, 1]);
  });

  test('the first I/O of a term asks the peers first: a silent cut is found by it, in half a second', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.cut('a', 'b');
    expect(lab.write('a')).toBe('pending');
    lab.clock.pass(600);
    expect(lab.kernel.ledger.fateOf('vol', 1)).toBe('acked');
    expect(lab.link('a', 'b')).toBe('Connecting/Unknown/Off/DUnknown');
    expect(lab.link('b', 'a')).toBe('Connected/Primary/Established/UpToDate');
    expect(lab.on('a').peers.get('b')!.dirty).toEqual([1, 1]);
  });

  test('a read is such an I/O too', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.cut('a', 'b');
    expect(lab.read('a')).toBe('pending');
    lab.clock.pass(600);
    expect(lab.read('a')).toBe('ok');
    expect(lab.on('a').peers.get('b')!.bitmapGeneration).not.toBe('0000000000000000');
  });

  test('a close waits for a peer that does not answer: the demotion comes when the cut is noticed', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a');
    lab.cut('a', 'b');
    lab.close('a');
    expect(lab.state('a')).toBe('Primary UpToDate quorum');
    lab.notice();
    expect(lab.state('a')).toBe('Secondary UpToDate quorum');
  });
});
