import { isJsonObject, type Json, listAt, objectAt, textAt } from '../../../model/json.ts';
import { answerWith, type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { deploy, keepQuorum, undeploy, poolSet } from './deployment.ts';
import { missing, notFound } from './missing.ts';
import { applyModification, modificationOf, refuseBadProperty } from './modification.ts';
import { poolFor } from './placement.ts';
import { notEnoughNodes, placedMessage, placeReplicas } from './placing.ts';
import { autoTiebreakerProperty } from './properties.ts';
import type { Route, RouteRequest } from './route.ts';
import { notConnected, withDefinition, withSatellites } from './routes-definitions.ts';
import { noAnswerFrom } from './routes-views.ts';
import { returnCode } from './ret-codes.ts';
import {
  diskfulOf,
  findByName,
  type LinstorNode,
  type LinstorResource,
  type ResourceDefinition,
  type SelectFilter,
  sorted,
} from './store.ts';
import { pairsOf, resourceView, volumesView } from './views.ts';

export const resourceRoutes: readonly Route[] = [
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/resources',
    handle: (context, { path: { rd = '' } }) => {
      const definition = findByName(context.store.definitions, rd);
      if (definition === undefined)
        return messagesAnswer([missing('resource definition', rd, 'none', 'none')], context.wallNow);
      return answerWith(sorted(definition.resources).map((each) => resourceView(definition, each)));
    },
  },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/resources/{node}',
    handle: (context, request) =>
      withResource(context, request, (definition, each) => answerWith(resourceView(definition, each))),
  },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/resources/{node}/volumes',
    handle: (context, request) =>
      withResource(context, request, (definition, each) => {
        const node = findByName(context.store.nodes, each.node);
        if (node?.connection === 'silent') return noAnswerFrom(context, node);
        return answerWith(volumesView(definition, each));
      }),
  },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/resource-connections',
    handle: (context, request) =>
      withDefinition(context, request, (definition) =>
        answerWith(pairsOf(definition).map(([a, b]) => ({ node_a: a.node, node_b: b.node }))),
      ),
  },
  {
    method: 'GET',
    pattern: '/v1/resource-definitions/{rd}/resource-connections/{a}/{b}',
    handle: (context, request) =>
      withDefinition(context, request, (definition) => {
        const { a = '', b = '' } = request.path;
        const wanted = new Set([a.toLowerCase(), b.toLowerCase()]);
        const pair = pairsOf(definition).find((each) => each.every((side) => wanted.has(side.node.toLowerCase())));
        if (pair === undefined) {
          return notFound(307, `Resource connection between '${a}' and '${b}' not found.`, context.wallNow);
        }
        return answerWith({ node_a: pair[0].node, node_b: pair[1].node });
      }),
  },
  {
    method: 'POST',
    pattern: '/v1/resource-definitions/{rd}/resources',
    handle: (context, { path: { rd = '' }, body }) =>
      createResources(context, rd, Array.isArray(body) ? body : [body], undefined),
  },
  {
    method: 'POST',
    pattern: '/v1/resource-definitions/{rd}/resources/{node}',
    handle: (context, { path: { rd = '', node = '' }, body }) => createResources(context, rd, [body], node),
  },
  { method: 'PUT', pattern: '/v1/resource-definitions/{rd}/resources/{node}', handle: modifyResource },
  { method: 'DELETE', pattern: '/v1/resource-definitions/{rd}/resources/{node}', handle: deleteResource },
  { method: 'POST', pattern: '/v1/resource-definitions/{rd}/resources/{node}/make-available', handle: makeAvailable },
  { method: 'POST', pattern: '/v1/resource-definitions/{rd}/autoplace', handle: autoplace },
];

