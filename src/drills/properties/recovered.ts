import { countWrites, differenceOf } from '../../drivers/sim/drbd/write-set.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { groupNamed } from '../stage.ts';
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
