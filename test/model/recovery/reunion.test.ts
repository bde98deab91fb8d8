import { describe, expect, test } from 'vitest';
import { diskfulCopies, relationOf } from '../../../src/model/recovery/copies.ts';
import { reunionOf } from '../../../src/model/recovery/reunion.ts';
import { expectWhole, ReunionLab } from './reunion-lab.ts';

/** Both have written while they were apart; with `close` nobody has it open any more. */
function splitBrain({ nodes = ['a', 'b'], options = {}, close = ['a', 'b'] } = {}): ReunionLab {
  const lab = new ReunionLab(nodes, options);
  lab.open('a');
  lab.write('a', 3);
  lab.cut('a', 'b');
  lab.notice();
  lab.open('b');
  lab.write('b', 2);
  lab.write('a', 4);
  for (const node of close) lab.close(node);
  lab.heal('a', 'b');
  lab.settle();
  return lab;
}

/** A pair with a tiebreaker: a and tb go on, b is cut off and forced, and writes. */
function forcedBesideTiebreaker(): ReunionLab {
  const lab = new ReunionLab(['a', 'b', 'tb'], { quorum: 'majority' });
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  lab.cut('b', 'tb');
  lab.notice();
  lab.type('b', 'drbdsetup primary --force vol');
  lab.open('b');
  lab.write('b', 2);
  lab.close('b');
  lab.type('b', 'drbdsetup secondary vol');
  lab.write('a', 3);
  lab.heal('a', 'b');
  lab.heal('b', 'tb');
  lab.settle();
  return lab;
}

/** A pair: a is Primary with a write that hangs since it lost quorum; b was forced and wrote. The link is back. */
function suspendedPrimary(nodes: readonly string[] = ['a', 'b'], { heal = true } = {}): ReunionLab {
  const lab = new ReunionLab(nodes, { quorum: 'majority', 'on-no-quorum': 'suspend-io' });
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  if (nodes.includes('tb')) lab.cut('a', 'tb');
  lab.write('a');
  lab.notice();
  if (!nodes.includes('tb')) lab.type('b', 'drbdsetup primary --force vol');
  lab.open('b');
  lab.write('b', 2);
  lab.close('b');
  if (!nodes.includes('tb')) lab.type('b', 'drbdsetup secondary vol');
  if (!heal) return lab;
  lab.heal('a', 'b');
  if (nodes.includes('tb')) lab.heal('a', 'tb');
  lab.settle();
  return lab;
}

const links = [
  ['a', 'b'],
  ['a', 'tb'],
  ['b', 'tb'],
] as const;

/** b was to get data from a when a was cut off: it was forced on what it had, old and new blocks, and written to. */
function forcedOnMixedData(): ReunionLab {
  const lab = new ReunionLab(['a', 'b'], { 'c-max-rate': 4 });
  lab.cut('a', 'b');
  lab.notice();
  lab.open('a');
  lab.write('a', 40);
  lab.heal('a', 'b');
  lab.clock.pass(5000);
  lab.cut('a', 'b');
  lab.notice();
  expect(lab.on('b').disk).toBe('Inconsistent');
  lab.write('a', 2);
  lab.close('a');
  lab.type('b', 'drbdsetup primary --force vol');
  lab.open('b');
  lab.write('b', 3);
  lab.close('b');
  lab.type('b', 'drbdsetup secondary vol');
  lab.kernel.setOptions('vol', { 'c-max-rate': 102_400 });
  lab.heal('a', 'b');
  lab.settle();
  return lab;
}