function createResources(
  context: LinstorContext,
  rd: string,
  wanted: readonly Json[],
  pathNode: string | undefined,
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const names = wanted.map((each) => pathNode ?? textAt(each, 'resource', 'node_name') ?? '');
  if (definition === undefined) {
    const details = `Node(s): '${names.join("', '")}', Resource: '${rd}'`;
    return messagesAnswer(
      [missing('resource definition', rd, 'create', 'resource', details, { RscDfn: rd })],
      context.wallNow,
    );
  }
  const unknown = names.find((name) => findByName(context.store.nodes, name) === undefined);
  if (unknown !== undefined) return messagesAnswer([missing('node', unknown, 'none', 'none')], context.wallNow);
  const messages: Message[] = [];
  wanted.forEach((each, index) => {
    const node = findByName(context.store.nodes, names[index] as string) as LinstorNode;
    messages.push(...createOne(context, definition, node, each));
  });
  return messagesAnswer(messages, context.wallNow, 201);
}

function createOne(context: LinstorContext, definition: ResourceDefinition, node: LinstorNode, body: Json): Message[] {
  const refs = { RscDfn: definition.name };
  const details = `Node(s): '${node.name}', Resource: '${definition.name}'`;
  const present = definition.resources.get(node.name.toLowerCase());
  const diskless = listAt(body, 'resource', 'flags').some((flag) => flag === 'DISKLESS' || flag === 'DRBD_DISKLESS');
  if (present !== undefined && (present.kind !== 'tiebreaker' || diskless)) {
    if (present.kind === 'tiebreaker') present.kind = 'client';
    return [
      {
        code: returnCode('info', 'create', 'resource', 10_008),
        message: `A resource '${definition.name}' on node '${node.name}' already exists.`,
        cause: 'Resource already exists',
        details,
        refs,
      },
    ];
  }
  if (present !== undefined) undeploy(context, definition, present);
  const asked = textAt(body, 'resource', 'props', 'StorPoolName');
  const pool = diskless ? 'DfltDisklessStorPool' : (asked ?? poolFor(node, {}, definition.volume?.sizeKib ?? 0) ?? '');
  if (!diskless && !node.pools.has(pool.toLowerCase())) {
    const message = `Storage pool '${pool}' on node '${node.name}' not found.`;
    return [{ code: returnCode('error', 'create', 'resource', 310), message, details, refs }];
  }
  const resource = deploy(context, definition, node, diskless ? 'client' : 'diskful', pool);
  const quorum = keepQuorum(context, definition, 'create');
  const created = createdMessages(definition, resource, refs);
  const set = asked === undefined && !diskless ? [] : [poolSet(refs)];
  return isOnline(node)
    ? [...set, ...quorum, ...created]
    : [...set, ...quorum, ...created, notConnected(node.name, 'create', 'resource', refs)];
}

function createdMessages(
  definition: ResourceDefinition,
  resource: LinstorResource,
  refs: Record<string, string>,
): Message[] {
  const where = `'${definition.name}' on node '${resource.node}'`;
  return [
    {
      code: returnCode('success', 'create', 'resource', 1),
      message: `New resource ${where} registered.`,
      details: `Resource ${where} UUID is: ${resource.uuid}`,
      refs: { UUID: resource.uuid, ...refs },
    },
    {
      code: returnCode('success', 'create', 'volume', 1),
      message: `Volume with number '0' on resource ${where} successfully registered`,
      details: `Volume UUID is: ${resource.volumeUuid}`,
      refs: { ...refs, VlmNr: '0', Node: resource.node },
    },
    {
      code: returnCode('success', 'create', 'resource', 3),
      message: `Created resource '${definition.name}' on '${resource.node}'`,
      refs,
    },
  ];
}

function modifyResource(context: LinstorContext, request: RouteRequest): LinstorAnswer {
  return withResource(context, request, (definition, resource) => {
    const refs = { RscDfn: definition.name, Node: resource.node };
    const details = `Node: ${resource.node}, Resource: ${definition.name}`;
    const change = modificationOf(request.body);
    const fault = refuseBadProperty(change, 'resource', details, refs);
    if (fault !== undefined) return messagesAnswer([fault], context.wallNow);
    const messages = applyModification(resource.properties, change, 'resource', refs);
    messages.push({
      code: returnCode('success', 'modify', 'resource', 3),
      message: `Resource '${definition.name}' on node '${resource.node}' modified.`,
      details: `Resource '${definition.name}' on node '${resource.node}' UUID is: ${resource.uuid}`,
      refs: { UUID: resource.uuid, ...refs },
    });
    return withSatellites(context, definition, messages, 200);
  });
}

