import type { DecidedCondition } from './conditions.ts';
import { conditionOf } from './condition-of.ts';
import type { LocalGroupView } from './group-view.ts';
import { numberAt, textAt } from './json.ts';
import type { ProtectionGroup } from './protection-group.ts';
import type { SiteName } from './site.ts';
import { statusMessage } from './status-message.ts';

/** An operation that has given a group to another site. */
export interface NewerOrder {
  readonly site: SiteName;
  readonly epoch: number;
  /** What says so, for people. */
  readonly told: string;
}

/**
 * The newest order that gives the group to another site while this one is still ordered to run it; undefined when none is
 * known. It is told by that site's own group, or by an operation on the group that has succeeded. Silence tells nothing.
 */
export function newerOrder({ site, others, operations }: LocalGroupView): NewerOrder | undefined {
  const own = site.group.known ? site.group.value : undefined;
  if (own?.desiredState !== 'running') return undefined;
  const byGroups = others.flatMap((other): readonly NewerOrder[] => {
    const group = other.group.known ? other.group.value : undefined;
    if (group?.desiredState !== 'running') return [];
    return [{ site: other.site, epoch: group.epoch, told: `its group is ordered to run under epoch ${group.epoch}` }];
  });
  const byOperations = (operations.known ? operations.value : []).flatMap((operation): readonly NewerOrder[] => {
    const target = textAt(operation, 'spec', 'targetCluster') ?? site.site;
    const epoch = numberAt(operation, 'status', 'epoch') ?? 0;
    if (target === site.site || textAt(operation, 'status', 'phase') !== 'Succeeded') return [];
    return [{ site: target, epoch, told: `operation ${operation.metadata.name} moved it there under epoch ${epoch}` }];
  });
  const newer = [...byGroups, ...byOperations].filter(({ epoch }) => epoch > own.epoch);
  return newer.toSorted((a, b) => b.epoch - a.epoch)[0];
}

/** The site that is ordered to run the group under this site's very epoch: no order is newer, and a person must choose. */
export function equalOrder({ site, others }: LocalGroupView): SiteName | undefined {
  const own = site.group.known ? site.group.value : undefined;
  if (own?.desiredState !== 'running') return undefined;
  return others.find(
    ({ group }) => group.known && group.value?.desiredState === 'running' && group.value.epoch === own.epoch,
  )?.site;
}

/** True when the status of the group tells that its own order has been superseded. */
export function isShownSuperseded({ object }: ProtectionGroup): boolean {
  return conditionOf(object, 'Superseded')?.status === 'True';
}

/**
 * Superseded is True from the moment at which a newer operation is known to have given the group to another site, until
 * every copy of its data is whole again or the group is ordered to run here by a newer order still. It is Unknown while two
 * sites are ordered to run it under one epoch. `lacking`: what keeps the copies from being whole, in sentences.
 */
export function supersededCondition(
  group: ProtectionGroup,
  view: LocalGroupView,
  lacking: readonly string[],
): DecidedCondition {
  const type = 'Superseded';
  const here = view.site.site;
  const newer = newerOrder(view);
  if (newer !== undefined) {
    const message = `${newer.site} runs ${group.name}: ${newer.told}, here it is ${group.epoch}. The VMs on ${here} are held stopped`;
    return { type, status: 'True', reason: 'NewerOrder', message };
  }
  const equal = equalOrder(view);
  if (equal !== undefined) {
    const message = `${here} and ${equal} are both ordered to run ${group.name} under epoch ${group.epoch}; which of them shall is for a person to say`;
    return { type, status: 'Unknown', reason: 'SplitDecision', message };
  }
  const [first] = lacking;
  const more = lacking.length - 1;
  if (group.desiredState === 'stopped' && isShownSuperseded(group) && first !== undefined) {
    const others = more === 0 ? '' : ` (and ${more} more, which the condition Replicated lists)`;
    return { type, status: 'True', reason: 'NotResynced', message: statusMessage(`${first}${others}`) };
  }
  return {
    type,
    status: 'False',
    reason: 'NoneNewer',
    message: `no newer order has given ${group.name} to another site`,
  };
}
