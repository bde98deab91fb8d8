import { textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { powerFieldOf } from '../../model/virtual-machine.ts';
import { kindOf } from '../interference.ts';
import { sightOf } from '../looks.ts';
import { firstGroup, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { Tape } from '../tape.ts';
import { isUndisturbed } from './disturbance.ts';
import { onJournalWrite } from './operation-writes.ts';
import type { Property } from './property.ts';
import { watchScene } from './scene.ts';
import { sceneKey } from './scene-key.ts';

/** Who drives goes on driving. */
export const steadyHand: Property = {
  id: 'L13',
  name: 'SteadyHand',
  says: 'An operation without a rival is driven to its end by the one who began it, where no host, no site and no way to one is troubled.',
  watch: (stage, judge) => {
    const orders = stage.tape.items.flatMap((item) => (item.kind === 'failover' ? [item.group ?? firstGroup] : []));
    if (!isUndisturbed(stage.tape) || new Set(orders).size < orders.length) return undefined;
    onJournalWrite(stage, ({ host, operation }) => {
      judge.check(kindOf(host) === 'pgctl', () => `${host} takes ${operation.metadata.name} from the one who began it`);
    });
    return undefined;
  },
};

const forward: ReadonlySet<string> = new Set(['stoppingSource', 'awaitingRelease', 'removingTaints', 'startingTarget']);

/** Given up means given up. */
export const cancelHonoured: Property = {
  id: 'L14',
  name: 'CancelHonoured',
  says: 'Until its target was ordered to run, an operation goes no step forward once its host has seen that a person has given it up.',
  watch: (stage, judge) => {
    const scene = watchScene(stage);
    onJournalWrite(stage, ({ host, operation, before, after = '', sentAt }) => {
      if (before === after || !forward.has(after)) return;
      const { name } = operation.metadata;
      const target = textAt(operation, 'spec', 'targetCluster') ?? '';
      const isGivenUp = scene.lastsSince(
        sceneKey.givenUp(name),
        stage.sights.lastUpTo(sightOf(host, target, resources.failover), sentAt),
      );
      judge.check(!isGivenUp, () => `${name} goes on to ${after} although it was given up`);
    });
    return undefined;
  },
};

/** A VM comes back as it was. */
export const powerKept: Property = {
  id: 'S26',
  name: 'PowerKept',
  says: 'When everything has come to rest a site that is told to run a group has its VMs with the power setting that they had at first, or that a person has given them on the first site.',
  watch: (stage, judge) => {
    const { world } = stage.twin;
    const settingOf = (site: string, vm: string): string | undefined => {
      const object = world.cluster(site).api.get(resources.virtualMachine, stageNamespace, vm);
      return object && JSON.stringify(powerFieldOf(object));
    };
    const [first] = stageSites;
    const all = stage.groups.flatMap(({ name, members }) => members.map((vm) => ({ group: name, vm })));
    const before = new Map(all.map(({ vm }) => [vm, settingGiven(stage.tape, vm) ?? settingOf(first, vm)]));
    const rested = (): void => {
      for (const site of stageSites) {
        for (const { group, vm } of all) {
          const object = world.cluster(site).api.get(resources.protectionGroup, stageNamespace, group);
          const now = settingOf(site, vm);
          if (textAt(object, 'spec', 'desiredState') !== 'running') continue;
          judge.check(now === before.get(vm), () => `${vm} on ${site} has ${now}, and had ${before.get(vm)}`);
        }
      }
    };
    return { rested };
  },
};

/** What a person gives a VM on the first site; undefined for nobody, and for two settings at once, which are refused. */
function settingGiven({ items }: Tape, vm: string): string | undefined {
  const given = items.flatMap((item) => {
    if (item.kind !== 'kubectl' || item.site !== stageSites[0] || item.name !== vm || item.verb !== 'patch') return [];
    const field = powerFieldOf({ ...item.body, metadata: { name: vm } } as KubeObject);
    return field.kind === 'running' || field.kind === 'runStrategy' ? [JSON.stringify(field)] : [];
  });
  return given.at(-1);
}
