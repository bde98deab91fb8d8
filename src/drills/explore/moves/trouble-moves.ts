import {
  at,
  cell,
  type Cells,
  column,
  columnOf,
  executes,
  has,
  stage,
  stageIn,
  trouble,
  used,
  withAhead,
  withPrimary,
  withStage,
  aheadIn,
  primaryIn,
} from '../cells.ts';
import { virtualMachinesIn } from '../safety.ts';
import type { Budgets } from '../settings.ts';
import type { SmallWorld } from '../small-world.ts';
import { thing } from '../versions.ts';
import { type Gathering, kinds, moveOf } from './move.ts';

/** What may break, in the order of the numbers in moves. */
export const troubles: readonly { readonly bit: number; readonly says: string; readonly mended: string }[] = [
  { bit: trouble.siteCutOff(0), says: 'cluster1 is cut off', mended: 'cluster1 is reached again' },
  { bit: trouble.siteCutOff(1), says: 'cluster2 is cut off', mended: 'cluster2 is reached again' },
  { bit: trouble.siteCutOff(2), says: 'cluster3 is cut off', mended: 'cluster3 is reached again' },
  { bit: trouble.linstorSilent, says: 'LINSTOR does not answer', mended: 'LINSTOR answers again' },
  { bit: trouble.linkCut, says: 'the replication link is cut', mended: 'the replication link is up again' },
  { bit: trouble.nodeLost(0), says: 'the node of cluster1 is lost', mended: 'the node of cluster1 is back' },
  { bit: trouble.nodeLost(1), says: 'the node of cluster2 is lost', mended: 'the node of cluster2 is back' },
  {
    bit: trouble.tainted(0),
    says: 'a quorum taint appears on the node of cluster1',
    mended: 'the taint of cluster1 goes',
  },
  {
    bit: trouble.tainted(1),
    says: 'a quorum taint appears on the node of cluster2',
    mended: 'the taint of cluster2 goes',
  },
];

/** The moves of bad luck: something breaks, within the budget; what is broken is mended at any time, at no cost. */
export function gatherTroubleMoves(world: SmallWorld, budgets: Budgets, to: Gathering): void {
  const mayBreak = used.faults(to.from) < budgets.faults;
  for (let number = 0; number < troubles.length; number++) {
    const { bit } = troubles[number] as (typeof troubles)[number];
    const isBroken = has(to.from, bit);
    if (!isBroken && !mayBreak) continue;
    const next = to.fresh();
    next[cell.trouble] = at(next, cell.trouble) ^ bit;
    if (!isBroken) next[cell.used] = at(next, cell.used) + used.fault;
    for (const site of [0, 1]) {
      if (bit === trouble.tainted(site)) world.outdate(next, thing.node(site));
      if (bit !== trouble.nodeLost(site)) continue;
      if (isBroken) noteReturn(next, site);
      else noteLoss(next, site);
    }
    if (!isBroken && (bit === trouble.linkCut || bit === trouble.nodeLost(0) || bit === trouble.nodeLost(1)))
      noteParting(next);
    to.found(moveOf(isBroken ? kinds.mends : kinds.breaks, number));
  }
}

/** A node that is gone has no guests and is nobody's Primary. */
function noteLoss(next: Cells, site: number): void {
  eachGuests(next, (guests) => withPrimary(guests, primaryIn(guests) & ~(1 << site)));
}

function noteReturn(next: Cells, site: number): void {
  eachGuests(next, (guests) => {
    const now = stageIn(guests, site);
    return now === stage.off ? guests : withStage(guests, site, stage.ended);
  });
}

/** A guest that goes on without its peer writes what the peer lacks. */
function noteParting(next: Cells): void {
  for (let index = 0; index < virtualMachinesIn(next); index++) {
    const place = columnOf(index) + column.guests;
    const guests = at(next, place);
    let ahead = aheadIn(guests);
    for (const site of [0, 1]) if (executes(next, index, site)) ahead |= 1 << site;
    next[place] = withAhead(guests, ahead);
  }
}

function eachGuests(next: Cells, change: (guests: number) => number): void {
  for (let index = 0; index < virtualMachinesIn(next); index++) {
    const place = columnOf(index) + column.guests;
    next[place] = change(at(next, place));
  }
}
