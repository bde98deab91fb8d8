import type { JsonObject } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, type Modification, modificationOf, refuseBadProperty } from './modification.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { withDefinition } from './routes-definitions.ts';
import { adjusted, done, drbdMessage, type Reply } from './satellites.ts';
import { type Connection, findByName, pairKey, type ResourceDefinition, sorted } from './store.ts';
import { pairsOf, propertiesView } from './views.ts';

const list = '/v1/resource-definitions/{rd}/resource-connections';

/** Properties of pairs: of two replicas, and of two nodes. */
export const connectionRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: list,
    handle: (context, request) =>
      withDefinition(context, request, (definition) =>
        answerWith(pairsOf(definition).map(([a, b]) => connectionView(definition.connections, a.node, b.node))),
      ),
  },
  {
    method: 'GET',
    pattern: `${list}/{a}/{b}`,
    handle: (context, request) =>
      withDefinition(context, request, (definition) => {
        const { a = '', b = '' } = request.path;
        const pair = pairsOf(definition).find(([x, y]) => pairKey(x.node, y.node) === pairKey(a, b));
        if (pair !== undefined) return answerWith(connectionView(definition.connections, pair[0].node, pair[1].node));
        return notFound(307, `Resource connection between '${a}' and '${b}' not found.`, context.wallNow);
      }),
  },
  {
    method: 'PUT',
    pattern: `${list}/{a}/{b}`,
    accepts: shapes.resourceConnectionModify,
    handle: modifyConnection,
  },
  {
    method: 'GET',
    pattern: '/v1/node-connections',
    handle: (context, { query }) => {
      const named = [...(query.node_a ?? []), ...(query.node_b ?? [])].map((name) => name.toLowerCase());
      const pairs = [...context.store.nodePairs.keys()].sort().map((key) => key.split('|'));
      const found = pairs.filter((pair) => named.every((name) => pair.includes(name)));
      const nameOf = (name: string): string => findByName(context.store.nodes, name)?.name ?? name;
      return answerWith(found.map(([a = '', b = '']) => connectionView(context.store.nodePairs, nameOf(a), nameOf(b))));
    },
  },
  {
    method: 'PUT',
    pattern: '/v1/node-connections/{a}/{b}',
    accepts: shapes.nodeConnectionModify,
    handle: modifyNodeConnection,
  },
];

function connectionView(stored: ReadonlyMap<string, Connection>, a: string, b: string): JsonObject {
  const properties = stored.get(pairKey(a, b))?.properties;
  const props = properties === undefined || properties.size === 0 ? {} : { props: propertiesView(properties) };
  return { node_a: a, node_b: b, ...props };
}

function connectionOf(context: LinstorContext, stored: Map<string, Connection>, a: string, b: string): Connection {
  const found = stored.get(pairKey(a, b)) ?? { uuid: context.random.uuid(), properties: new Map<string, string>() };
  stored.set(pairKey(a, b), found);
  return found;
}

function modifyConnection(
  context: LinstorContext,
  { path: { rd = '', a = '', b = '' }, body }: RouteRequest,
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const refs = { FirstNode: a, SecondNode: b, RscDfn: definition?.name ?? rd };
  const details = `Resource connection between nodes ${a} and ${b} for resource ${refs.RscDfn}`;
  const reply: Reply = { operation: 'modify', object: 'resourceConnection', refs, details };
  const change = modificationOf(body);
  const refusal =
    refuseNodes(context, [a, b], reply) ??
    (definition === undefined
      ? missing('resource definition', rd, 'modify', 'resourceConnection', details, refs)
      : refuseLoose(definition, a, b, reply)) ??
    refusePath(context, change, reply) ??
    refuseBadProperty(change, 'resourceConnection', details, refs);
  if (refusal !== undefined || definition === undefined) {
    return messagesAnswer(refusal === undefined ? [] : [refusal], context.wallNow);
  }
  const { uuid, properties } = connectionOf(context, definition.connections, a, b);
  const messages = applyModification(properties, change, 'resourceConnection', refs);
  const [first, second] = [a, b].map((name) => findByName(context.store.nodes, name)?.name ?? name).sort();
  const named = `Resource connection between nodes '${first}' and '${second}' for resource '${definition.name}'`;
  messages.push({
    ...done(`${named} modified.`, reply),
    details: `${named} UUID is: ${uuid}`,
    refs: { UUID: uuid, ...refs },
  });
  // The controller tells its satellites twice: of the definition, and of the connection.
  messages.push(...adjusted(context, definition, reply), ...adjusted(context, definition, reply));
  return messagesAnswer(messages, context.wallNow);
}

