import type { Millis } from '../../../model/instant.ts';
import type { Json } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, messagesAnswer } from './answer.ts';
import { type LinstorContext, silenceLimit } from './context.ts';
import { disklessPool } from './creating.ts';
import { missing, unknownPath } from './missing.ts';
import { nameFault, nodeNameFault } from './names.ts';
import { hasProperties, isPage, namesOf, pageOf } from './paging.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { findByName, type LinstorNode, type LinstorResource, type ResourceDefinition, sorted } from './store.ts';
import { disklessPoolView, storagePoolView } from './views.ts';

/** Reads over everything. They ask every satellite that counts as connected, and fail when one of them is silent. */
export const viewRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/v1/view/resources', handle: viewResources },
  {
    method: 'GET',
    pattern: '/v1/view/storage-pools',
    handle: (context, { query }) => {
      const unknown = firstUnknownNode(context, query.nodes);
      if (unknown !== undefined) return messagesAnswer([missing('node', unknown, 'none', 'none')], context.wallNow);
      const nodes = namesOf(query.nodes);
      const wanted = sorted(context.store.nodes).filter(
        (node) => nodes === undefined || nodes.has(node.name.toLowerCase()),
      );
      const silent = query.cached?.[0] === 'true' ? undefined : wanted.find((node) => node.connection === 'silent');
      if (silent !== undefined) return noAnswerFrom(context, silent);
      return answerWith(poolViews(context, wanted, namesOf(query.storage_pools)));
    },
  },
  {
    method: 'GET',
    pattern: '/v1/error-reports',
    handle: (context, { query }) => {
      if (!/^\d*$/.test(query.since?.[0] ?? '')) return unknownPath(context.wallNow);
      const silent = sorted(context.store.nodes).find((node) => node.connection === 'silent');
      return silent === undefined ? answerWith([]) : noAnswerFrom(context, silent);
    },
  },
];

/** Ordered by pool, then by node. Every node has a pool for replicas without a disk. */
function poolViews(
  context: LinstorContext,
  nodes: readonly LinstorNode[],
  wanted: ReadonlySet<string> | undefined,
): Json[] {
  const views = nodes.flatMap((node) => [
    { name: disklessPool, view: disklessPoolView(node, context.wallNow) },
    ...sorted(node.pools).map((pool) => ({ name: pool.name, view: storagePoolView(node, pool, context.wallNow) })),
  ]);
  return views
    .filter(({ name }) => wanted === undefined || wanted.has(name.toLowerCase()))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ view }) => view);
}

/** The answer to a read that waited for a silent satellite: 500, without a message. */
export function noAnswerFrom(context: LinstorContext, node: LinstorNode): LinstorAnswer {
  const takes: Millis = Math.max(0, node.silentSince + silenceLimit - context.now);
  return messagesAnswer([{ code: returnCode('error', 'none', 'none', 998) }], context.wallNow, 500, takes);
}

function viewResources(context: LinstorContext, { query }: RouteRequest): LinstorAnswer {
  const refusal = refuseFilter(context, query);
  if (refusal !== undefined) return refusal;
  const names = namesOf(query.resources);
  const nodes = namesOf(query.nodes);
  const pools = namesOf(query.storage_pools);
  const found: [ResourceDefinition, LinstorResource][] = [];
  for (const definition of sorted(context.store.definitions)) {
    if (names !== undefined && !names.has(definition.name.toLowerCase())) continue;
    // Replicas are listed by their volumes: without any they are not shown.
    if (definition.volumes.size === 0) continue;
    for (const resource of sorted(definition.resources)) {
      if (nodes !== undefined && !nodes.has(resource.node.toLowerCase())) continue;
      if (pools !== undefined && !pools.has((resource.properties.get('StorPoolName') ?? '').toLowerCase())) continue;
      if (hasProperties(resource.properties, query.props)) found.push([definition, resource]);
    }
  }
  for (const [, resource] of found) {
    const node = findByName(context.store.nodes, resource.node);
    if (node?.connection === 'silent') return noAnswerFrom(context, node);
  }
  return answerWith(pageOf(found, query).map(([definition, resource]) => context.viewOf(definition, resource)));
}

function refuseFilter(context: LinstorContext, query: RouteRequest['query']): LinstorAnswer | undefined {
  if (!isPage(query)) return unknownPath(context.wallNow);
  const badResource = (query.resources ?? []).find((name) => nameFault(name) !== undefined);
  if (badResource !== undefined) {
    const message = `The specified resource name '${badResource}' is invalid.`;
    return messagesAnswer([{ code: returnCode('error', 'none', 'none', 202), message }], context.wallNow);
  }
  const badNode = (query.nodes ?? []).find((name) => nodeNameFault(name) !== undefined);
  if (badNode !== undefined) {
    const message = `The given node name '${badNode}' is invalid.`;
    return messagesAnswer([{ code: returnCode('error', 'none', 'none', 200), message }], context.wallNow);
  }
  const unknown = firstUnknownNode(context, query.nodes);
  return unknown === undefined
    ? undefined
    : messagesAnswer([missing('node', unknown, 'none', 'none')], context.wallNow);
}

function firstUnknownNode(context: LinstorContext, names: readonly string[] | undefined): string | undefined {
  return (names ?? []).find((name) => findByName(context.store.nodes, name) === undefined);
}
