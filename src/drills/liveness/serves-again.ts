import { conditionOf } from '../../model/condition-of.ts';
import { isUnfinished } from '../../model/failover.ts';
import { textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { Property } from '../properties/property.ts';
import { groupsOf } from '../properties/staged-objects.ts';
import { type Stage, stageNamespace } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';
import type { FailoverTimeouts } from '../../model/failover.ts';
import type { Tape } from '../tape.ts';

/** What is Ready after all that happened is ready. */
export const servesAgain: Property = {
  id: 'L15',
  name: 'ServesAgain',
  says: 'An order that is given once everything is mended, or all but the quorum site, to a group that both sites show as Ready and of which nothing is recovered or compared just then, is carried out: the group is told to run on the site that it was ordered to.',
  watch: (stage, judge) => {
    const { tape, twin } = stage;
    const late = new Map(lateOrders(tape).map(({ name, to }) => [name, to]));
    if (late.size === 0 || !areOrdinary(tape.timeouts)) return undefined;
    /** The groups that were Ready when they were ordered, with the site. */
    const due = new Map<string, string>();
    for (const site of stageSites) {
      twin.world.cluster(site).api.onChange(({ resource, type, object }) => {
        if (resource.plural !== resources.failover.plural || type !== 'ADDED') return;
        const to = late.get(object.metadata.name);
        const group = textAt(object, 'spec', 'protectionGroup') ?? '';
        if (to === undefined) return;
        if (isReady(stage, group) && !isBeingRecovered(stage)) due.set(group, to);
        // Whatever comes of this order, it may undo what an earlier one was to come to.
        else due.delete(group);
      });
    }
    return {
      rested: () => {
        for (const { staged, site, group } of groupsOf(stage)) {
          if (due.get(staged.name) !== site) continue;
          const desired = textAt(group, 'spec', 'desiredState');
          judge.check(desired === 'running', () => `${staged.name} was Ready, and ${site} is told to be ${desired}`);
        }
      },
    };
  },
};

function lateOrders({ items }: Tape): readonly { readonly name: string; readonly to: string }[] {
  return items.flatMap((item) => (item.kind === 'failover' && 'mended' in item.when ? [item] : []));
}

/** Time limits within which a failover of a dozen VMs can be done. */
function areOrdinary({
  failoverSeconds,
  vmStartSeconds,
  drbdWaitSeconds,
  taintRemovalWindowSeconds,
}: FailoverTimeouts): boolean {
  return failoverSeconds >= 120 && vmStartSeconds >= 60 && drbdWaitSeconds >= 10 && taintRemovalWindowSeconds >= 10;
}

/** True while a recovery holds the Lease of a group. */
function isBeingRecovered({ twin: { world } }: Stage): boolean {
  return stageSites.some((site) => world.cluster(site).api.list(resources.recovery, stageNamespace).some(isUnfinished));
}

function isReady(stage: Stage, name: string): boolean {
  return groupsOf(stage)
    .filter(({ staged }) => staged.name === name)
    .every(({ group }) => conditionOf(group, 'Ready')?.status === 'True');
}
