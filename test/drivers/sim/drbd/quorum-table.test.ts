import { describe, expect, test } from 'vitest';
import { decideQuorum, quorumOf } from '../../../../src/drivers/sim/drbd/quorum.ts';
import { DrbdLab } from './drbd-lab.ts';

/** What one node may know of another one with a disk. */
const diskful = ['up', 'connected, not UpToDate', 'outdated', 'expelled', 'unknown'] as const;
/** The same of a tiebreaker; `none`: the layout has none. */
const tiebreaker = ['none', 'connected', 'away'] as const;
const settings = ['off', 'majority', 'all', 1, 2, 3, 4] as const;

type View = (typeof diskful)[number];

/** Every way in which `size` peers can be seen. */
function viewsOf(size: number): readonly (readonly View[])[] {
  if (size === 0) return [[]];
  return viewsOf(size - 1).flatMap((views) => diskful.map((view) => [...views, view]));
}

interface Row {
  readonly own: 'up' | 'connected, not UpToDate';
  readonly peers: readonly View[];
  readonly tiebreaker: (typeof tiebreaker)[number];
  readonly quorum: (typeof settings)[number];
  readonly redundancy: (typeof settings)[number];
  readonly before: boolean;
}

/** Every combination of the values of each field. */
function product<T extends object>(lists: { readonly [K in keyof T]: readonly T[K][] }): readonly T[] {
  let found: object[] = [{}];
  for (const [name, values] of Object.entries<readonly unknown[]>(lists)) {
    found = found.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  }
  return found as T[];
}

/** All rows for layouts of one to four disks, with and without a tiebreaker. */
function rows(redundancy: Row['redundancy'][]): readonly Row[] {
  return product<Row>({
    own: ['up', 'connected, not UpToDate'],
    peers: [0, 1, 2, 3].flatMap(viewsOf),
    tiebreaker,
    quorum: settings,
    redundancy,
    before: [true, false],
  });
}

/** The arithmetic of the model. */
function decided(row: Row): boolean {
  const seen = [row.own, ...row.peers];
  const number = (view: View): number => seen.filter((each) => each === view).length;
  const count = {
    upToDate: number('up'),
    present: number('connected, not UpToDate'),
    outdated: number('outdated'),
    quorumless: number('expelled'),
    unknown: number('unknown'),
    diskless: row.tiebreaker === 'connected' ? 1 : 0,
    missingDiskless: row.tiebreaker === 'away' ? 1 : 0,
  };
  const options = { quorum: row.quorum, 'quorum-minimum-redundancy': row.redundancy };
  return decideQuorum(count, options, row.before).quorum;
}

/** The same by going through the nodes one by one (drbd/drbd_state.c calc_quorum in words). */
function byHand(row: Row): boolean {
  if (row.quorum === 'off') return true;
  const seen = [row.own, ...row.peers];
  const here = seen.filter((view) => view === 'up' || view === 'connected, not UpToDate');
  const away = seen.filter((view) => view !== 'up' && view !== 'connected, not UpToDate');
  const expelledCount = away.length > seen.length / 2;
  const inDoubt = away.filter((view) => view === 'unknown' || (view === 'expelled' && expelledCount));
  const voters = inDoubt.length > 0 ? seen.length : here.length;
  const need = (setting: Row['quorum']): number => {
    if (setting === 'off') return 0;
    if (setting === 'all') return voters;
    return setting === 'majority' ? Math.floor(voters / 2) + 1 : setting;
  };
  const upToDate = seen.filter((view) => view === 'up').length;
  if (here.length >= need(row.quorum) && upToDate >= need(row.redundancy)) return true;
  const isShortByOne = here.length === need(row.quorum) - 1;
  return row.before && voters % 2 === 0 && isShortByOne && row.tiebreaker === 'connected';
}

describe('the whole table of quorum, layouts of one to four disks and a tiebreaker', () => {
  test('every row is what counting by hand says, with each kind of minimum redundancy', () => {
    const table = rows(['off', 'majority', 'all', 2]);
    expect(table).toHaveLength((1 + 5 + 25 + 125) * 2 * 3 * settings.length * 4 * 2);
    expect(table.filter((row) => decided(row) !== byHand(row))).toEqual([]);
  });

  test('the tiebreaker keeps quorum and never gives it; without one nothing depends on what was before', () => {
    const wrong = rows(['off']).filter((row) => {
      const [kept, given] = [decided({ ...row, before: true }), decided({ ...row, before: false })];
      return (given && !kept) || (row.tiebreaker !== 'connected' && kept !== given);
    });
    expect(wrong).toEqual([]);
  });

  test('with majority two halves that see nothing of each other never have quorum both', () => {
    const half = (size: number, disks: number, helper: Row['tiebreaker']): boolean => {
      const peers = [...Array<View>(Math.max(size - 1, 0)).fill('up'), ...Array<View>(disks - size).fill('unknown')];
      const usual = { own: 'up', quorum: 'majority', redundancy: 'off', before: true } as const;
      return size > 0 && decided({ ...usual, peers, tiebreaker: helper });
    };
    const cuts = product<{ disks: number; left: number; side: 'none' | 'left' | 'right' }>({
      disks: [1, 2, 3, 4],
      left: [0, 1, 2, 3, 4],
      side: ['none', 'left', 'right'],
    }).filter(({ disks, left }) => left <= disks);
    const seenFrom = (side: string, own: string): Row['tiebreaker'] =>
      side === 'none' ? 'none' : side === own ? 'connected' : 'away';
    const both = cuts.filter(
      ({ disks, left, side }) =>
        half(left, disks, seenFrom(side, 'left')) && half(disks - left, disks, seenFrom(side, 'right')),
    );
    expect(both).toEqual([]);
  });
});

describe('running replicas, every set of nodes lost in one event', () => {
  const layouts = [
    ['a', 'b'],
    ['a', 'b', 'tb'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'tb'],
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'c', 'd', 'tb'],
  ];

  test.each(layouts.map((layout) => [layout.join('+'), layout] as const))('%s', (_name, layout) => {
    const others = layout.slice(1);
    for (let mask = 1; mask < 2 ** others.length; mask++) {
      const lost = others.filter((_, index) => (mask >> index) % 2 === 1);
      const stays = layout.filter((node) => !lost.includes(node));
      const lab = new DrbdLab(layout, { quorum: 'majority' });
      for (const node of lost) for (const other of stays) lab.cut(node, other);
      // A request for the whole cluster finds all of them at once.
      lab.kernel.promote('vol', 'a');
      const disks = layout.filter((node) => node !== 'tb').length;
      const here = stays.filter((node) => node !== 'tb').length;
      const expected = here * 2 > disks || (here * 2 === disks && stays.includes('tb'));
      expect(quorumOf(lab.on('a')).quorum, `lost ${lost.join('+')}`).toBe(expected);
    }
  });
});