describe('copies that have parted are brought together, and are the same in truth', () => {
  test.each([
    ['2a: victim b', splitBrain(), 'a', ['b discard a', 'a connect b']],
    ['2a: the survivor has it open', splitBrain({ close: ['b'] }), 'a', ['b discard a', 'a connect b']],
    ['2c: victim a', splitBrain(), 'b', ['a discard b', 'b connect a']],
    ['2d: the victim is Primary', splitBrain({ close: [] }), 'a', ['b demote', 'b discard a', 'a connect b']],
    [
      '3a: forced beside a tiebreaker, victim b',
      forcedBesideTiebreaker(),
      'a',
      ['b discard a', 'a connect b', 'tb connect b', 'b connect tb'],
    ],
    [
      '3c: the same, victim a, which has it open',
      forcedBesideTiebreaker(),
      'b',
      ['a demote', 'a discard b', 'b connect a', 'tb connect b', 'b connect tb'],
    ],
    [
      '3g: a Primary without quorum is demoted, then only connected',
      suspendedPrimary(),
      'b',
      ['a demote', 'a connect b', 'b connect a'],
    ],
  ] as const)('%s', (_, lab, survivor, orders) => {
    expect(lab.reunite(survivor)).toEqual([]);
    expect(lab.given).toEqual(orders);
    expectWhole(lab);
  });

  test('2b: the survivor tries already', () => {
    const lab = splitBrain();
    lab.type('a', 'drbdadm connect vol:b');
    expect(lab.reunite('a')).toEqual([]);
    expect(lab.given).toEqual(['b discard a']);
    expectWhole(lab);
  });

  test('2e: the victim is known before the link heals', () => {
    const lab = new ReunionLab();
    lab.cut('a', 'b');
    lab.notice();
    lab.open('a');
    lab.write('a', 2);
    lab.close('a');
    lab.open('b');
    lab.read('b');
    lab.close('b');
    expect(lab.reunite('a')).toEqual([expect.stringContaining('do not reach each other yet')]);
    expect(new Set(lab.given)).toEqual(new Set(['b disconnect a', 'b discard a']));
    lab.heal('a', 'b');
    expect(lab.reunite('a')).toEqual([]);
    expectWhole(lab);
  });

  test('3b: forced beside a tiebreaker, victim a, which nobody has open any more', () => {
    const lab = forcedBesideTiebreaker();
    lab.close('a');
    expect(lab.reunite('b')).toEqual([]);
    expect(lab.given).toEqual(['a discard b', 'b connect a', 'tb connect b', 'b connect tb']);
    expectWhole(lab);
  });

  test('3d: a Primary without quorum is demoted while it is still cut off; the heal does the rest', () => {
    const lab = suspendedPrimary(['a', 'b', 'tb'], { heal: false });
    lab.reunite('b');
    expect(lab.given).toEqual(['a demote']);
    lab.heal('a', 'b');
    lab.heal('a', 'tb');
    expect(lab.reunite('b')).toEqual([]);
    expectWhole(lab);
  });

  test('3i: all links were cut, one is suspended and the other one was forced', () => {
    const lab = new ReunionLab(['a', 'b', 'tb'], { quorum: 'majority', 'on-no-quorum': 'suspend-io' });
    lab.open('a');
    lab.write('a');
    for (const [one, other] of links) lab.cut(one, other);
    lab.write('a');
    lab.notice();
    lab.type('b', 'drbdsetup primary --force vol');
    lab.open('b');
    lab.write('b', 2);
    lab.close('b');
    lab.type('b', 'drbdsetup secondary vol');
    for (const [one, other] of links) lab.heal(one, other);
    lab.settle();
    expect(lab.reunite('b')).toEqual([]);
    expectWhole(lab);
  });

  test.each([
    ['4a', 'a', 'b'],
    ['4b', 'b', 'a'],
  ])('%s: one was forced in the middle of a resync, survivor %s', (_, survivor, victim) => {
    const lab = forcedOnMixedData();
    expect(lab.reunite(survivor)).toEqual([]);
    expect(lab.given).toContain(`${victim} discard ${survivor}`);
    expectWhole(lab);
  });

  const isHeld = 'vol: whoever has it open on a (site-a) gets I/O errors, and has to let go of it';

  test('3h: a survivor without quorum has to be let go of before it is taken for the newest', () => {
    const lab = suspendedPrimary();
    expect(lab.reunite('a')).toEqual([isHeld]);
    lab.close('a');
    expect(lab.reunite('a')).toEqual([]);
    expect(lab.given.filter((order) => order.includes('held open'))).toEqual([]);
    expectWhole(lab);
  });

  test('3h beside a tiebreaker that has gone on with the other one: it is started anew by hand', () => {
    const lab = suspendedPrimary(['a', 'b', 'tb']);
    expect(lab.reunite('a')).toEqual([isHeld]);
    lab.close('a');
    expect(lab.reunite('a')).toEqual([expect.stringContaining('the tiebreaker tb refuses a; it has no data')]);
    lab.type('tb', 'drbdadm down vol');
    lab.type('tb', 'drbdadm adjust vol');
    expect(lab.reunite('a')).toEqual([]);
    expectWhole(lab);
  });

  test('3e, 3f: a Primary without quorum beside a tiebreaker, survivor b', () => {
    const lab = suspendedPrimary(['a', 'b', 'tb']);
    expect(lab.reunite('b')).toEqual([]);
    expectWhole(lab);
  });

  test.each(['a', 'b', 'c'])('three copies, two of them parted, survivor %s', (survivor) => {
    const lab = new ReunionLab(['a', 'b', 'c']);
    lab.cut('a', 'b');
    lab.cut('a', 'c');
    lab.notice();
    lab.open('a');
    lab.write('a', 2);
    lab.close('a');
    lab.open('b');
    lab.write('b', 3);
    lab.close('b');
    lab.heal('a', 'b');
    lab.heal('a', 'c');
    lab.settle();
    expect(lab.reunite(survivor)).toEqual([]);
    expectWhole(lab);
  });
});

