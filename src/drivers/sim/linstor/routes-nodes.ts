import { type Json, listAt, numberAt, objectAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { missing, notFound, unknownPath } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import { nodeNameFault } from './names.ts';
import { hasProperties, isPage, namesOf, pageOf } from './paging.ts';
import { shapes } from './request-shapes.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import { nodeApplied } from './routes-connections.ts';
import { done, notConnected, type Reply } from './satellites.ts';
import { findByName, type LinstorNode, type NetInterface, sorted } from './store.ts';
import { nodeConfigView } from './config-views.ts';
import { nodeView } from './views.ts';

const one = '/v1/nodes/{node}';

export const nodeRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/v1/nodes', handle: listNodes },
  { method: 'POST', pattern: '/v1/nodes', accepts: shapes.node, handle: createNode },
  {
    method: 'GET',
    pattern: one,
    handle: (context, request) => withNode(context, request, (node) => answerWith(nodeView(node))),
  },
  { method: 'PUT', pattern: one, accepts: shapes.nodeModify, handle: modifyNode },
  {
    method: 'GET',
    pattern: `${one}/config`,
    handle: (context, request) => withNode(context, request, (node) => answerWith(nodeConfigView(node))),
  },
  { method: 'PUT', pattern: `${one}/reconnect`, handle: reconnect },
];

/** Runs `then` on the node that the path names, or answers that there is none. */
export function withNode(
  context: LinstorContext,
  { path: { node: name = '' } }: RouteRequest,
  then: (node: LinstorNode) => LinstorAnswer,
): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  return node === undefined ? notFound(300, `Node '${name}' not found.`, context.wallNow) : then(node);
}

function listNodes(context: LinstorContext, { query }: RouteRequest): LinstorAnswer {
  if (!isPage(query)) return unknownPath(context.wallNow);
  const bad = (query.nodes ?? []).find((name) => nodeNameFault(name) !== undefined);
  if (bad !== undefined) {
    const message = `The given node name '${bad}' is invalid.`;
    return messagesAnswer([{ code: returnCode('error', 'none', 'none', 200), message }], context.wallNow);
  }
  const names = namesOf(query.nodes);
  const nodes = sorted(context.store.nodes).filter(
    (node) =>
      (names === undefined || names.has(node.name.toLowerCase())) && hasProperties(node.properties, query.props),
  );
  return answerWith(pageOf(nodes, query).map(nodeView));
}

const types = ['CONTROLLER', 'SATELLITE', 'COMBINED', 'AUXILIARY'];

