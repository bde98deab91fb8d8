import type { DrbdReport } from '../drbd-report.ts';
import { type Known, unknown } from '../known.ts';
import type { Observation } from '../observation.ts';
import { type Satellite, satellitesOf } from '../satellite.ts';
import type { SiteName } from '../site.ts';
import { type Copy, diskfulCopies, peerIn, placeOf, relationOf, type VolumeCopies, volumeCopies } from './copies.ts';
import { mustDiscard, type Reunion, reunionOf } from './reunion.ts';

/** What it means for one volume that the copies of a site survive. */
export interface VolumeOutlook {
  readonly volume: VolumeCopies;
  /** What is given up, in sentences; empty where nothing is. */
  readonly losses: readonly string[];
  readonly next: Reunion;
}

/** What DRBD tells of some resources on every node whose satellite was listed, by resource. */
export function copiesIn(observation: Observation, resources: readonly string[]): readonly VolumeCopies[] {
  const told = Object.values(observation.sites).flatMap(({ site, readings, drbd }) => {
    const satellites = readings.satellites?.known === true ? satellitesOf(site, readings.satellites.value) : [];
    return satellites.map((satellite) => ({ satellite, report: reportOf(satellite, drbd) }));
  });
  return resources.map((resource) => volumeCopies(resource, told));
}

/** The outlook for a volume when `survivor` keeps its copy. Everything that DRBD would have to discard counts as given up. */
export function volumeOutlook(volume: VolumeCopies, survivor: SiteName): VolumeOutlook {
  const chosen = survivingCopy(volume, survivor);
  if (chosen === undefined) {
    const blockers = [`${volume.resource}: no copy of ${survivor} has told of itself`, ...volume.silent];
    return { volume, losses: [], next: { orders: [], blockers } };
  }
  const next = reunionOf(volume, { survivor: chosen.satellite.node, isGivenUp: () => true, isTold: () => false });
  return { volume, losses: lossesOf(volume, chosen), next };
}

/** The copy of a site that the others follow: the one that is whole, where there are several. */
function survivingCopy(volume: VolumeCopies, site: SiteName): Copy | undefined {
  const copies = diskfulCopies(volume).filter(({ satellite }) => satellite.site === site);
  return copies.find(({ report }) => report.disk === 'UpToDate') ?? copies[0];
}

function lossesOf(volume: VolumeCopies, survivor: Copy): readonly string[] {
  return diskfulCopies(volume).flatMap((other) => {
    if (other === survivor) return [];
    const { resource, role, suspended } = other.report;
    const marked = peerIn(other, survivor)?.outOfSyncKib;
    const amount = marked === undefined ? 'an unknown amount' : `${marked} KiB marked`;
    const written = mustDiscard(survivor, other)
      ? [`${resource}: what ${placeOf(other)} has done since they were the same is lost (${amount})`]
      : [];
    const isCut = role === 'Primary' && (written.length > 0 || (suspended ?? 'no') !== 'no');
    const cut = isCut
      ? [
          `${resource}: whoever has it open on ${placeOf(other)} gets I/O errors; writes that hang there are told to have succeeded, and are lost`,
        ]
      : [];
    return [...written, ...cut];
  });
}

/** How the copies of a volume stand to each other, in one sentence for each two that are not the same. */
export function differencesIn(volume: VolumeCopies): readonly string[] {
  const copies = diskfulCopies(volume);
  return copies.flatMap((one, index) =>
    copies.slice(index + 1).flatMap((other) => {
      const sentence = sentences[relationOf(one, other)];
      return sentence === undefined ? [] : [`${placeOf(one)} ${sentence} ${placeOf(other)}`];
    }),
  );
}

const sentences: Readonly<Record<ReturnType<typeof relationOf>, string | undefined>> = {
  same: undefined,
  ahead: 'holds newer data than',
  behind: 'holds older data than',
  parted: 'has gone another way than',
  unknown: 'does not tell how its data stand to those of',
};

function reportOf(
  { node }: Satellite,
  drbd: Readonly<Record<string, Known<DrbdReport>>> | undefined,
): Known<DrbdReport> {
  return drbd?.[node] ?? unknown(`DRBD on ${node} was not asked`);
}
