import { conditionOf } from '../../model/condition-of.ts';
import { type Millis, minute, second } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import { groupNamed, type Stage, type StagedGroup, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { Property } from './property.ts';

/** At most one site is told to run the group. */
export const oneDesired: Property = {
  id: 'S11',
  name: 'OneDesired',
  says: 'No two sites are told to run the same group, unless a person has told them so by hand.',
  watch: ({ twin: { world }, tape }, report) => {
    if (tape.items.some(({ kind }) => kind === 'edit')) return undefined;
    const desired = (site: SiteName, name: string): string | undefined =>
      textAt(world.cluster(site).api.get(resources.protectionGroup, stageNamespace, name), 'spec', 'desiredState');
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object }) => {
        if (resource.plural !== resources.protectionGroup.plural) return;
        const { name } = object.metadata;
        if (stageSites.every((each) => desired(each, name) === 'running'))
          report(`${stageSites.join(' and ')} are told to run ${name}`);
      });
    }
    return undefined;
  },
};

/** How old the reading may be that a status was made from. */
const staleness: Millis = 15 * second;
/** How long a cluster may take to notice that a node is gone: the grace of its node controller, and a look. */
const nodeGrace: Millis = minute;

/** What a group says of its VMs was so a moment ago. */
export const statusHonesty: Property = {
  id: 'S14',
  name: 'StatusHonesty',
  says: 'A group that is shown as stopped has no guest that has executed there for 15 seconds; one that is shown as running has not lacked one for a minute.',
  watch: (stage, report) => {
    // A status is as old as what its writer has read; in these runs that may be of any age.
    if (stage.tape.items.some(({ kind }) => kind === 'past' || kind === 'hidden')) return undefined;
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
        if (state === 'stopped' && long) report(`${site} shows the group stopped while ${vm} executes there`);
        if (state === 'running' && world.now - (missingSince.get(key) ?? world.now) > nodeGrace)
          report(`${site} shows the group running while ${vm} does not execute there`);
      }
    });
    return undefined;
  },
};

/** LINSTOR has no watch: a controller asks it once a minute; before that DRBD has to notice that a peer is gone. */
const storageStaleness: Millis = minute + 20 * second;

/** A group that is shown Ready can be failed over without losing a byte. */
export const readyMeansEqual: Property = {
  id: 'S19',
  name: 'ReadyMeansEqual',
  says: 'A group that has been shown Ready for 80 seconds has no replica that calls itself UpToDate and lacks an acknowledged write.',
  watch: (stage, report) => {
    const { world } = stage.twin;
    const judge = (site: SiteName, name: string, isLater: boolean): void => {
      const group = world.cluster(site).api.get(resources.protectionGroup, stageNamespace, name);
      if (conditionOf(group, 'Ready')?.status !== 'True') return;
      for (const lack of lacks(stage, groupNamed(stage, name))) {
        if (isLater) report(`${site} shows ${name} Ready while ${lack}`);
        else world.schedule(storageStaleness, 'drill.s19', `${site}/${name}`);
      }
    };
    world.route('drill.s19', ({ key }) => {
      const [site = '', name = ''] = key.split('/');
      judge(site, name, true);
    });
    eachStatus(stage, (site, { metadata }) => judge(site, metadata.name, false));
    return undefined;
  },
};

function lacks({ twin: { kernel } }: Stage, { volumes }: StagedGroup): readonly string[] {
  return volumes.flatMap((name) =>
    [...(kernel.resource(name)?.replicas.values() ?? [])]
      .filter(({ running, kind, disk }) => running && kind === 'diskful' && disk === 'UpToDate')
      .map(({ node }) => ({ node, missing: kernel.missingCount(name, node) }))
      .filter(({ missing }) => missing > 0)
      .map(({ node, missing }) => `${name} on ${node} lacks ${missing} writes`),
  );
}

/** Calls a judge whenever a site reports anew on the group. */
function eachStatus({ twin: { world } }: Stage, judge: (site: SiteName, object: KubeObject) => void): void {
  for (const site of stageSites) {
    world.cluster(site).api.onChange(({ resource, object, old, type }) => {
      if (resource.plural !== resources.protectionGroup.plural || type !== 'MODIFIED') return;
      if (object.status !== old?.status) judge(site, object);
    });
  }
}