/** Registers a node. It is online where a satellite answers at its address, which only the world knows. */
function createNode(context: LinstorContext, { body }: RouteRequest): LinstorAnswer {
  const name = textAt(body, 'name') ?? null;
  const refusal = refuseNode(context, name, body);
  if (refusal !== undefined || name === null) {
    return messagesAnswer(refusal === undefined ? [] : [refusal], context.wallNow);
  }
  const refs = { Node: name };
  const details = `Node: ${name}`;
  const reply: Reply = { operation: 'create', object: 'node', refs, details };
  const properties = new Map<string, string>();
  const change = modificationOf({ override_props: objectAt(body, 'props') });
  const fault = refuseBadProperty(change, 'node', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const messages = applyModification(properties, change, 'node', refs);
  const interfaces = listAt(body, 'net_interfaces').map((each) => interfaceFrom(context, each));
  properties.set('CurStltConnName', interfaces[0]?.name ?? 'default');
  const satellite = context.satelliteAt(name);
  if (satellite !== undefined) properties.set('NodeUname', name);
  const node: LinstorNode = {
    name,
    uuid: context.random.uuid(),
    type: (textAt(body, 'type') ?? 'SATELLITE').toUpperCase(),
    interfaces,
    layers: satellite?.layers ?? ['STORAGE'],
    properties,
    connection: satellite === undefined ? 'OFFLINE' : 'ONLINE',
    silentSince: 0,
    evictionAt: 0,
    pools: new Map(),
  };
  context.store.nodes.set(name.toLowerCase(), node);
  const uuid = `Node '${name}' UUID is: ${node.uuid}`;
  const registered = returnCode('success', 'create', 'node', 1);
  messages.push({
    code: registered,
    message: `New node '${name}' registered.`,
    details: uuid,
    refs: { UUID: node.uuid, ...refs },
  });
  messages.push(satellite === undefined ? notConnected(node, reply) : authenticated(node, reply));
  return messagesAnswer(messages, context.wallNow, 201);
}

function refuseNode(context: LinstorContext, name: string | null, body: Json): Message | undefined {
  // A body without a name is answered with the name null.
  const shared = { details: `Node: ${String(name)}`, refs: { Node: name as string } };
  const code = (number: number): bigint => returnCode('error', 'create', 'node', number);
  const fault = name === null ? undefined : nodeNameFault(name);
  if (fault !== undefined) {
    return { code: code(200), message: `The given node name '${String(name)}' is invalid.`, cause: fault, ...shared };
  }
  const type = textAt(body, 'type');
  if (type !== undefined && !types.includes(type.toUpperCase())) {
    const cause = `No enum constant com.linbit.linstor.core.objects.Node.Type.${type.toUpperCase()}`;
    const correction = `Valid node types are:\n${types.join('\n')}\n`;
    return { code: code(201), message: `The specified node type '${type}' is invalid.`, cause, correction, ...shared };
  }
  const message = `Registration of node '${String(name)}' failed.`;
  if (listAt(body, 'net_interfaces').length === 0) {
    const correction =
      'At least one network interface has to be given and be marked to be used for controller-satellite communitaction.';
    return { code: code(603), message, cause: 'No network interfaces were given.', correction, ...shared };
  }
  if (name === null || findByName(context.store.nodes, name) === undefined) return undefined;
  const cause = `A node with the specified name '${name}' already exists.\nThe Node already exists`;
  const correction =
    '- Specify another name for the new node\nor\n- Delete the existing node before creating a new node with the same name';
  return { code: code(500), message, cause, correction, ...shared };
}

export function interfaceFrom(context: LinstorContext, body: Json): NetInterface {
  const port = numberAt(body, 'satellite_port');
  return {
    name: textAt(body, 'name') ?? 'default',
    address: textAt(body, 'address') ?? '',
    uuid: context.random.uuid(),
    satellite:
      port === undefined ? undefined : { port, encryption: textAt(body, 'satellite_encryption_type') ?? 'PLAIN' },
  };
}

/** What the satellite says that its host can do. */
function authenticated(node: LinstorNode, { refs }: Reply): Message {
  const layers = node.layers.map((layer) => layer.toLowerCase()).join(', ');
  const details = `Supported storage providers: [diskless, lvm, lvm_thin, file, file_thin, remote_spdk, ebs_init, ebs_target]\nSupported resource layers  : [${layers}]\n`;
  return {
    code: returnCode('success', 'create', 'node', 9),
    message: `Node '${node.name}' authenticated`,
    details,
    refs,
  };
}

function modifyNode(context: LinstorContext, { path: { node: name = '' }, body }: RouteRequest): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  const refs = { Node: node?.name ?? name };
  const details = `Node: ${refs.Node}`;
  const reply: Reply = { operation: 'modify', object: 'node', refs, details };
  if (node === undefined) {
    return messagesAnswer([missing('node', name, 'modify', 'node', details, refs)], context.wallNow);
  }
  const change = modificationOf(body);
  const fault = refuseBadProperty(change, 'node', details, refs);
  if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
  const messages = applyModification(node.properties, change, 'node', refs);
  const told = { details: `Node '${node.name}' UUID is: ${node.uuid}`, refs: { UUID: node.uuid, ...refs } };
  messages.push({ ...done(`Node '${node.name}' modified.`, reply), ...told });
  for (const each of neighboursOf(context, node)) messages.push(...nodeApplied(context, each.name, reply));
  return messagesAnswer(messages, context.wallNow);
}

/** Satellites that know a node: its own, and those of the nodes that it shares a definition with. */
function neighboursOf(context: LinstorContext, node: LinstorNode): readonly LinstorNode[] {
  const key = node.name.toLowerCase();
  const known = new Set([key]);
  for (const definition of context.store.definitions.values()) {
    if (definition.resources.has(key)) for (const peer of definition.resources.keys()) known.add(peer);
  }
  return sorted(context.store.nodes).filter((each) => known.has(each.name.toLowerCase()) && isOnline(each));
}

function reconnect(context: LinstorContext, { path: { node: name = '' } }: RouteRequest): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  const refs = { Node: node?.name ?? name };
  const reply: Reply = { operation: 'modify', object: 'node', refs, details: `Node: ${refs.Node}` };
  if (node === undefined) {
    return messagesAnswer([missing('node', name, 'modify', 'node', reply.details, refs)], context.wallNow);
  }
  const message = `Nodes [${node.name}] will be reconnected.`;
  const messages: Message[] = [{ code: returnCode('success', 'modify', 'node', 0), message, refs }];
  if (!isOnline(node)) messages.push(notConnected(node, reply));
  return messagesAnswer(messages, context.wallNow);
}
