import type { DataGeneration, DrbdPeerReport, DrbdReport, DrbdResourceReport } from '../drbd-report.ts';
import type { Known } from '../known.ts';
import type { Satellite } from '../satellite.ts';

/** A volume on one node, as DRBD tells it there: a copy of the data, or a tiebreaker without any. */
export interface Copy {
  readonly satellite: Satellite;
  readonly report: DrbdResourceReport;
}

/** A volume on every node that knows it. */
export interface VolumeCopies {
  readonly resource: string;
  readonly copies: readonly Copy[];
  /** Nodes that the others name as peers, and that have told nothing: why each is silent. */
  readonly silent: readonly string[];
}

/**
 * How the data of two copies stand to each other. `parted`: each has gone a way of its own since they were the same.
 * `same` is what DRBD takes them for, by their generations; whether every block is equal, only a verify can tell.
 */
export type Relation = 'same' | 'ahead' | 'behind' | 'parted' | 'unknown';

/** Gathers what the nodes told of one resource. */
export function volumeCopies(
  resource: string,
  told: readonly { readonly satellite: Satellite; readonly report: Known<DrbdReport> }[],
): VolumeCopies {
  const copies = told.flatMap(({ satellite, report }): readonly Copy[] => {
    const found = report.known ? report.value.get(resource) : undefined;
    return found === undefined ? [] : [{ satellite, report: found }];
  });
  const named = new Set(copies.flatMap(({ report }) => report.peers.map(({ node }) => node)));
  const silent = [...named].toSorted().flatMap((node) => {
    if (copies.some(({ satellite }) => satellite.node === node)) return [];
    const reading = told.find(({ satellite }) => satellite.node === node)?.report;
    if (reading === undefined) return [`${node} has no satellite that runs`];
    return [reading.known ? `${resource} is down on ${node}` : reading.why];
  });
  return { resource, copies, silent };
}

/** The copies with data, in the order in which the nodes were asked. */
export function diskfulCopies({ copies }: VolumeCopies): readonly Copy[] {
  return copies.filter(hasDisk);
}

export function hasDisk({ report }: Copy): boolean {
  return report.disk !== undefined && report.disk !== 'Diskless';
}

/** Nodes with data, by what their peers say, that have told nothing themselves. A peer that nobody has met counts as one. */
export function silentCopies({ copies }: VolumeCopies): readonly string[] {
  const peers = copies.flatMap(({ report }) => report.peers);
  const asked = new Set(copies.map(({ satellite }) => satellite.node));
  return [...new Set(peers.map(({ node }) => node))].filter((node) => {
    if (asked.has(node)) return false;
    return !peers.some((peer) => peer.node === node && peer.disk === 'Diskless');
  });
}

/** What one node says of another. */
export function peerIn(copy: Copy, other: Copy): DrbdPeerReport | undefined {
  return copy.report.peers.find(({ node }) => node === other.satellite.node);
}

/**
 * How `copy` stands to `other`, by the generations of both, as DRBD itself compares them (`drbd_uuid_compare` in
 * `drbd/drbd_receiver.c` of LINBIT/drbd): who knows the other's present generation as one of its own past is ahead.
 */
export function relationOf(copy: Copy, other: Copy): Relation {
  const mine = peerIn(copy, other)?.generation;
  const theirs = peerIn(other, copy)?.generation;
  if (mine === undefined || theirs === undefined) return 'unknown';
  if (mine.current === theirs.current) return 'same';
  const [knowsTheirs, isKnown] = [hasBeen(mine, theirs.current), hasBeen(theirs, mine.current)];
  if (knowsTheirs === isKnown) return 'parted';
  return knowsTheirs ? 'ahead' : 'behind';
}

function hasBeen({ bitmap, history }: DataGeneration, current: string): boolean {
  return bitmap === current || history.includes(current);
}

/** The generation of a copy's data, as it counts towards another copy: what a consent to give it up is bound to. */
export function generationTowards(copy: Copy, other: Copy): string | undefined {
  return peerIn(copy, other)?.generation?.current;
}

/** `node-1 (cluster1)`. */
export function placeOf({ satellite }: Copy): string {
  return `${satellite.node} (${satellite.site})`;
}
