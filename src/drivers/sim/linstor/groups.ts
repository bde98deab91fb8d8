import type { LinstorContext } from './context.ts';
import { findByName, type ResourceGroup, type SelectFilter } from './store.ts';

/** Makes a group, of two replicas where none is said. Of its pools the first is told twice, as LINSTOR does. */
export function newGroup(
  context: LinstorContext,
  name: string,
  filter: SelectFilter,
  description?: string,
): ResourceGroup {
  const group: ResourceGroup = {
    name,
    uuid: context.random.uuid(),
    description,
    properties: new Map(),
    filter: { place_count: 2, ...normalFilter(filter) },
    volumeGroups: new Map(),
  };
  context.store.groups.set(name.toLowerCase(), group);
  return group;
}

/** The group of definitions that name none. It is made anew where somebody has deleted it. */
export function defaultGroup(context: LinstorContext): ResourceGroup {
  return (
    findByName(context.store.groups, 'DfltRscGrp') ??
    newGroup(context, 'DfltRscGrp', { place_count: 2 }, 'Default resource group')
  );
}

/** `storage_pool` and `storage_pool_list` say the same: each is made of the other. */
export function normalFilter(filter: SelectFilter): SelectFilter {
  const pools = poolsOf(filter);
  const [first] = pools ?? [];
  return first === undefined ? filter : { ...filter, storage_pool: first, storage_pool_list: pools ?? [] };
}

/** Pools that a filter allows; undefined where it names none. */
export function poolsOf(filter: SelectFilter): readonly string[] | undefined {
  return filter.storage_pool_list ?? (filter.storage_pool === undefined ? undefined : [filter.storage_pool]);
}
