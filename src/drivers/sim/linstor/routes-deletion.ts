import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { cleanUp } from './clean-up.ts';
import { autoTiebreakerProperty } from './properties.ts';
import { finishQuorum, isKeptAsTiebreaker, keepQuorum } from './quorum.ts';
import { returnCode } from './ret-codes.ts';
import type { RouteRequest } from './route.ts';
import { adjusted, type Reply } from './satellites.ts';
import { diskfulOf, findByName, type LinstorResource, type ResourceDefinition } from './store.ts';
import { removeDisk } from './toggle-disk.ts';

/**
 * Deletes a replica, unless it is in use or the last one with a disk. A replica that LINSTOR would make a tiebreaker of anyway stays
 * as one (`CtrlRscDeleteApiHelper`).
 */
export function deleteResource(
  context: LinstorContext,
  { path: { rd = '', node = '' }, query }: RouteRequest,
): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const resource = definition?.resources.get(node.toLowerCase());
  const refs = { RscDfn: rd, Node: node };
  const details = `Node: ${node}, Resource: ${rd}`;
  const reply: Reply = { operation: 'delete', object: 'resource', refs, details };
  if (definition === undefined || resource === undefined) {
    const code = returnCode('warn', 'delete', 'resource', 3000);
    return messagesAnswer([{ code, message: `${details} not found.`, details, refs }], context.wallNow);
  }
  const refusal = refuseDelete(definition, resource, reply);
  if (refusal !== undefined) return messagesAnswer([refusal], context.wallNow);
  const isTiebreakerToKeep = resource.kind === 'tiebreaker' && query.keep_tiebreaker?.[0] === 'true';
  if (isTiebreakerToKeep || isKeptAsTiebreaker(context, definition, resource)) {
    return messagesAnswer(keepAsTiebreaker(context, definition, resource, reply), context.wallNow);
  }
  return messagesAnswer(takeAway(context, definition, resource, reply), context.wallNow);
}

function refuseDelete(
  definition: ResourceDefinition,
  resource: LinstorResource,
  { details, refs }: Reply,
): Message | undefined {
  const code = returnCode('error', 'delete', 'resource', 997);
  if (resource.report?.inUse === true) {
    const message = `Resource '${definition.name}' is still in use.`;
    const correction = `Un-mount resource '${definition.name}' on the node '${resource.node}'.`;
    return { code, message, cause: 'Resource is mounted/in use.', details, correction, refs };
  }
  const diskful = diskfulOf(definition);
  const clients = [...definition.resources.values()].some((each) => each.kind === 'client' && !each.deleting);
  if (diskful.length !== 1 || diskful[0] !== resource || !clients) return undefined;
  const message = `Last resource of '${definition.name}' with disk still has diskless resources attached.`;
  const correction = 'Before deleting this resource, delete the diskless resources attached to it.';
  return { code, message, cause: 'Resource still has diskless users.', details, correction, refs };
}

function keepAsTiebreaker(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  reply: Reply,
): Message[] {
  const message =
    'The given resource will not be deleted but will be taken over as a linstor managed tiebreaker resource.';
  const messages: Message[] = [{ code: returnCode('info', 'delete', 'resource', 10_006), message, refs: reply.refs }];
  resource.disklessKind = 'tiebreaker';
  if (resource.kind === 'diskful') {
    messages.push(...removeDisk(context, definition, resource, { ...reply, operation: 'modify' }));
    return messages;
  }
  resource.kind = 'tiebreaker';
  const told = ({ node }: LinstorResource): string => `Resource '${definition.name}' updated on node '${node}'`;
  messages.push(...adjusted(context, definition, reply, told));
  return messages;
}

function takeAway(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  reply: Reply,
): Message[] {
  const messages: Message[] = [];
  const code = returnCode('success', 'delete', 'resource', 2);
  const { details, refs } = reply;
  const uuid = `${details} UUID is: ${resource.uuid}`;
  if (resource.kind === 'tiebreaker') {
    definition.properties.set(autoTiebreakerProperty, 'False');
    const message = `Disabling auto-tiebreaker on resource-definition '${definition.name}' as tiebreaker resource was manually deleted`;
    messages.push({ code: returnCode('info', 'delete', 'resource', 10_002), message, refs });
  } else messages.push(...keepQuorum(context, definition, reply, { without: resource }).messages);
  messages.push({ code, message: `${details} preparing for deletion.`, details: uuid, refs });
  resource.deleting = resource.isDeletedAlone = true;
  messages.push(...adjusted(context, definition, reply, (each) => `Preparing deletion of resource on '${each.node}'`));
  messages.push(...keepQuorum(context, definition, reply).messages);
  messages.push({ code, message: `${details} marked for deletion.`, details: uuid, refs });
  messages.push(...cleanUp(context, definition, resource, reply));
  if (definition.resources.has(resource.node.toLowerCase()) || definition.resources.size === 0) return messages;
  const after = keepQuorum(context, definition, reply);
  return [...messages, ...after.messages, ...finishQuorum(context, definition, after, reply)];
}
