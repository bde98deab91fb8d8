import { describe, expect, test } from 'vitest';
import { DrbdLab } from './drbd-lab.ts';

const missing = (lab: DrbdLab): number[] => ['a', 'b'].map((node) => lab.kernel.missingCount('vol', node));
const dirty = (lab: DrbdLab, node: string, peer: string): number => lab.on(node).peers.get(peer)!.dirty.length / 2;
const healthy = 'Connected/Secondary/Established/UpToDate';

/** A wrote before it noticed a cut, lost quorum and was demoted by force: both UpToDate, one write is on A only. */
function divergedSilently(): DrbdLab {
  const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  lab.write('a');
  lab.notice();
  lab.kernel.demote('vol', 'a', { force: true });
  lab.close('a');
  lab.heal('a', 'b');
  lab.settle();
  return lab;
}

describe('online verify', () => {
  test('finds a silent divergence and marks it on both nodes; a reconnect forgets it again', () => {
    const lab = divergedSilently();
    expect([lab.link('a', 'b'), lab.link('b', 'a'), missing(lab)]).toEqual([healthy, healthy, [0, 1]]);
    expect(lab.kernel.administer('vol', 'b', { kind: 'verify', peer: 'a' }).exit).toBe(0);
    expect(lab.link('b', 'a')).toBe('Connected/Secondary/VerifyS/UpToDate');
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/VerifyT/UpToDate');
    lab.settle();
    expect([lab.link('b', 'a'), dirty(lab, 'a', 'b'), dirty(lab, 'b', 'a')]).toEqual([healthy, 1, 1]);
    lab.kernel.disconnect('vol', 'a', 'b');
    lab.kernel.connect('vol', 'a', 'b');
    lab.settle();
    expect([lab.link('b', 'a'), dirty(lab, 'a', 'b'), missing(lab)]).toEqual([healthy, 0, [0, 1]]);
  });

  test('invalidate --reset-bitmap=no after it moves what differs, and only that', () => {
    const lab = divergedSilently();
    lab.kernel.administer('vol', 'b', { kind: 'invalidate', resetBitmap: false });
    lab.settle();
    expect(missing(lab)).toEqual([0, 1]);
    lab.kernel.administer('vol', 'b', { kind: 'verify', peer: 'a' });
    lab.settle();
    lab.kernel.administer('vol', 'b', { kind: 'invalidate', resetBitmap: false });
    lab.settle();
    expect([lab.link('a', 'b'), missing(lab)]).toEqual([healthy, [0, 0]]);
  });

  test('interrupted it goes on behind what it had read: only --start=0 looks there again', () => {
    const lab = divergedSilently();
    lab.kernel.setOptions('vol', { 'c-max-rate': 1000 });
    lab.kernel.administer('vol', 'a', { kind: 'verify', peer: 'b' });
    lab.clock.pass(10_000);
    lab.cut('a', 'b');
    lab.notice();
    lab.heal('a', 'b');
    lab.settle();
    lab.kernel.administer('vol', 'a', { kind: 'verify', peer: 'b' });
    lab.clock.pass(100_000);
    expect([lab.link('a', 'b'), dirty(lab, 'a', 'b')]).toEqual([healthy, 0]);
    lab.kernel.administer('vol', 'a', { kind: 'verify', peer: 'b', fromStart: true });
    lab.clock.pass(100_000);
    expect([lab.link('a', 'b'), dirty(lab, 'a', 'b')]).toEqual([healthy, 1]);
  });

  test('needs a connection', () => {
    const lab = new DrbdLab();
    lab.kernel.disconnect('vol', 'a', 'b');
    expect(lab.kernel.administer('vol', 'a', { kind: 'verify', peer: 'b' })).toMatchObject({ exit: 11, code: -15 });
  });
});