function refuseNodes(context: LinstorContext, names: readonly string[], reply: Reply): Message | undefined {
  const unknown = names.find((name) => findByName(context.store.nodes, name) === undefined);
  return unknown === undefined
    ? undefined
    : missing('node', unknown, 'modify', reply.object, reply.details, reply.refs);
}

/** LINSTOR trips over a node that has no replica. */
function refuseLoose(definition: ResourceDefinition, a: string, b: string, reply: Reply): Message | undefined {
  const has = (name: string): boolean => definition.resources.has(name.toLowerCase());
  if (has(a) && has(b)) return undefined;
  const what = `resource connection between nodes '${a}' and '${b}' for resource '${definition.name}'`;
  return tripped(what, 'Resource.getObjProt()', reply);
}

function tripped(what: string, call: string, { object, details, refs }: Reply): Message {
  const message = `Modification of ${what} failed due to an unhandled exception of type NullPointerException. Cannot invoke "com.linbit.linstor.core.objects.${call}" because "<parameter3>" is null`;
  return { code: returnCode('error', 'modify', object, 998), message, details, refs };
}

/** `Paths/NAME/NODE` names an interface of the node. */
function refusePath(
  context: LinstorContext,
  change: Modification,
  { object, details, refs }: Reply,
): Message | undefined {
  for (const [key, value] of Object.entries(change.override)) {
    const name = /^Paths\/[^/]+\/(.+)$/.exec(key)?.[1];
    const node = name === undefined ? undefined : findByName(context.store.nodes, name);
    if (node === undefined || node.interfaces.some((each) => each.name === value)) continue;
    const cause = `The Netinterface '${value}' is not known for node '${node.name}'`;
    const message = 'NetInterface for node unknown.';
    return { code: returnCode('error', 'modify', object, 213), message, cause, details, refs };
  }
  return undefined;
}

function modifyNodeConnection(
  context: LinstorContext,
  { path: { a = '', b = '' }, body }: RouteRequest,
): LinstorAnswer {
  const refs = { FirstNode: a, SecondNode: b };
  const details = `Node connection between nodes '${a}' and '${b}'`;
  const reply: Reply = { operation: 'modify', object: 'nodeConnection', refs, details };
  const nodes = [a, b].map((name) => findByName(context.store.nodes, name));
  if (nodes.includes(undefined)) {
    const what = `node connection between nodes '${a}' and '${b}'`;
    return messagesAnswer([tripped(what, 'Node.getObjProt()', reply)], context.wallNow);
  }
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'nodeConnection', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const { uuid, properties } = connectionOf(context, context.store.nodePairs, a, b);
  const messages = applyModification(properties, change, 'nodeConnection', refs);
  messages.push({
    ...done(`${details} modified.`, reply),
    details: `${details} UUID is: ${uuid}`,
    refs: { UUID: uuid, ...refs },
  });
  for (const node of nodes) {
    if (node !== undefined && isOnline(node)) messages.push(...nodeApplied(context, node.name, reply));
  }
  return messagesAnswer(messages, context.wallNow);
}

/** A satellite that hears of its node adjusts every DRBD resource there. */
export function nodeApplied(context: LinstorContext, node: string, reply: Reply): Message[] {
  const messages = [done(`(${node}) Node changes applied.`, reply)];
  for (const definition of sorted(context.store.definitions)) {
    const resource = definition.resources.get(node.toLowerCase());
    if (resource !== undefined && definition.layers.includes('DRBD')) {
      messages.push(drbdMessage(resource, definition, 'adjusted', reply));
    }
  }
  return messages;
}
