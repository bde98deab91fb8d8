import { describe, expect, test } from 'vitest';
import { DrbdLab } from './drbd-lab.ts';

describe('why a node may not become Primary, in the order of the checks', () => {
  test('-1: a connected peer is Primary, with force as well', () => {
    const lab = new DrbdLab();
    lab.open('a');
    expect(lab.kernel.promote('vol', 'b')).toEqual({
      exit: 11,
      code: -1,
      text: 'vol: State change failed: (-1) Multiple primaries not allowed by config',
    });
    expect(lab.code(lab.kernel.promote('vol', 'b', { force: true }))).toBe(-1);
  });

  test('-12 comes before missing quorum: a forced demotion has left openers', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.open('a');
    lab.cut('a', 'b');
    lab.notice();
    lab.kernel.demote('vol', 'a', { force: true });
    expect(lab.state('a')).toBe('Secondary UpToDate no-quorum suspended:quorum force-io-failures');
    expect(lab.code(lab.kernel.promote('vol', 'a'))).toBe(-12);
    expect(lab.open('a', 'another')).toBe('ENOTRECOVERABLE');
  });

  test('-2 comes before missing quorum: no UpToDate data can be reached', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.cut('a', 'b');
    lab.notice();
    lab.kernel.outdate('vol', 'b');
    expect(lab.state('b')).toBe('Secondary Outdated no-quorum suspended:quorum');
    expect(lab.kernel.promote('vol', 'b')).toMatchObject({ exit: 17, code: -2 });
  });

  test('-25 says how many nodes are visible, tiebreakers not counted', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.cut('a', 'b');
    lab.cut('b', 'tb');
    lab.notice();
    expect(lab.kernel.promote('vol', 'b')).toEqual({
      exit: 11,
      code: -25,
      text: 'vol: State change failed: (-25) No quorum\nadditional info from kernel:\n1 of 2 nodes visible, need 2 for quorum',
    });
  });

  test('-7: fencing, and a peer that is neither connected nor known to be outdated', () => {
    const lab = new DrbdLab(['a', 'b'], { fencing: 'resource-only' });
    lab.cut('a', 'b');
    lab.notice();
    expect(lab.code(lab.kernel.promote('vol', 'b'))).toBe(-7);
    expect(lab.open('b')).toBe('EROFS');
  });

  test('-10: a peer holds the device open read-only, or sees a Primary that this node does not', () => {
    const lab = new DrbdLab(['a', 'b', 'c']);
    lab.openReadOnly('b');
    expect(lab.kernel.promote('vol', 'a').text).toContain('Declined by peer b (id: 1), see the kernel log there');
    lab.kernel.close('vol', 'b', 'ro-b');
    lab.open('a');
    lab.cut('a', 'b');
    lab.notice();
    expect(lab.code(lab.kernel.promote('vol', 'b'))).toBe(-10);
  });
});

