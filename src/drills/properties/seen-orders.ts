import { textAt } from '../../model/json.ts';
import type { Millis } from '../../model/instant.ts';
import { type ResourceType, resources } from '../../model/kube.ts';
import type { SiteName } from '../../model/site.ts';
import { sightOf } from '../looks.ts';
import { stageNamespace } from '../stage.ts';
import { otherSite, stageSites } from '../stage-sites.ts';
import { showsAllThePast } from './disturbance.ts';
import { onGroupOrder, onJournalWrite } from './operation-writes.ts';
import type { Property } from './property.ts';
import { watchScene } from './scene.ts';
import { sceneKey } from './scene-key.ts';
import { holders } from './steps.ts';

/** Nothing is started against what a host has seen. */
export const startWhenReady: Property = {
  id: 'S23',
  name: 'StartWhenReady',
  says: 'When an operation orders a site to run the group its host has not seen the other site told to run it, nor, on the target, a quorum taint on a node that holds a replica.',
  watch: (stage, judge) => {
    const scene = watchScene(stage);
    onGroupOrder(stage, ({ host, operation, group, site, desired, sentAt }) => {
      if (desired !== 'running') return;
      const isTarget = site === textAt(operation, 'spec', 'targetCluster');
      const saw = (where: SiteName, type: ResourceType): Millis =>
        stage.sights.lastUpTo(sightOf(host, where, type), sentAt);
      const toldToRun = sceneKey.toldToRun(group.name, otherSite(site));
      const tainted = isTarget ? holders(stage, group, site).map(sceneKey.tainted) : [];
      const against = [
        ...[toldToRun].filter((what) => scene.lastsSince(what, saw(otherSite(site), resources.protectionGroup))),
        ...tainted.filter((what) => scene.lastsSince(what, saw(site, resources.node))),
      ];
      judge.check(against.length === 0, () => `${host} starts ${site}, and ${against.join(', ')}`);
    });
    return undefined;
  },
};

/** Nothing is stopped for a failover that cannot succeed. */
export const readyBeforeStop: Property = {
  id: 'S24',
  name: 'ReadyBeforeStop',
  says: 'An operation orders its source to stop only after its host has seen the VMs and volumes on the target, and no other operation that somebody drives.',
  watch: (stage, judge) => {
    if (stage.tape.items.some(showsAllThePast)) return undefined;
    const scene = watchScene(stage);
    onJournalWrite(stage, ({ host, operation, before, after, sentAt }) => {
      if (before !== 'preflight' || after !== 'stoppingSource') return;
      const { name } = operation.metadata;
      const target = textAt(operation, 'spec', 'targetCluster') ?? '';
      const group = stage.groups.find((each) => each.name === textAt(operation, 'spec', 'protectionGroup'));
      const rivals = stageSites
        .flatMap((site) => stage.twin.world.cluster(site).api.list(resources.failover, stageNamespace))
        .filter((each) => each.metadata.name !== name && textAt(each, 'spec', 'protectionGroup') === group?.name);
      const against = [
        ...(group?.members ?? []).map((vm) => sceneKey.lacks(resources.virtualMachine.kind, vm, target)),
        ...(group?.volumes ?? []).map((volume) => sceneKey.lacks(resources.persistentVolume.kind, volume, target)),
        ...rivals.map((rival) => sceneKey.driven(rival.metadata.name)),
      ].filter((what) => scene.lastsSince(what, stage.looks.lastUpTo(host, sentAt)));
      judge.check(against.length === 0, () => `${name} stops its source, and ${against.join(', ')}`);
    });
    return undefined;
  },
};

/** Behind the first start on the target there is no way back. */
export const pointOfNoReturn: Property = {
  id: 'S28',
  name: 'PointOfNoReturn',
  says: 'Once an operation has ordered its target to run it never orders its source to run.',
  watch: (stage, judge) => {
    const begun = new Set<string>();
    onGroupOrder(stage, ({ operation, site, desired }) => {
      if (desired !== 'running') return;
      const { name, uid = name } = operation.metadata;
      const isTarget = site === textAt(operation, 'spec', 'targetCluster');
      if (isTarget) begun.add(uid);
      judge.check(isTarget || !begun.has(uid), () => `${name} starts its source after it has started its target`);
    });
    return undefined;
  },
};