describe('invalidate', () => {
  test('copies everything from the peer, without a verify', () => {
    const lab = divergedSilently();
    lab.kernel.administer('vol', 'b', { kind: 'invalidate' });
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/WFBitMapS/Outdated');
    lab.settle();
    expect([lab.link('a', 'b'), missing(lab)]).toEqual([healthy, [0, 0]]);
  });

  test('invalidate-remote, ordered at the survivor, does the same', () => {
    const lab = divergedSilently();
    expect(lab.kernel.administer('vol', 'a', { kind: 'invalidate-remote', peer: 'b' }).exit).toBe(0);
    lab.settle();
    expect([lab.link('a', 'b'), missing(lab)]).toEqual([healthy, [0, 0]]);
  });

  test('is refused on a Primary without a text, and for a Primary with -10; with --reset-bitmap=no nobody looks', () => {
    const lab = new DrbdLab();
    lab.open('a');
    expect(lab.kernel.administer('vol', 'a', { kind: 'invalidate' })).toEqual({ exit: 11, text: '' });
    const remote = { kind: 'invalidate-remote', peer: 'a' } as const;
    expect(lab.kernel.administer('vol', 'b', remote)).toMatchObject({ code: -10 });
    expect(lab.kernel.administer('vol', 'a', { kind: 'invalidate', resetBitmap: false }).exit).toBe(0);
  });

  test('without a connection it takes the good copy along: the newer disk, Inconsistent, is the source and pauses', () => {
    const lab = new DrbdLab();
    lab.cut('a', 'b');
    lab.notice();
    lab.open('b');
    lab.write('b');
    lab.close('b');
    lab.kernel.administer('vol', 'b', { kind: 'invalidate' });
    expect(lab.state('b')).toBe('Secondary Inconsistent quorum');
    lab.heal('a', 'b');
    lab.settle();
    expect(lab.link('a', 'b')).toBe('Connected/Secondary/PausedSyncT/Inconsistent');
    expect(lab.link('b', 'a')).toBe('Connected/Secondary/PausedSyncS/Inconsistent');
    expect(lab.open('a')).toBe('EROFS');
  });
});

describe('a disk that goes and comes', () => {
  test('a Primary goes on through its peer, and takes what it missed when its disk is attached again', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a');
    expect(lab.kernel.administer('vol', 'a', { kind: 'detach' }).exit).toBe(0);
    expect(lab.state('a')).toBe('Primary Diskless quorum');
    expect(lab.write('a', 3)).toBe('acked');
    expect([lab.link('b', 'a'), missing(lab)]).toEqual(['Connected/Primary/Established/Diskless', [3, 0]]);
    expect(lab.kernel.administer('vol', 'a', { kind: 'attach' }).exit).toBe(0);
    lab.settle();
    expect([lab.state('a'), missing(lab)]).toEqual(['Primary UpToDate quorum', [0, 0]]);
  });

  test('the last data of a Primary is not detached, unless by force: then its requests fail', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.kernel.disconnect('vol', 'b', 'a');
    expect(lab.kernel.administer('vol', 'a', { kind: 'detach' })).toMatchObject({ exit: 17, code: -2 });
    expect(lab.kernel.administer('vol', 'a', { kind: 'detach', force: true }).exit).toBe(0);
    expect([lab.state('a'), lab.write('a')]).toEqual(['Primary Diskless quorum', 'EIO']);
  });

  test('a disk that is attached already, and one that is none', () => {
    const lab = new DrbdLab(['a', 'b', 'tb']);
    expect(lab.kernel.administer('vol', 'a', { kind: 'attach' })).toMatchObject({ exit: 10, code: 124 });
    expect(lab.kernel.administer('vol', 'tb', { kind: 'attach' })).toMatchObject({ exit: 11, code: -26 });
  });

  test.each(['a', 'b'])('a write fails on the disk of %s: it is detached, and the writer notices nothing', (broken) => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.write('a');
    lab.kernel.breakDisk('vol', broken, true);
    expect(lab.write('a', 2)).toBe('acked');
    lab.clock.pass(10);
    expect(lab.on(broken).disk).toBe('Diskless');
    expect(lab.write('a')).toBe('acked');
    expect(lab.kernel.missingCount('vol', broken)).toBe(3);
    lab.kernel.breakDisk('vol', broken, false);
    lab.kernel.administer('vol', broken, { kind: 'attach' });
    lab.settle();
    expect([lab.on(broken).disk, missing(lab)]).toEqual(['UpToDate', [0, 0]]);
  });
});

test('a Primary that no peer has data for takes back only the disk with the data that it showed last', () => {
  const lab = new DrbdLab();
  lab.open('a');
  for (const node of ['a', 'b']) {
    lab.kernel.breakDisk('vol', node, true);
    lab.write('a');
    lab.clock.pass(10);
    lab.kernel.breakDisk('vol', node, false);
  }
  expect(lab.kernel.administer('vol', 'a', { kind: 'attach' })).toMatchObject({ exit: 10, code: 150 });
  expect(lab.kernel.administer('vol', 'b', { kind: 'attach' }).exit).toBe(0);
  expect(lab.kernel.administer('vol', 'a', { kind: 'attach' }).exit).toBe(0);
  lab.settle();
  expect(['a', 'b'].map((node) => lab.on(node).disk)).toEqual(['UpToDate', 'UpToDate']);
});

