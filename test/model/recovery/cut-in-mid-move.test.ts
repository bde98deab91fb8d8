import { expect, test } from 'vitest';
import { expectWhole, ReunionLab } from './reunion-lab.ts';

// A planned move that meets a cut of the replication link: in most of these cases DRBD needs no help, and must get none.

/** A planned move that met a cut: a was closed, b was opened; unless b was written to, a goes on. */
function closedThenOpened({ read = false, write = false }): ReunionLab {
  const lab = new ReunionLab();
  lab.open('a');
  lab.write('a');
  lab.close('a');
  lab.cut('a', 'b');
  lab.notice();
  lab.open('b');
  if (read) lab.read('b');
  if (write) lab.write('b', 3);
  lab.close('b');
  if (!write) {
    lab.open('a');
    lab.write('a', 3);
    lab.close('a');
  }
  lab.heal('a', 'b');
  lab.settle();
  return lab;
}

test('6a: the standby was opened after the cut: its data are the newer ones, and nothing is discarded', () => {
  const lab = closedThenOpened({ write: true });
  expect(lab.reunite('b')).toEqual([]);
  expect(lab.given.filter((order) => order.includes('discard'))).toEqual([]);
  expectWhole(lab);
});

test('6d: it was opened and closed without a look: whoever wrote is followed', () => {
  const lab = closedThenOpened({});
  expect(lab.reunite('a')).toEqual([]);
  expect(lab.given).toEqual([]);
  expectWhole(lab);
});

test('6e: it was read, and the other one wrote on: the copies have parted', () => {
  const lab = closedThenOpened({ read: true });
  expect(lab.reunite('a')).toEqual([]);
  expect(lab.given).toContain('b discard a');
  expectWhole(lab);
});

/** a was written to and closed. What b writes from then on is the newest, and is to survive. */
function closedOnSource(nodes?: readonly string[], options?: ConstructorParameters<typeof ReunionLab>[1]): ReunionLab {
  const lab = new ReunionLab(nodes, options);
  lab.open('a');
  lab.write('a', 4);
  lab.close('a');
  return lab;
}

/** Nothing was ordered for the copies to come together again, and all of them hold what b has. */
function expectHealed(lab: ReunionLab): void {
  const written = lab.on('b').data;
  for (const node of lab.nodes) for (const peer of lab.nodes) if (node < peer) lab.heal(node, peer);
  lab.settle();
  expect(lab.reunite('b')).toEqual([]);
  expect(lab.given).toEqual([]);
  expect(lab.on('b').data).toEqual(written);
  expectWhole(lab);
}

test('6b: the cut is not noticed yet when the standby is opened: it opens all the same, and is followed after the heal', () => {
  const lab = closedOnSource();
  lab.cut('a', 'b');
  // It waits for the peer's answer for half a second, and not until an idle connection is found to be dead.
  expect(lab.open('b')).toBe('pending');
  lab.clock.pass(500);
  expect(lab.open('b')).toBe('open');
  expect(lab.link('a', 'b')).toMatch(/^Connected/);
  lab.notice();
  lab.write('b', 3);
  expect(lab.differing('a', 'b')).toBeGreaterThan(0);
  expectHealed(lab);
});

test('6c: the standby was open already at the cut, and wrote before it was noticed and after', () => {
  const lab = closedOnSource();
  lab.open('b');
  lab.cut('a', 'b');
  lab.write('b', 1);
  lab.notice();
  lab.write('b', 3);
  expect(lab.differing('a', 'b')).toBeGreaterThan(0);
  expectHealed(lab);
});

test('6f: with a tiebreaker at a third site the standby opens behind the cut, and the source does not any more', () => {
  const lab = closedOnSource(['a', 'b', 'tb'], { quorum: 'majority' });
  lab.cut('a', 'b');
  lab.notice();
  lab.open('b');
  lab.write('b', 3);
  expect(lab.type('a', 'drbdsetup primary vol').exitCode).not.toBe(0);
  expect(lab.differing('a', 'b')).toBeGreaterThan(0);
  expectHealed(lab);
});
