import { textAt } from '../../../model/json.ts';
import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { bringUp } from './deployment.ts';
import { missingResource } from './missing.ts';
import { poolFor } from './placement.ts';
import { finishQuorum, keepQuorum } from './quorum.ts';
import { shapes } from './request-shapes.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { adjusted, done, drbdMessage, type Reply, volumeMessages } from './satellites.ts';
import { findByName, type LinstorResource, type ResourceDefinition, sizeOf } from './store.ts';
import { addDisk, removeDisk } from './toggle-disk.ts';

const one = '/v1/resource-definitions/{rd}/resources/{node}';

/** Changes of a replica that is there: its disk comes or goes, it is switched off and on. */
export const toggleRoutes: readonly Route[] = [
  {
    method: 'PUT',
    pattern: `${one}/toggle-disk/diskless`,
    handle: (context, request) => withReplica(context, request, diskless),
  },
  {
    method: 'PUT',
    pattern: `${one}/toggle-disk/diskless/{pool}`,
    handle: (context, request) => withReplica(context, request, diskless),
  },
  {
    method: 'PUT',
    pattern: `${one}/toggle-disk/diskful`,
    handle: (context, request) => withReplica(context, request, diskfulByPath),
  },
  {
    method: 'PUT',
    pattern: `${one}/toggle-disk/diskful/{pool}`,
    handle: (context, request) => withReplica(context, request, diskfulByPath),
  },
  {
    method: 'PUT',
    pattern: `${one}/toggle-disk`,
    accepts: shapes.toggleDisk,
    bodyOptional: true,
    handle: toggleByBody,
  },
  {
    method: 'POST',
    pattern: `${one}/deactivate`,
    handle: (context, request) => withReplica(context, request, deactivate),
  },
  { method: 'POST', pattern: `${one}/activate`, handle: (context, request) => withReplica(context, request, activate) },
];

/** What is done to one replica. */
interface Change {
  readonly context: LinstorContext;
  readonly definition: ResourceDefinition;
  readonly resource: LinstorResource;
  readonly reply: Reply;
  readonly pool: string | undefined;
}

function withReplica(
  context: LinstorContext,
  { path: { rd = '', node = '', pool }, body }: RouteRequest,
  then: (change: Change) => readonly Message[],
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const resource = definition?.resources.get(node.toLowerCase());
  if (definition === undefined || resource === undefined) {
    return messagesAnswer([missingResource(rd, node, 'modify')], context.wallNow);
  }
  const refs = { RscDfn: definition.name, Node: resource.node };
  const details = `Node: ${resource.node}, Resource: ${definition.name}`;
  const reply: Reply = { operation: 'modify', object: 'resource', refs, details };
  const messages = then({ context, definition, resource, reply, pool: pool ?? textAt(body, 'storage_pool') });
  return messagesAnswer(messages, context.wallNow);
}

const operations = { INTO_DRBD_DISKFUL: diskful, INTO_DRBD_CLIENT: client, INTO_DRBD_DISKLESS: diskless } as const;

/** The newer form: the body says what the replica becomes. */
function toggleByBody(context: LinstorContext, request: RouteRequest): LinstorAnswer {
  const wanted = textAt(request.body, 'operation');
  const operation = Object.entries(operations).find(([name]) => name === wanted)?.[1];
  if (operation !== undefined) return withReplica(context, request, operation);
  const message =
    wanted === undefined
      ? 'No toggle operation type was specified'
      : `Could not parse '${wanted}'. Valid operations: ${Object.keys(operations).join(', ')}`;
  return { ...messagesAnswer([{ code: parseFailure, message }], context.wallNow), status: 400 };
}

/** `MASK_ERROR` without its mask: what LINSTOR answers where it cannot read a request. */
export const parseFailure = -3458764513820540931n;

function diskful({ context, definition, resource, reply, pool }: Change): readonly Message[] {
  if (resource.kind === 'diskful') {
    const message = `Resource '${definition.name}' on node '${resource.node}' is already diskful`;
    return [{ code: returnCode('info', 'modify', 'resource', 10_007), message, refs: reply.refs }];
  }
  const node = findByName(context.store.nodes, resource.node);
  const room = pool ?? (node === undefined ? undefined : poolFor(node, {}, sizeOf(definition))) ?? '';
  return addDisk(context, definition, resource, room, { ...reply, by: 'user' });
}

function diskfulByPath(change: Change): readonly Message[] {
  const wasDiskless = change.resource.kind !== 'diskful';
  const messages = diskful(change);
  change.resource.keepsDisklessFlag ||= wasDiskless;
  return messages;
}

function diskless({ context, definition, resource, reply }: Change): readonly Message[] {
  if (resource.kind === 'diskful') return removeDisk(context, definition, resource, reply);
  const message = `Resource '${definition.name}' on node '${resource.node}' is already diskless`;
  return [{ code: returnCode('info', 'modify', 'resource', 10_007), message, refs: reply.refs }];
}

/** A client that never is a tiebreaker. */
function client({ context, definition, resource, reply }: Change): readonly Message[] {
  if (resource.kind === 'diskful') removeDisk(context, definition, resource, reply);
  resource.kind = resource.disklessKind = 'client';
  resource.isClient = true;
  const quorum = keepQuorum(context, definition, reply);
  const where = `Resource '${definition.name}' on node '${resource.node}'`;
  const told = { details: `${where} UUID is: ${resource.uuid}`, refs: { UUID: resource.uuid, ...reply.refs } };
  return [
    ...quorum.messages,
    { ...done(`${where} modified.`, reply), ...told },
    ...adjusted(context, definition, reply),
    ...finishQuorum(context, definition, quorum, reply),
  ];
}

function deactivate({ context, definition, resource, reply }: Change): readonly Message[] {
  if (resource.report?.inUse === true) {
    const message = 'Cannot deactivate a resource while being in use!';
    const { details, refs } = reply;
    return [{ code: returnCode('error', 'modify', 'resource', 997), message, details, refs }];
  }
  const others = (text: string) => (each: LinstorResource) =>
    each === resource ? undefined : `${text} '${each.node}'`;
  const offline = volumeMessages(context, definition, resource, 'deactivated', reply);
  const down = drbdMessage(resource, definition, 'deleted', reply);
  context.kernel.removeReplica(definition.name, resource.node);
  resource.inactive = true;
  resource.report = undefined;
  return [
    down,
    ...offline,
    done(`Resource deactivated on '${resource.node}'`, reply),
    ...adjusted(context, definition, reply, others('Resource marked inactivate on')),
    ...offline,
    done(`Finished deactivation of resource on '${resource.node}'`, reply),
    ...adjusted(context, definition, reply, others('Finished deactivation of resource on')),
  ];
}

function activate({ context, definition, resource, reply }: Change): readonly Message[] {
  resource.inactive = false;
  bringUp(context, definition, resource);
  context.report(definition.name);
  const updated = (each: LinstorResource): string =>
    each === resource ? `Reactivating resource on '${each.node}'` : `Resource updated on '${each.node}'`;
  return [
    ...adjusted(context, definition, reply, updated),
    ...adjusted(context, definition, reply, (each) => `Resource activated on '${each.node}'`),
  ];
}
