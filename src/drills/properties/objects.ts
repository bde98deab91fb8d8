import { conditionOf } from '../../model/condition-of.ts';
import { type Millis, minute, second } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import { groupNamed, type Stage, type StagedGroup, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import { forgetsGuests, holdsRequestsUp, isMute, showsThePast } from './disturbance.ts';
import type { TapeItem } from '../tape.ts';
import type { Property } from './property.ts';
import { replicasOf } from './replicas.ts';
import { eachStatus } from './staged-objects.ts';

/** At most one site is told to run the group. */
export const oneDesired: Property = {
  id: 'S11',
  name: 'OneDesired',
  says: 'No two sites are told to run the same group, unless a person has told them so by hand.',
  watch: ({ twin: { world }, tape }, judge) => {
    if (tape.items.some(ordersByHand)) return undefined;
    const desired = (site: SiteName, name: string): string | undefined =>
      textAt(world.cluster(site).api.get(resources.protectionGroup, stageNamespace, name), 'spec', 'desiredState');
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object }) => {
        if (resource.plural !== resources.protectionGroup.plural) return;
        const { name } = object.metadata;
        const isTwice = stageSites.every((each) => desired(each, name) === 'running');
        judge.check(!isTwice, () => `${stageSites.join(' and ')} are told to run ${name}`);
      });
    }
    return undefined;
  },
};

function ordersByHand(item: TapeItem): boolean {
  if (item.kind !== 'kubectl') return item.kind === 'edit';
  return item.resource === resources.protectionGroup.plural && textAt(item.body, 'spec', 'desiredState') !== undefined;
}

/** How old the reading may be that a status was made from. */
const staleness: Millis = 15 * second;
/** How long a cluster may take to notice that a node is gone: the grace of its node controller, and a look. */
const nodeGrace: Millis = minute;

/** What a group says of its VMs was so a moment ago. */
export const statusHonesty: Property = {
  id: 'S14',
  name: 'StatusHonesty',
  says: 'A group that is shown as stopped has no guest that has executed there for 15 seconds; one that is shown as running has not lacked one for a minute.',
  watch: (stage, judge) => {
    // A status is as good as what its writer has read; in these runs that may be of any age, or nothing.
    if (stage.tape.items.some((item) => showsThePast(item) || forgetsGuests(item) || holdsRequestsUp(item)))
      return undefined;
    const { guests, world } = stage.twin;
    const missingSince = new Map<string, Millis>();
    eachStatus(stage, (site, object) => {
      const state = textAt(object, 'status', 'currentState');
      for (const vm of groupNamed(stage, object.metadata.name).members) {
        const found = guests.executing(stageNamespace, vm).filter(({ cluster }) => cluster === site);
        const key = `${site}/${vm}`;
        if (found.length > 0) missingSince.delete(key);
        else if (!missingSince.has(key)) missingSince.set(key, world.now);
        const long = found.some(({ executesSince }) => world.now - (executesSince ?? world.now) > staleness);
        const isMissed = world.now - (missingSince.get(key) ?? world.now) > nodeGrace;
        if (state === 'stopped') judge.check(!long, () => `${site} shows the group stopped while ${vm} executes there`);
        if (state === 'running')
          judge.check(!isMissed, () => `${site} shows the group running while ${vm} does not execute there`);
      }
    });
    return undefined;
  },
};

/** LINSTOR has no watch: a controller asks it once a minute; before that DRBD has to notice that a peer is gone. */
const storageStaleness: Millis = minute + 20 * second;
/** How often a replica that lacks something is looked at meanwhile: one that has caught up, and lacks something again, is another. */
const lookAgain: Millis = 10 * second;

/** A group that is shown Ready can be failed over without losing a byte. */
export const readyMeansEqual: Property = {
  id: 'S19',
  name: 'ReadyMeansEqual',
  says: 'A group that has been shown Ready for 80 seconds, on a site whose API server takes what its controllers write, has no replica that calls itself UpToDate and lacks an acknowledged write.',
  watch: (stage, judge) => {
    const { world } = stage.twin;
    const watched = new Set<string>();
    const look = (site: SiteName, name: string, looks: number): void => {
      const key = `${site}/${name}`;
      watched.delete(key);
      const group = world.cluster(site).api.get(resources.protectionGroup, stageNamespace, name);
      if (conditionOf(group, 'Ready')?.status !== 'True') return;
      const found = lacks(stage, groupNamed(stage, name));
      // What a status may not know yet is looked at again, until it must.
      if (found.length > 0 && (isMute(stage, site) || looks * lookAgain < storageStaleness)) {
        watched.add(key);
        world.schedule(lookAgain, 'drill.s19', key, isMute(stage, site) ? 0 : looks + 1);
      } else judge.check(found.length === 0, () => `${site} shows ${name} Ready while ${found.join(', ')}`);
    };
    world.route('drill.s19', ({ key, payload }) => {
      const [site = '', name = ''] = key.split('/');
      look(site, name, payload as number);
    });
    eachStatus(stage, (site, { metadata }) => {
      if (!watched.has(`${site}/${metadata.name}`)) look(site, metadata.name, 0);
    });
    return undefined;
  },
};

function lacks({ twin: { kernel } }: Stage, { volumes }: StagedGroup): readonly string[] {
  return volumes.flatMap((name) =>
    replicasOf(kernel, name)
      .filter(({ running, kind, disk }) => running && kind === 'diskful' && disk === 'UpToDate')
      .map(({ node }) => ({ node, missing: kernel.missingCount(name, node) }))
      .filter(({ missing }) => missing > 0)
      .map(({ node, missing }) => `${name} on ${node} lacks ${missing} writes`),
  );
}
