import type { Millis } from '../../model/instant.ts';
import { oncePer } from '../../model/memo.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { watchObjects } from './scene-objects.ts';
import { sceneKey } from './scene-key.ts';
import { Spells } from './spells.ts';

/** Between two copies that every write goes to: also while they are compared. */
const isWhole: ReadonlySet<string> = new Set(['Established', 'VerifyS', 'VerifyT']);

/** What a failover's gates are about, as it really is on both sites. */
export interface Scene {
  /** True when it is so (`sceneKey`), and was so already at that moment. */
  lastsSince(what: string, moment: Millis): boolean;
}

/** Notes what is so, and since when, from the first call for a stage on: every property that asks shares it. */
export const watchScene = oncePer((stage: Stage): Scene => {
  const { world, guests } = stage.twin;
  const spells = new Spells(() => world.now);
  const noteAll = (): void => {
    for (const { members } of stage.groups) for (const vm of members) noteGuests(stage, vm, spells);
  };
  guests.onChange(({ vm }) => noteGuests(stage, vm, spells));
  noteAll();
  watchVolumes(stage, spells);
  watchObjects(stage, spells);
  return {
    lastsSince: (what, moment) => {
      // A guest whose node loses its power is gone without a word.
      noteAll();
      return spells.lastsSince(what, moment);
    },
  };
});

function noteGuests({ twin: { guests } }: Stage, vm: string, spells: Spells): void {
  const clusters = new Set(guests.executing(stageNamespace, vm).map(({ cluster }) => cluster));
  for (const site of stageSites) {
    spells.note(sceneKey.executes(vm, site), clusters.has(site));
    spells.note(sceneKey.standsStill(vm, site), !clusters.has(site));
  }
}

function watchVolumes({ groups, twin: { kernel, sites } }: Stage, spells: Spells): void {
  const siteOf = new Map(sites.flatMap(({ name, nodes }) => nodes.map((node) => [node, name] as const)));
  const note = (volume: string): void => {
    const replicas = [...(kernel.resource(volume)?.replicas.values() ?? [])];
    const diskful = replicas.filter(({ kind }) => kind === 'diskful');
    for (const site of stageSites) {
      const here = replicas.filter(({ node, running }) => running && siteOf.get(node) === site);
      spells.note(
        sceneKey.primary(volume, site),
        here.some(({ role }) => role === 'Primary'),
      );
      const current = diskful
        .filter(({ node }) => siteOf.get(node) === site)
        .every(
          ({ node, running, disk, peers }) =>
            running &&
            disk === 'UpToDate' &&
            diskful.every((peer) => peer.node === node || isWhole.has(peers.get(peer.node)?.replication ?? '')),
        );
      spells.note(sceneKey.notCurrent(volume, site), !current);
    }
  };
  kernel.onChange((volume) => note(volume));
  for (const { volumes } of groups) volumes.forEach(note);
}