describe('opening the device', () => {
  test('read-write promotes, the last close demotes; a promotion by command stays', () => {
    const lab = new DrbdLab();
    expect(lab.open('a')).toBe('open');
    expect(lab.open('a', 'second')).toBe('open');
    lab.close('a');
    expect(lab.state('a')).toBe('Primary UpToDate quorum');
    lab.kernel.close('vol', 'a', 'second');
    expect(lab.state('a')).toBe('Secondary UpToDate quorum');
    lab.kernel.promote('vol', 'a');
    lab.open('a');
    lab.close('a');
    expect(lab.state('a')).toBe('Primary UpToDate quorum');
  });

  test('waits up to 2 s for the other side to let go', () => {
    const lab = new DrbdLab();
    lab.open('a');
    expect(lab.open('b')).toBe('pending');
    lab.clock.pass(1000);
    lab.close('a');
    expect(lab.open('b')).toBe('open');
  });

  test('gives up after 2 s with a read-only file system', () => {
    const lab = new DrbdLab();
    lab.open('a');
    expect(lab.open('b')).toBe('pending');
    lab.clock.pass(2000);
    expect(lab.open('b')).toBe('EROFS');
    expect(lab.openReadOnly('b')).toBe('EMEDIUMTYPE');
  });

  test('without quorum it is refused at once, reading too', () => {
    const lab = new DrbdLab(['a', 'b'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.notice();
    expect(lab.open('b')).toBe('EROFS');
    expect(lab.openReadOnly('b')).toBe('ENODATA');
  });

  test('finds a cut that nobody has noticed in half a second', () => {
    const lab = new DrbdLab();
    lab.cut('a', 'b');
    expect(lab.open('b')).toBe('pending');
    lab.clock.pass(600);
    expect(lab.open('b')).toBe('open');
    expect(lab.link('b', 'a')).toBe('Connecting/Unknown/Off/DUnknown');
  });
});

describe('force', () => {
  test('over missing quorum: every absent peer counts as outdated, the generation stays until the first I/O', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.kernel.crashNode('a');
    lab.kernel.crashNode('tb');
    lab.notice();
    const before = lab.on('b').metadata.current;
    expect(lab.kernel.promote('vol', 'b', { force: true }).exit).toBe(0);
    expect(lab.state('b')).toBe('Primary UpToDate quorum');
    expect([lab.link('b', 'a'), lab.link('b', 'tb')]).toEqual(Array(2).fill('Connecting/Unknown/Off/Outdated'));
    expect(lab.on('b').metadata.current).toBe(before);
    lab.open('b');
    lab.read('b');
    expect(lab.on('b').metadata.current).not.toBe(before);
  });

  test('over missing data: the disk counts as UpToDate and gets a new generation at once', () => {
    const lab = new DrbdLab();
    lab.kernel.crashNode('a');
    lab.notice();
    lab.kernel.outdate('vol', 'b');
    const before = lab.on('b').metadata.current;
    expect(lab.kernel.promote('vol', 'b', { force: true }).exit).toBe(0);
    expect(lab.on('b').metadata.current).not.toBe(before);
    expect(lab.link('b', 'a')).toBe('Connecting/Unknown/Off/DUnknown');
  });

  test('a refused force leaves the disk as it was', () => {
    const lab = new DrbdLab(['a', 'b', 'tb'], { quorum: 'majority' });
    lab.open('a');
    lab.cut('a', 'b');
    lab.notice();
    expect(lab.state('b')).toBe('Secondary Outdated quorum');
    expect(lab.code(lab.kernel.promote('vol', 'b', { force: true }))).toBe(-10);
    expect(lab.state('b')).toBe('Secondary Outdated quorum');
  });
});

describe('demotion', () => {
  test('is refused while the device is open, and lists who holds it', () => {
    const lab = new DrbdLab();
    lab.open('a', 'virt-launcher-vm-1');
    const refused = lab.kernel.demote('vol', 'a');
    expect(refused).toMatchObject({ exit: 11, code: -12 });
    expect(refused.text).toContain('/dev/drbd1000 open_cnt:1, writable:1; list of openers follows');
    expect(refused.text).toContain('drbd1000 opened by virt-launcher-vm-1');
    expect(lab.kernel.down('vol', 'a').text).toContain('failed to demote');
  });

  test('by force lets the other side promote at once; the openers get errors until they are gone', () => {
    const lab = new DrbdLab();
    lab.open('a');
    lab.kernel.demote('vol', 'a', { force: true });
    expect(lab.state('a')).toBe('Secondary UpToDate quorum force-io-failures');
    expect(lab.kernel.promotability('vol', 'a')).toEqual({ mayPromote: false, score: 0 });
    expect(lab.write('a')).toBe('EIO');
    expect(lab.open('b')).toBe('open');
    lab.close('a');
    expect(lab.state('a')).toBe('Secondary UpToDate quorum');
  });

  test('allow-two-primaries lets both open, and can not be switched off while they do', () => {
    const lab = new DrbdLab(['a', 'b'], { 'allow-two-primaries': true });
    expect([lab.open('a'), lab.open('b')]).toEqual(['open', 'open']);
    expect([lab.write('a'), lab.write('b')]).toEqual(['acked', 'acked']);
    expect(lab.code(lab.kernel.setOptions('vol', { 'allow-two-primaries': false }))).toBe(164);
  });
});