describe('disks that never had data', () => {
  function fresh(): DrbdLab {
    const lab = new DrbdLab();
    const replicas = { a: 'diskful', b: 'diskful' } as const;
    lab.kernel.createResource('new', { sizeKib: 65_484, replicas, isFresh: true });
    for (const node of ['a', 'b']) lab.kernel.up('new', node);
    lab.settle();
    return lab;
  }
  const disks = (lab: DrbdLab): string[] => ['a', 'b'].map((node) => lab.kernel.replica('new', node)!.disk);

  test('are Inconsistent and equal, until one is declared to be the data and the first sync is left out', () => {
    const lab = fresh();
    expect(disks(lab)).toEqual(['Inconsistent', 'Inconsistent']);
    expect(lab.kernel.promote('new', 'b')).toMatchObject({ exit: 17, code: -2 });
    lab.kernel.administer('new', 'a', { kind: 'new-current-uuid', clearBitmap: true });
    expect(disks(lab)).toEqual(['UpToDate', 'UpToDate']);
  });

  test('primary --force on one fills the other by a full sync', () => {
    const lab = fresh();
    expect(lab.kernel.promote('new', 'a', { force: true }).exit).toBe(0);
    lab.clock.pass(100);
    expect(lab.kernel.replica('new', 'b')!.peers.get('a')!.replication).toBe('SyncTarget');
    lab.settle();
    expect(disks(lab)).toEqual(['UpToDate', 'UpToDate']);
  });
});

test('a write that nobody noticed could not reach a peer without disk is what that peer lacks when it has one again', () => {
  const lab = new DrbdLab();
  lab.open('a');
  lab.kernel.administer('vol', 'b', { kind: 'detach', force: true });
  lab.write('a');
  lab.cut('a', 'b');
  lab.write('a', 3);
  lab.clock.pass(1_000);
  lab.heal('a', 'b');
  lab.settle();
  lab.kernel.administer('vol', 'b', { kind: 'attach' });
  lab.settle();
  expect(lab.on('b').disk).toBe('UpToDate');
  expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
});

test('writes that were held up and then meet a broken disk are what its node lacks when it has a disk again', () => {
  const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority', 'on-no-quorum': 'suspend-io' });
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  lab.cut('a', 'tb');
  lab.notice();
  expect(lab.write('a', 3)).toBe('pending');
  lab.kernel.breakDisk('vol', 'b', true);
  lab.heal('a', 'b');
  lab.heal('a', 'tb');
  lab.settle();
  expect(lab.on('b').disk).toBe('Diskless');
  lab.kernel.breakDisk('vol', 'b', false);
  lab.kernel.administer('vol', 'b', { kind: 'attach' });
  lab.settle();
  expect(lab.on('b').disk).toBe('UpToDate');
  expect(lab.kernel.missingCount('vol', 'b')).toBe(0);
});

describe('who loses a race', () => {
  test('one end hears that a connection is given up, the other goes on trying: a connect at one end is enough', () => {
    const lab = new DrbdLab(['a', 'b'], {}, 1, ['verdictUnheard']);
    lab.open('a');
    lab.write('a');
    lab.cut('a', 'b');
    lab.notice();
    lab.write('a');
    lab.open('b');
    lab.write('b');
    lab.close('b');
    lab.heal('a', 'b');
    lab.settle();
    expect([lab.link('a', 'b'), lab.link('b', 'a')]).toEqual([
      'StandAlone/Unknown/Off/DUnknown',
      'Connecting/Unknown/Off/DUnknown',
    ]);
  });

  test('a second source of a resync gives its connection up, and stays StandAlone until it is told', () => {
    const lab = new DrbdLab(['a', 'b', 'c'], { 'c-max-rate': 1 }, 1, ['secondSourceRefused']);
    lab.kernel.crashNode('a');
    lab.notice();
    lab.open('b');
    lab.write('b', 5);
    lab.close('b');
    lab.kernel.bootNode('a');
    lab.clock.pass(100_000);
    const alone = ['b', 'c'].filter((node) => lab.link(node, 'a').startsWith('StandAlone'));
    expect(alone).toHaveLength(1);
    expect(lab.on('a').disk).toBe('UpToDate');
    lab.kernel.connect('vol', alone[0]!, 'a');
    lab.settle();
    expect(lab.link('a', alone[0]!)).toBe(healthy);
  });
});
