import { isJsonObject, type Json, listAt, objectAt, textAt } from '../../../model/json.ts';
import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { createReplica } from './creating.ts';
import { missing } from './missing.ts';
import { placeAndTell } from './placing.ts';
import { poolFor } from './placement.ts';
import { shapes } from './request-shapes.ts';
import type { Route, RouteRequest } from './route.ts';
import { returnCode } from './ret-codes.ts';
import type { Reply } from './satellites.ts';
import {
  diskfulOf,
  findByName,
  type LinstorNode,
  type ResourceDefinition,
  type SelectFilter,
  sizeOf,
} from './store.ts';
import { addDisk } from './toggle-disk.ts';

const list = '/v1/resource-definitions/{rd}/resources';

/** Making replicas: by hand, for a node that wants to use the volume, and by LINSTOR's own choice. */
export const replicaRoutes: readonly Route[] = [
  {
    method: 'POST',
    pattern: list,
    accepts: shapes.resourcesCreate,
    handle: (context, { path: { rd = '' }, body }) =>
      createResources(context, rd, Array.isArray(body) ? body : [body], undefined),
  },
  {
    method: 'POST',
    pattern: `${list}/{node}`,
    accepts: shapes.resourceCreate,
    handle: (context, { path: { rd = '', node = '' }, body }) => createResources(context, rd, [body], node),
  },
  { method: 'POST', pattern: `${list}/{node}/make-available`, accepts: shapes.makeAvailable, handle: makeAvailable },
  {
    method: 'POST',
    pattern: '/v1/resource-definitions/{rd}/autoplace',
    accepts: shapes.autoplace,
    handle: autoplace,
  },
];

function createResources(
  context: LinstorContext,
  rd: string,
  wanted: readonly Json[],
  pathNode: string | undefined,
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const names = wanted.map((each) => pathNode ?? textAt(each, 'resource', 'node_name') ?? '');
  const details = `Node(s): '${names.join("', '")}', Resource: '${definition?.name ?? rd}'`;
  const reply: Reply = { operation: 'create', object: 'resource', refs: { RscDfn: definition?.name ?? rd }, details };
  if (definition === undefined) {
    const entry = missing('resource definition', rd, 'create', 'resource', details, reply.refs);
    return messagesAnswer([entry], context.wallNow);
  }
  const unknown = names.find((name) => findByName(context.store.nodes, name) === undefined);
  if (unknown !== undefined) return messagesAnswer([missing('node', unknown, 'none', 'none')], context.wallNow);
  const messages: Message[] = [];
  wanted.forEach((each, index) => {
    const node = findByName(context.store.nodes, names[index] as string) as LinstorNode;
    messages.push(...createOne(context, definition, node, each, reply));
  });
  return messagesAnswer(messages, context.wallNow, 201);
}

/** A tiebreaker gets its disk, or becomes a client; what is there already stays as it is. */
function createOne(
  context: LinstorContext,
  definition: ResourceDefinition,
  node: LinstorNode,
  body: Json,
  reply: Reply,
): readonly Message[] {
  const diskful = !listAt(body, 'resource', 'flags').some((flag) => flag === 'DISKLESS' || flag === 'DRBD_DISKLESS');
  const pool = textAt(body, 'resource', 'props', 'StorPoolName');
  const present = definition.resources.get(node.name.toLowerCase());
  if (present === undefined) {
    return createReplica(context, definition, node, { diskful, pool, tellsPool: pool !== undefined }, reply);
  }
  if (present.kind === 'tiebreaker' && diskful) {
    const room = pool ?? poolFor(node, {}, sizeOf(definition)) ?? '';
    const refs = { ...reply.refs, Node: node.name };
    return addDisk(context, definition, present, room, { ...reply, operation: 'modify', refs, by: 'user' });
  }
  if (present.kind === 'tiebreaker') present.kind = present.disklessKind = 'client';
  return [
    {
      code: returnCode('info', 'create', 'resource', 10_008),
      message: `A resource '${definition.name}' on node '${node.name}' already exists.`,
      cause: 'Resource already exists',
      details: reply.details,
      refs: reply.refs,
    },
  ];
}

function makeAvailable(
  context: LinstorContext,
  { path: { rd = '', node: name = '' }, body }: RouteRequest,
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const node = findByName(context.store.nodes, name);
  const refs = { RscDfn: definition?.name ?? rd, Node: node?.name ?? name };
  const reply: Reply = {
    operation: 'create',
    object: 'resource',
    refs,
    details: `Node: ${refs.Node}, Resource: '${refs.RscDfn}'`,
  };
  if (node === undefined || definition === undefined) {
    const entry =
      node === undefined
        ? missing('node', name, 'create', 'resource', reply.details, refs)
        : missing('resource definition', rd, 'create', 'resource', reply.details, refs);
    return messagesAnswer([entry], context.wallNow);
  }
  return messagesAnswer(
    offer(context, definition, node, isJsonObject(body) && body.diskful === true, reply),
    context.wallNow,
  );
}

/** What a node gets that wants to use a volume: a disk where asked for or where it would be the first, else a diskless replica. */
function offer(
  context: LinstorContext,
  definition: ResourceDefinition,
  node: LinstorNode,
  wantsDisk: boolean,
  reply: Reply,
): readonly Message[] {
  const present = definition.resources.get(node.name.toLowerCase());
  const pool = poolFor(node, {}, sizeOf(definition));
  if (present !== undefined && present.kind !== 'diskful' && wantsDisk && pool !== undefined) {
    return addDisk(context, definition, present, pool, { ...reply, operation: 'modify', by: 'make-available' });
  }
  if (present !== undefined) {
    // A tiebreaker that is used becomes a client.
    if (present.kind === 'tiebreaker') present.kind = present.disklessKind = 'client';
    const message = 'Resource already deployed as requested';
    return [{ code: returnCode('success', 'create', 'resource', 0), message, refs: reply.refs }];
  }
  const diskful = wantsDisk || diskfulOf(definition).length === 0;
  if (!isOnline(node) || !node.layers.includes('DRBD')) {
    const message = `Autoplacer could not find ${diskful ? 'diskful' : 'diskless'} stor pool on node ${node.name} matching resource-groups autoplace-settings`;
    const { details, refs } = reply;
    return [{ code: returnCode('error', 'create', 'resource', 310), message, details, refs }];
  }
  const wanted = { diskful, pool: undefined, tellsPool: true, isClient: !diskful };
  const details = `Node(s): '${node.name}', Resource: '${definition.name}'`;
  return createReplica(context, definition, node, wanted, { ...reply, details });
}

function autoplace(context: LinstorContext, { path: { rd = '' }, body }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const details = `Auto-placing resource: ${rd}`;
  const reply: Reply = { operation: 'create', object: 'resource', refs: { RscDfn: definition?.name ?? rd }, details };
  if (definition === undefined) {
    const entry = missing('resource definition', rd, 'create', 'resource', details, reply.refs);
    return messagesAnswer([entry], context.wallNow);
  }
  const group = findByName(context.store.groups, definition.group)?.filter ?? {};
  const asked = objectAt(body, 'select_filter') as SelectFilter;
  const disklessOnRemaining = isJsonObject(body) && body.diskless_on_remaining === true;
  const filter: SelectFilter = { diskless_on_remaining: disklessOnRemaining, ...group, ...asked };
  const { said, work } = placeAndTell(context, definition, filter, reply);
  return messagesAnswer([...said, ...work], context.wallNow, 201);
}