test.each(['a', 'b'])('a Primary that lost quorum while nobody went on is not cut off, survivor %s', (survivor) => {
  const lab = new ReunionLab(['a', 'b'], { quorum: 'majority', 'on-no-quorum': 'suspend-io' });
  lab.open('a');
  lab.write('a');
  lab.cut('a', 'b');
  lab.write('a');
  lab.notice();
  lab.reunite(survivor);
  expect(lab.given).toEqual([]);
  lab.heal('a', 'b');
  expect(lab.reunite(survivor)).toEqual([]);
  expect(lab.given).toEqual([]);
  expectWhole(lab);
});

test('5: StandAlone with generations that agree is only connected', () => {
  const lab = new ReunionLab();
  lab.type('a', 'drbdadm disconnect vol:b');
  lab.settle();
  expect(lab.reunite('b')).toEqual([]);
  expect(lab.given.filter((order) => order.includes('discard'))).toEqual([]);
  expectWhole(lab);
});

test('with retry-connect the victim is still trying: it is disconnected first, for the word is refused meanwhile', () => {
  const lab = splitBrain({ options: { 'rr-conflict': 'retry-connect' }, close: [] });
  lab.close('a');
  lab.close('b');
  lab.type('b', 'drbdadm disconnect vol:a');
  lab.type('b', 'drbdadm connect vol:a');
  expect(lab.reunite('a')).toEqual([]);
  expectWhole(lab);
});

test('copies that are together ask for nothing', () => {
  const lab = new ReunionLab(['a', 'b', 'tb']);
  expect(lab.reunite('a')).toEqual([]);
  expect(lab.given).toEqual([]);
});

test('nothing is ordered while a node that the others name is silent', () => {
  const lab = splitBrain();
  const found = reunionOf(lab.look(['b']), { survivor: 'a', isGivenUp: () => true, isTold: () => false });
  expect(found).toEqual({ orders: [], blockers: ['b has no satellite that runs'] });
});

test('nothing is discarded that nobody has given up', () => {
  const lab = splitBrain();
  const found = reunionOf(lab.look(), { survivor: 'a', isGivenUp: () => false, isTold: () => false });
  expect(found.orders).toEqual([]);
  expect(found.blockers).toEqual(['vol: nobody has agreed to give up what b (site-b) holds now']);
});

test('an order does nothing once the victim has been written to again', () => {
  const lab = splitBrain();
  const { orders } = reunionOf(lab.look(), { survivor: 'a', isGivenUp: () => true, isTold: () => false });
  lab.open('b');
  const { request } = orders[0]!;
  expect(lab.run('b', ...(request.api === 'exec' ? request.command : []))).toMatchObject({ exitCode: 90 });
  expect(lab.link('b', 'a')).toMatch(/^StandAlone/);
});

test('how two copies stand to each other is read from their generations', () => {
  const relation = (lab: ReunionLab): string => {
    const [a, b] = diskfulCopies(lab.look());
    return `${relationOf(a!, b!)} ${relationOf(b!, a!)}`;
  };
  expect(relation(new ReunionLab())).toBe('same same');
  expect(relation(splitBrain())).toBe('parted parted');
  const behind = new ReunionLab();
  behind.cut('a', 'b');
  behind.notice();
  behind.open('a');
  behind.write('a');
  expect(relation(behind)).toBe('ahead behind');
});
