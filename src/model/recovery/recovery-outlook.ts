import { drbdReportOf, type Observation } from '../observation.ts';
import { satellitesOf } from '../satellite.ts';
import type { SiteName } from '../site.ts';
import { type Copy, diskfulCopies, peerIn, placeOf, relationOf, type VolumeCopies, volumeCopies } from './copies.ts';
import { cutOffs, mustDiscard, type Reunion, reunionOf } from './reunion.ts';

/** Something that is given up when the copies of a site survive. */
export interface Loss {
  /** `DiscardCopy`: what a copy was given. `DemoteByForce`: the work of whoever has the volume open. */
  readonly kind: 'DiscardCopy' | 'DemoteByForce';
  /** The node on which it is lost. */
  readonly node: string;
  /** In a sentence. */
  readonly what: string;
}

/** What it means for one volume that the copies of a site survive. */
export interface VolumeOutlook {
  readonly volume: VolumeCopies;
  /** The node whose copy survives; undefined where the site tells of none. */
  readonly survivor: string | undefined;
  /** Empty where nothing is given up. */
  readonly losses: readonly Loss[];
  readonly next: Reunion;
}

/** What DRBD tells of some resources on every node whose satellite was listed, by resource. */
export function copiesIn(observation: Observation, resources: readonly string[]): readonly VolumeCopies[] {
  const told = Object.values(observation.sites).flatMap(({ site, readings }) => {
    const satellites = readings.satellites?.known === true ? satellitesOf(site, readings.satellites.value) : [];
    return satellites.map((satellite) => ({ satellite, report: drbdReportOf(observation, site, satellite.node) }));
  });
  return resources.map((resource) => volumeCopies(resource, told));
}

/** The outlook for a volume when `site` keeps its copy. Everything that DRBD would have to discard counts as given up. */
export function volumeOutlook(volume: VolumeCopies, site: SiteName): VolumeOutlook {
  const chosen = survivingCopy(volume, site);
  if (chosen === undefined) {
    const blockers = [`${volume.resource}: no copy of ${site} has told of itself`, ...volume.silent];
    return { volume, survivor: undefined, losses: [], next: { orders: [], blockers } };
  }
  const survivor = chosen.satellite.node;
  const next = reunionOf(volume, { survivor, isGivenUp: () => true, isTold: () => false });
  return { volume, survivor, losses: lossesOf(volume, chosen), next };
}

/** The copy of a site that the others follow: the one that is whole, where there are several. */
function survivingCopy(volume: VolumeCopies, site: SiteName): Copy | undefined {
  const copies = diskfulCopies(volume).filter(({ satellite }) => satellite.site === site);
  return copies.find(({ report }) => report.disk === 'UpToDate') ?? copies[0];
}

function lossesOf(volume: VolumeCopies, survivor: Copy): readonly Loss[] {
  const others = diskfulCopies(volume).filter((copy) => copy !== survivor);
  const discarded = others.filter((other) => mustDiscard(survivor, other));
  return [
    ...discarded.map((other): Loss => {
      const marked = peerIn(other, survivor)?.outOfSyncKib;
      const amount = marked === undefined ? 'an unknown amount' : `${marked} KiB marked`;
      const what = `${volume.resource}: what ${placeOf(other)} has done since they were the same is lost (${amount})`;
      return { kind: 'DiscardCopy', node: other.satellite.node, what };
    }),
    ...cutOffs(survivor, others).map(cutOff),
  ];
}

function cutOff(copy: Copy): Loss {
  const what = `${copy.report.resource}: whoever has it open on ${placeOf(copy)} gets I/O errors; writes that hang there are told to have succeeded, and are lost`;
  return { kind: 'DemoteByForce', node: copy.satellite.node, what };
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
