import { countWrites, differenceOf } from '../../drivers/sim/drbd/write-set.ts';
import { drbdToldBy } from '../../machines/drbd-told.ts';
import { flagAt, listAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { takesSnapshot } from '../../model/recovery/snapshots.ts';
import { groupNamed, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { Property } from './property.ts';
import { replicasOf } from './replicas.ts';

/** A success of a recovery, or of a comparison, is one. */
export const recoveredEqual: Property = {
  id: 'S32',
  name: 'RecoveredEqual',
  says: 'When a recovery or a comparison is shown to have succeeded every copy of every volume of the group is up and holds the same writes.',
  watch: (stage, judge) => {
    const { world, kernel } = stage.twin;
    for (const site of stageSites) {
      world.cluster(site).api.onChange(({ resource, object, old }) => {
        if (resource.plural !== resources.recovery.plural) return;
        const [before, after] = [old, object].map((each) => textAt(each, 'status', 'phase'));
        if (after !== 'Succeeded' || before === after) return;
        for (const volume of groupNamed(stage, textAt(object, 'spec', 'protectionGroup') ?? '').volumes) {
          const copies = replicasOf(kernel, volume).filter(({ kind }) => kind === 'diskful');
          const [first] = copies;
          const differing = copies.filter(
            ({ running, data }) =>
              !running ||
              countWrites(differenceOf(data, first?.data ?? [])) + countWrites(differenceOf(first?.data ?? [], data)) >
                0,
          );
          judge.check(
            differing.length === 0,
            () =>
              `${object.metadata.name} succeeds while ${volume} differs on ${differing.map(({ node }) => node).join(', ')}`,
          );
        }
      });
    }
    return undefined;
  },
};

/** What is given up is kept first. */
export const keptFirst: Property = {
  id: 'S33',
  name: 'KeptFirst',
  says: 'Where a recovery is to keep a snapshot of a copy, that copy is told to give up its data only after the snapshot was asked for.',
  watch: (stage, judge) => {
    const { world } = stage.twin;
    const kept = new Set<string>();
    stage.onRequest.add(({ host, request, outcome }) => {
      const recovery = host.slice(host.lastIndexOf('/') + 1);
      if (request.api === 'linstor' && takesSnapshot(request) && outcome.kind !== 'refused')
        kept.add(`${recovery} ${request.path.split('/')[3]}`);
      const told = drbdToldBy(request, []);
      if (told?.type === 'Snapshot' && outcome.kind !== 'refused') kept.add(`${recovery} ${told.resource}`);
      if (told?.type !== 'ConnectDiscarding') return;
      const order = stageSites
        .map((site) => world.cluster(site).api.get(resources.recovery, stageNamespace, recovery))
        .find((found) => found !== undefined);
      for (const copy of listAt(order, 'status', 'record', 'context', 'givenUp')) {
        const volume = textAt(copy, 'resource') ?? '';
        const isMeant = told.resource === volume && flagAt(copy, 'snapshot') === true;
        judge.check(
          !isMeant || kept.has(`${recovery} ${volume}`),
          () => `${recovery} has data of ${volume} given up, and nothing keeps them`,
        );
      }
    });
    return undefined;
  },
};
