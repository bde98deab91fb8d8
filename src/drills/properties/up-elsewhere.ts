import type { Millis } from '../../model/instant.ts';
import { second } from '../../model/instant.ts';
import type { SiteName } from '../../model/site.ts';
import { groupNamed, type SentRequest, type Stage, stageNamespace } from '../stage.ts';
import { otherSite } from '../stage-sites.ts';
import { watchScene } from './scene.ts';
import { sceneKey } from './scene-key.ts';

/** How long LINSTOR takes to hear of what its satellites see, and that one is gone. */
export const storageLag: Millis = 2 * second;

/** What of a group is really up, when a site is ordered to run it, on the other one. */
export type UpElsewhere = (order: Pick<SentRequest, 'sentAt'>, group: string, site: SiteName) => readonly string[];

/**
 * Watches guests and volumes from now on. A guest counts at once. A volume counts once LINSTOR must have heard that it is
 * Primary: it can become so by hand at any moment, and DRBD itself refuses the target then.
 */
export function watchUpElsewhere(stage: Stage): UpElsewhere {
  const scene = watchScene(stage);
  const { guests } = stage.twin;
  return ({ sentAt }, name, site) => {
    const there = otherSite(site);
    const { members, volumes } = groupNamed(stage, name);
    const executing = members.filter((vm) =>
      guests.executing(stageNamespace, vm).some(({ cluster }) => cluster === there),
    );
    return [
      ...executing.map((vm) => sceneKey.executes(vm, there)),
      ...volumes
        .map((volume) => sceneKey.primary(volume, there))
        .filter((what) => scene.lastsSince(what, sentAt - storageLag)),
    ];
  };
}
