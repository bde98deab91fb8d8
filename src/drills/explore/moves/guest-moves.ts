import {
  aheadIn,
  at,
  type Cells,
  column,
  columnOf,
  has,
  isConnected,
  primaryIn,
  sites,
  stage,
  stageIn,
  trouble,
  withAhead,
  withPrimary,
  withStage,
} from '../cells.ts';
import { virtualMachinesIn } from '../safety.ts';
import type { SmallWorld } from '../small-world.ts';
import { type Gathering, kinds, moveOf } from './move.ts';

/** What a guest or its volume may do next, in the order of the numbers in moves. */
export const guestSteps: readonly { readonly says: string; readonly next: GuestStep }[] = [
  { says: 'gets an instance, and its volume attached', next: created },
  { says: 'opens its volume and executes', next: booted },
  { says: 'is asked to shut down', next: asked },
  { says: 'has ended', next: shutDown },
  { says: 'lets go of its volume, which is Secondary there', next: released },
  { says: 'has its volume detached', next: detached },
  { says: 'is in sync with its peer again', next: synced },
];

/** One VM on one site, as a step looks at it. */
interface Seat {
  readonly cells: Cells;
  readonly guests: number;
  readonly site: number;
  readonly isWanted: boolean;
}

/** The guests after the step; undefined where it is not possible. */
type GuestStep = (seat: Seat) => number | undefined;

/** The moves of KubeVirt, the nodes and DRBD: each VM, on each site, one small step at a time. */
export function gatherGuestMoves(world: SmallWorld, to: Gathering): void {
  for (let index = 0; index < virtualMachinesIn(to.from); index++) {
    const begin = columnOf(index);
    const guests = at(to.from, begin + column.guests);
    for (const site of [0, 1]) {
      const isWanted = world.virtualMachines.wantsToRun(at(to.from, begin + column.machines + site));
      const seat: Seat = { cells: to.from, guests, site, isWanted };
      for (let number = 0; number < guestSteps.length; number++) {
        const next = guestSteps[number]?.next(seat);
        if (next === undefined || next === guests) continue;
        to.fresh()[begin + column.guests] = next;
        if (number === bootedNumber) judgeData(to, seat, index);
        to.found(moveOf(kinds.guest, number, index * 2 + site));
      }
    }
  }
}

const bootedNumber = 1;

/** A guest that begins to execute has to find all of its data. */
function judgeData(to: Gathering, { cells, guests, site }: Seat, index: number): void {
  if (!isConnected(cells, guests) && (aheadIn(guests) & (2 - site)) !== 0)
    to.breaks('S3', `VM ${index + 1} begins to execute on ${sites[site]} without writes that were acknowledged`);
}

function created({ cells, guests, site, isWanted }: Seat): number | undefined {
  const now = stageIn(guests, site);
  if (!isWanted || has(cells, trouble.nodeLost(site)) || (now !== stage.off && now !== stage.ended)) return undefined;
  return withStage(guests, site, stage.starting);
}

/** To open the device promotes the replica. DRBD refuses a second Primary where it sees the first; without quorum, nowhere else. */
function booted({ cells, guests, site }: Seat): number | undefined {
  if (stageIn(guests, site) !== stage.starting || has(cells, trouble.nodeLost(site) | trouble.tainted(site)))
    return undefined;
  const own = 1 << site;
  const connected = isConnected(cells, guests);
  if (connected && (primaryIn(guests) & ~own) !== 0) return undefined;
  const executing = withPrimary(withStage(guests, site, stage.executing), primaryIn(guests) | own);
  // The first read or write that the peer does not see makes this side differ from it.
  return connected ? executing : withAhead(executing, aheadIn(guests) | own);
}

function asked({ guests, site, isWanted }: Seat): number | undefined {
  const now = stageIn(guests, site);
  if (isWanted) return undefined;
  if (now === stage.starting) return withStage(guests, site, stage.ended);
  return now === stage.executing ? withStage(guests, site, stage.stopping) : undefined;
}

function shutDown({ cells, guests, site }: Seat): number | undefined {
  if (stageIn(guests, site) !== stage.stopping || has(cells, trouble.nodeLost(site))) return undefined;
  return withStage(guests, site, stage.ended);
}

function released({ guests, site }: Seat): number | undefined {
  const now = stageIn(guests, site);
  if (now === stage.executing || now === stage.stopping) return undefined;
  return withPrimary(guests, primaryIn(guests) & ~(1 << site));
}

function detached({ cells, guests, site }: Seat): number | undefined {
  if (stageIn(guests, site) !== stage.ended || has(cells, trouble.nodeLost(site))) return undefined;
  return withStage(guests, site, stage.off);
}

/** One step of the volume, told with the first site only. */
function synced({ cells, guests, site }: Seat): number | undefined {
  return site === 0 && isConnected(cells, guests) ? withAhead(guests, 0) : undefined;
}
