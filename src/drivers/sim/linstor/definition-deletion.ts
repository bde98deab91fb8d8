import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { settleQuorum } from './quorum.ts';
import { returnCode } from './ret-codes.ts';
import type { RouteRequest } from './route.ts';
import { done, drbdMessage, notConnected, type Reply, volumeMessages } from './satellites.ts';
import { findByName, type LinstorResource, type ResourceDefinition, sorted } from './store.ts';

/*
 * A definition is deleted in two steps (`CtrlRscDfnDeleteApiCallHandler`): first its replicas without a disk, so that the others
 * lose no quorum on the way, then those with one. A step ends when every satellite has answered. So an offline satellite holds the
 * data where a tiebreaker or client was there, and where none was, the reachable copies are destroyed at once.
 */

/** Refused only while a satellite that counts as connected has said "in use". */
export function deleteDefinition(context: LinstorContext, { path: { rd = '' } }: RouteRequest): LinstorAnswer {
  const definition = findByName(context.store.definitions, rd);
  const refs = { RscDfn: definition?.name ?? rd };
  const details = `Resource definition: ${refs.RscDfn}`;
  const reply: Reply = { operation: 'delete', object: 'resourceDefinition', refs, details };
  if (definition === undefined) {
    const code = returnCode('warn', 'delete', 'resourceDefinition', 3000);
    return messagesAnswer([{ code, message: `Resource definition: ${rd} not found.`, details, refs }], context.wallNow);
  }
  if (definition.snapshots.size > 0) {
    const message = `Cannot delete resource definition '${definition.name}' because it has snapshots.`;
    const code = returnCode('error', 'delete', 'resourceDefinition', 514);
    return messagesAnswer([{ code, message, details, refs }], context.wallNow);
  }
  const holder = sorted(definition.resources).find((each) => each.report?.inUse === true);
  if (holder !== undefined) return messagesAnswer([inUse(definition, holder.node)], context.wallNow);
  const code = returnCode('success', 'delete', 'resourceDefinition', 2);
  const messages: Message[] = [];
  if (definition.resources.size > 0) {
    definition.deleting = true;
    messages.push({ code, message: `Resource definition '${definition.name}' marked for deletion.`, refs });
    messages.push(...destroyReplicas(context, definition, reply));
  }
  if (definition.resources.size === 0) {
    context.store.definitions.delete(definition.name.toLowerCase());
    const was = `Resource definition '${definition.name}' UUID was: ${definition.uuid}`;
    messages.push({ code, message: `Resource definition '${definition.name}' deleted.`, details: was, refs });
  }
  return messagesAnswer(messages, context.wallNow);
}

/**
 * A satellite is back that a deletion waited for: it goes on, but for a replica that is in use there. Then the definition stays marked,
 * and gets its tiebreaker back.
 */
export function resumeDeletion(context: LinstorContext, definition: ResourceDefinition): void {
  const refs = { RscDfn: definition.name };
  const reply: Reply = { operation: 'delete', object: 'resourceDefinition', refs, details: '' };
  const isUsed = sorted(definition.resources).some((each) => each.report?.inUse === true);
  if (!isUsed) destroyReplicas(context, definition, reply);
  for (const each of definition.resources.values()) if (each.isDown) forget(context, definition, each);
  if (definition.resources.size === 0) context.store.definitions.delete(definition.name.toLowerCase());
  else if (isUsed) settleQuorum(context, definition, reply);
}

function destroyReplicas(context: LinstorContext, definition: ResourceDefinition, reply: Reply): Message[] {
  const all = sorted(definition.resources);
  const offline = all.filter((each) => !isOnline(findByName(context.store.nodes, each.node)));
  const diskless = all.filter((each) => each.kind !== 'diskful');
  const diskful = all.filter((each) => each.kind === 'diskful');
  const messages = offline.map((each) => notConnected(findByName(context.store.nodes, each.node), reply));
  if (diskless.length > 0) {
    for (const each of diskless)
      if (!offline.includes(each)) messages.push(...destroy(context, definition, each, reply));
    messages.push(...toldTo(context, definition, reply, 'marked for deletion'));
    for (const each of diskless) each.deleting = true;
    if (offline.length > 0) return messages;
    for (const each of diskless) forget(context, definition, each);
    messages.push(...toldTo(context, definition, reply, 'deleted'));
  }
  for (const each of diskful) {
    if (!offline.includes(each)) messages.push(...destroy(context, definition, each, reply));
    each.deleting = true;
  }
  if (offline.length === 0) for (const each of diskful) forget(context, definition, each);
  return messages;
}

/** The satellites of the replicas with a disk hear of the deletion. */
function toldTo(context: LinstorContext, definition: ResourceDefinition, reply: Reply, what: string): Message[] {
  const reached = sorted(definition.resources).filter(
    ({ kind, node }) => kind === 'diskful' && isOnline(findByName(context.store.nodes, node)),
  );
  return reached.flatMap((each) => [
    drbdMessage(each, definition, 'adjusted', reply),
    done(`Resource '${definition.name}' on '${each.node}' ${what}`, reply),
  ]);
}

/** What is left of it is the controller's record. */
function destroy(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  reply: Reply,
): Message[] {
  const hasDrbd = definition.layers.includes('DRBD');
  const messages = [
    ...(hasDrbd ? [drbdMessage(resource, definition, 'deleted', reply)] : []),
    ...volumeMessages(context, definition, resource, 'deleted', reply),
    done(`Resource '${definition.name}' on '${resource.node}' marked for deletion`, reply),
  ];
  context.kernel.removeReplica(definition.name, resource.node);
  resource.isDown = true;
  resource.report = undefined;
  return messages;
}

function forget(context: LinstorContext, definition: ResourceDefinition, resource: LinstorResource): void {
  definition.resources.delete(resource.node.toLowerCase());
  context.kernel.removeReplica(definition.name, resource.node);
}

function inUse(definition: ResourceDefinition, node: string): Message {
  return {
    code: returnCode('error', 'delete', 'resourceDefinition', 997),
    message: `Resource '${definition.name}' on node '${node}' is still in use.`,
    cause: 'Resource is mounted/in use.',
    details: `Resource definition: ${definition.name}`,
    correction: `Un-mount resource '${definition.name}' on the node '${node}'.`,
    refs: { RscDfn: definition.name },
  };
}