function deleteResource(context: LinstorContext, { path: { rd = '', node = '' } }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const resource = definition?.resources.get(node.toLowerCase());
  const refs = { RscDfn: rd, Node: node };
  const details = `Node: ${node}, Resource: ${rd}`;
  if (definition === undefined || resource === undefined) {
    const code = returnCode('warn', 'delete', 'resource', 3000);
    return messagesAnswer([{ code, message: `${details} not found.`, details, refs }], context.wallNow);
  }
  const refusal = refuseDelete(definition, resource, details, refs);
  if (refusal !== undefined) return messagesAnswer([refusal], context.wallNow);
  const messages: Message[] = [];
  if (resource.kind === 'client' && diskfulOf(definition).length === 2 && wasAutoTiebreaker(context, definition)) {
    resource.kind = 'tiebreaker';
    const message =
      'The given resource will not be deleted but will be taken over as a linstor managed tiebreaker resource.';
    messages.push({ code: returnCode('info', 'delete', 'resource', 10_006), message, refs });
    return messagesAnswer(messages, context.wallNow);
  }
  if (resource.kind === 'tiebreaker') {
    definition.properties.set(autoTiebreakerProperty, 'False');
    const message = `Disabling auto-tiebreaker on resource-definition '${definition.name}' as tiebreaker resource was manually deleted`;
    messages.push({ code: returnCode('info', 'delete', 'resource', 10_002), message, refs });
  }
  const uuid = `Node: ${node}, Resource: ${rd} UUID is: ${resource.uuid}`;
  const code = returnCode('success', 'delete', 'resource', 2);
  messages.push({ code, message: `${details} preparing for deletion.`, details: uuid, refs });
  const isGone = undeploy(context, definition, resource);
  if (!isGone) messages.push(notConnected(resource.node, 'delete', 'resource', refs));
  messages.push(...keepQuorum(context, definition, 'delete'));
  messages.push({ code, message: `${details} marked for deletion.`, details: uuid, refs });
  if (isGone)
    messages.push({ code, message: `${details} deletion complete.`, details: uuid.replace(' is: ', ' was: '), refs });
  return messagesAnswer(messages, context.wallNow);
}

function refuseDelete(
  definition: ResourceDefinition,
  resource: LinstorResource,
  details: string,
  refs: Record<string, string>,
): Message | undefined {
  if (resource.report?.inUse === true) {
    return {
      code: returnCode('error', 'delete', 'resource', 997),
      message: `Resource '${definition.name}' is still in use.`,
      cause: 'Resource is mounted/in use.',
      details,
      correction: `Un-mount resource '${definition.name}' on the node '${resource.node}'.`,
      refs,
    };
  }
  const diskful = diskfulOf(definition);
  const clients = [...definition.resources.values()].some((each) => each.kind === 'client' && !each.deleting);
  if (diskful.length === 1 && diskful[0] === resource && clients) {
    return {
      code: returnCode('error', 'delete', 'resource', 997),
      message: `Last resource of '${definition.name}' with disk still has diskless resources attached.`,
      cause: 'Resource still has diskless users.',
      details,
      correction: 'Before deleting this resource, delete the diskless resources attached to it.',
      refs,
    };
  }
  return undefined;
}

/** A client of two diskful replicas is kept as tiebreaker where LINSTOR would have made one itself. */
function wasAutoTiebreaker(context: LinstorContext, definition: ResourceDefinition): boolean {
  const auto =
    definition.properties.get(autoTiebreakerProperty) ?? context.store.properties.get(autoTiebreakerProperty) ?? 'true';
  const filter = findByName(context.store.groups, definition.group)?.filter;
  return /^(true|yes)$/i.test(auto) && (filter?.replicas_on_different ?? []).length === 0;
}

