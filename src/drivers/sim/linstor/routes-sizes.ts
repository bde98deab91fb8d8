import { type Json, type JsonObject, objectAt } from '../../../model/json.ts';
import { answerWith, entryOf } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { missing, notFound } from './missing.ts';
import { chooseNodes, poolFor } from './placement.ts';
import { shapes } from './request-shapes.ts';
import type { Route } from './route.ts';
import { findByName, type LinstorNode, type SelectFilter, sorted } from './store.ts';

/** How often a thin pool may be promised, where nobody has said otherwise. */
const oversubscription = 20;

/** How large a volume could be that a group spawns now, and where it would go. */
export const sizeRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/resource-groups/{group}/query-max-volume-size',
    handle: (context, { path: { group: name = '' } }) => {
      const group = findByName(context.store.groups, name);
      if (group === undefined) return notFound(317, `Resource group '${name}' not found.`, context.wallNow);
      return answerWith({
        candidates: candidates(context, group.filter),
        default_max_oversubscription_ratio: oversubscription,
      });
    },
  },
  {
    method: 'POST',
    pattern: '/v1/resource-groups/{group}/query-size-info',
    accepts: shapes.sizeInfo,
    bodyOptional: true,
    handle: (context, { path: { group: name = '' }, body }) => {
      const group = findByName(context.store.groups, name);
      if (group === undefined) {
        return answerWith({ reports: [entryOf(missing('resource group', name, 'none', 'none'), context.wallNow)] });
      }
      const filter = { ...group.filter, ...(objectAt(body, 'select_filter') as SelectFilter) };
      return answerWith({ space_info: spaceInfo(context, filter) });
    },
  },
  {
    method: 'POST',
    pattern: '/v1/queries/resource-groups/query-all-size-info',
    handle: (context) => {
      const groups = sorted(context.store.groups);
      const infos = groups.map(({ name, filter }) => [name, { space_info: spaceInfo(context, filter) }] as const);
      return answerWith({ result: Object.fromEntries(infos) });
    },
  },
];

interface Place {
  readonly node: LinstorNode;
  readonly pool: string;
  readonly freeKib: number;
  readonly totalKib: number;
  readonly isThin: boolean;
}

function placeOn(node: LinstorNode, filter: SelectFilter): readonly Place[] {
  const name = poolFor(node, filter, 1);
  const pool = name === undefined ? undefined : findByName(node.pools, name);
  if (pool === undefined) return [];
  const { freeKib, totalKib, provider } = pool;
  return [{ node, pool: pool.name, freeKib, totalKib, isThin: provider.endsWith('_THIN') }];
}

/** Where the next volume of a group would go; undefined where there is no place. */
function nextPlaces(context: LinstorContext, filter: SelectFilter): readonly Place[] | undefined {
  return chooseNodes(context, { resources: new Map() }, filter, 1)?.flatMap((node) => placeOn(node, filter));
}

function candidates(context: LinstorContext, filter: SelectFilter): Json[] {
  const places = nextPlaces(context, filter);
  const [first] = places ?? [];
  if (places === undefined || first === undefined) return [];
  return [
    {
      storage_pool: first.pool,
      max_volume_size_kib: Math.min(...places.map((place) => place.freeKib)),
      node_names: places.map((place) => place.node.name),
      all_thin: places.every((place) => place.isThin),
    },
  ];
}

/** The room of all pools is counted in sets of as many as a volume has replicas. */
function spaceInfo(context: LinstorContext, filter: SelectFilter): JsonObject {
  const places = nextPlaces(context, filter);
  const limit = { default_max_oversubscription_ratio: oversubscription };
  if (places === undefined || places.length === 0) {
    return { max_vlm_size_in_kib: 0, available_size_in_kib: 0, capacity_in_kib: 0, ...limit };
  }
  const all = sorted(context.store.nodes).flatMap((node) => placeOn(node, filter));
  const sets = Math.floor(all.length / places.length);
  const least = (read: (place: Place) => number): number => Math.min(...places.map(read));
  const factor = places.every((place) => place.isThin) ? oversubscription : 1;
  return {
    max_vlm_size_in_kib: least((place) => place.freeKib) * factor,
    available_size_in_kib: least((place) => place.freeKib) * sets,
    capacity_in_kib: least((place) => place.totalKib) * sets,
    ...limit,
    next_spawn_result: places.map(({ node, pool }) => ({
      node_name: node.name,
      stor_pool_name: pool,
      stor_pool_oversubscription_ratio: factor,
    })),
  };
}
