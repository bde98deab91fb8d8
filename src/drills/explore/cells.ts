import type { SiteName } from '../../model/site.ts';
import { stageQuorumSite, stageSites } from '../stage-sites.ts';

/**
 * A state of the small world is a row of small whole numbers, its cells. A cell holds flags, or the number under which an
 * object of an API server, or the state of a process, is kept (`interner.ts`).
 */
export type Cells = Uint16Array;

/** Sites by their number: the two of the group, and the quorum site. */
export const sites: readonly [SiteName, SiteName, SiteName] = [...stageSites, stageQuorumSite];

/** Where in the row each thing stands; sites, operations and processes follow one another in the order of their numbers. */
export const cell = {
  used: 0,
  trouble: 1,
  groups: 2,
  leases: 4,
  operations: 7,
  drivers: 9,
  history: 13,
  columns: 14,
} as const;

/** Of each VM: its objects on both sites, its guests and its volume, and what the group controllers have sent for it. */
export const column = { machines: 0, guests: 2, pending: 3, width: 5 } as const;

/** A bit of a pending order: its group has been told otherwise since it was given. */
export const late = 0x8000;

/** What is broken, one bit each. */
export const trouble = {
  siteCutOff: (site: number): number => 1 << site,
  linstorSilent: 1 << 3,
  linkCut: 1 << 4,
  nodeLost: (site: number): number => 1 << (5 + site),
  tainted: (site: number): number => 1 << (7 + site),
} as const;

/** How far a guest has come on a site. */
export const stage = { off: 0, starting: 1, executing: 2, stopping: 3, ended: 4 } as const;

/** The guests of a VM on both sites, and its volume. Sets of sites are bits: 1 for the first, 2 for the second. */
export interface GuestCell {
  readonly stages: readonly [number, number];
  /** Where the volume is Primary. */
  readonly primary: number;
  /** Where it has writes that the other side lacks. */
  readonly ahead: number;
}

export function packGuests({ stages, primary, ahead }: GuestCell): number {
  return stages[0] | (stages[1] << 3) | (primary << 6) | (ahead << 8);
}

export function stageIn(guests: number, site: number): number {
  return (guests >> (3 * site)) & 7;
}

export function withStage(guests: number, site: number, next: number): number {
  return (guests & ~(7 << (3 * site))) | (next << (3 * site));
}

export function primaryIn(guests: number): number {
  return (guests >> 6) & 3;
}

export function withPrimary(guests: number, primary: number): number {
  return (guests & ~(3 << 6)) | (primary << 6);
}

export function aheadIn(guests: number): number {
  return (guests >> 8) & 3;
}

export function withAhead(guests: number, ahead: number): number {
  return (guests & ~(3 << 8)) | (ahead << 8);
}

/** What is left of a budget is what has been used of it, four bits each: faults, crashes, acts. */
export const used = {
  faults: (cells: Cells): number => at(cells, cell.used) & 15,
  crashes: (cells: Cells): number => (at(cells, cell.used) >> 4) & 15,
  acts: (cells: Cells): number => (at(cells, cell.used) >> 8) & 15,
  fault: 1,
  crash: 1 << 4,
  act: 1 << 8,
} as const;

/** What happened and can be seen nowhere else: who ordered under an epoch (2 bits each), and which processes stalled (4 bits). */
export const history = {
  /** Number of the operation that has ordered under the epoch, counted from 1; 0 for nobody. */
  ownerOf: (cells: Cells, epoch: number): number => (at(cells, cell.history) >> (2 * (epoch - 1))) & 3,
  owner: (epoch: number, operation: number): number => (operation + 1) << (2 * (epoch - 1)),
  stalled: (driver: number): number => 1 << (12 + driver),
  epochs: 6,
} as const;

export function at(cells: Cells, index: number): number {
  return cells[index] ?? 0;
}

/** Where the column of a VM begins. */
export function columnOf(virtualMachine: number): number {
  return cell.columns + virtualMachine * column.width;
}

export function widthFor(virtualMachines: number): number {
  return columnOf(virtualMachines);
}

/** True when the guest of a VM executes on a site, whatever its objects say. */
export function executes(cells: Cells, virtualMachine: number, site: number): boolean {
  const now = stageIn(at(cells, columnOf(virtualMachine) + column.guests), site);
  return (now === stage.executing || now === stage.stopping) && !has(cells, trouble.nodeLost(site));
}

/** True when something is broken. */
export function has(cells: Cells, what: number): boolean {
  return (at(cells, cell.trouble) & what) !== 0;
}

/** True when the two replicas of a volume talk to one another. */
export function isConnected(cells: Cells, guests: number): boolean {
  return !has(cells, trouble.linkCut | trouble.nodeLost(0) | trouble.nodeLost(1)) && aheadIn(guests) !== 3;
}