function makeAvailable(
  context: LinstorContext,
  { path: { rd = '', node: name = '' }, body }: RouteRequest,
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const node = findByName(context.store.nodes, name);
  const refs = { RscDfn: definition?.name ?? rd, Node: node?.name ?? name };
  const details = `Node: ${refs.Node}, Resource: '${refs.RscDfn}'`;
  if (node === undefined)
    return messagesAnswer([missing('node', name, 'create', 'resource', details, refs)], context.wallNow);
  if (definition === undefined) {
    return messagesAnswer([missing('resource definition', rd, 'create', 'resource', details, refs)], context.wallNow);
  }
  const present = definition.resources.get(name.toLowerCase());
  if (present !== undefined) {
    // A tiebreaker that is used becomes a client.
    if (present.kind === 'tiebreaker') present.kind = 'client';
    const message = 'Resource already deployed as requested';
    return messagesAnswer([{ code: returnCode('success', 'create', 'resource', 0), message, refs }], context.wallNow);
  }
  if (!isOnline(node)) {
    const message = `Autoplacer could not find diskless stor pool on node ${node.name} matching resource-groups autoplace-settings`;
    return messagesAnswer(
      [{ code: returnCode('error', 'create', 'resource', 310), message, details, refs }],
      context.wallNow,
    );
  }
  const diskful = isJsonObject(body) && body.diskful === true;
  const pool = diskful ? (poolFor(node, {}, definition.volume?.sizeKib ?? 0) ?? '') : 'DfltDisklessStorPool';
  const resource = deploy(context, definition, node, diskful ? 'diskful' : 'client', pool);
  const messages = [
    ...keepQuorum(context, definition, 'create'),
    ...createdMessages(definition, resource, { RscDfn: definition.name }),
  ];
  return messagesAnswer(messages, context.wallNow);
}

function autoplace(context: LinstorContext, { path: { rd = '' }, body }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const details = `Auto-placing resource: ${rd}`;
  if (definition === undefined) {
    return messagesAnswer(
      [missing('resource definition', rd, 'create', 'resource', details, { RscDfn: rd })],
      context.wallNow,
    );
  }
  const refs = { RscDfn: definition.name };
  const group = findByName(context.store.groups, definition.group)?.filter ?? {};
  const filter: SelectFilter = { ...group, ...(objectAt(body, 'select_filter') as SelectFilter) };
  const count = filter.place_count ?? 2;
  if (diskfulOf(definition).length >= count) {
    const used = diskfulOf(definition).map((each) => `'${each.node}'`);
    const message = `Resource '${definition.name}' was already deployed on ${used.length} nodes. Skipping.`;
    const code = returnCode('warn', 'create', 'resource', 1006);
    return messagesAnswer(
      [{ code, message, details: `Used nodes: ${used.join(', ')}\n${details}`, refs }],
      context.wallNow,
      201,
    );
  }
  const nodes = placeReplicas(context, definition, filter);
  if (nodes === undefined) {
    return messagesAnswer([notEnoughNodes(filter, definition.volume?.sizeKib ?? 0, 'resource', refs)], context.wallNow);
  }
  const quorum = keepQuorum(context, definition, 'create');
  const set = nodes.map(() => poolSet(refs));
  const placed = placedMessage(definition, nodes, 'resource', refs);
  return messagesAnswer([...set, placed, ...quorum], context.wallNow, 201);
}

function withResource(
  context: LinstorContext,
  request: RouteRequest,
  then: (definition: ResourceDefinition, resource: LinstorResource) => LinstorAnswer,
): LinstorAnswer {
  const { rd = '', node = '' } = request.path;
  const definition = findByName(context.store.definitions, rd);
  const resource = definition?.resources.get(node.toLowerCase());
  if (definition !== undefined && resource !== undefined) return then(definition, resource);
  return notFound(302, `Resource '${rd}' on '${node}' not found.`, context.wallNow);
}
