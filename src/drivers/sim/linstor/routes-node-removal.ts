import { type LinstorAnswer, type Message, messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { keepQuorum } from './quorum.ts';
import { returnCode } from './ret-codes.ts';
import type { Route, RouteRequest } from './route.ts';
import { adjusted, done, notConnected, type Reply } from './satellites.ts';
import { findByName, type LinstorNode, type ResourceDefinition, sorted } from './store.ts';

/** Ways in which a node goes: deleted with what it holds, or given up as lost. */
export const nodeRemovalRoutes: readonly Route[] = [
  { method: 'DELETE', pattern: '/v1/nodes/{node}', handle: deleteNode },
  { method: 'DELETE', pattern: '/v1/nodes/{node}/lost', handle: loseNode },
];

function deleteNode(context: LinstorContext, { path: { node: name = '' } }: RouteRequest): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  const reply = replyFor(node?.name ?? name);
  if (node === undefined) return messagesAnswer([noSuchNode(name, reply)], context.wallNow);
  const holder = definitionsOn(context, node).find(
    (each) => each.resources.get(node.name.toLowerCase())?.report?.inUse,
  );
  if (holder !== undefined) return messagesAnswer([inUse(holder, node, reply)], context.wallNow);
  return messagesAnswer(remove(context, node, reply), context.wallNow);
}

/** Drops every record of a node that will not come back. A connected one has to be deleted in order. */
function loseNode(context: LinstorContext, { path: { node: name = '' } }: RouteRequest): LinstorAnswer {
  const node = findByName(context.store.nodes, name);
  const reply = replyFor(node?.name ?? name);
  if (node === undefined) return messagesAnswer([noSuchNode(name, reply)], context.wallNow);
  if (node.connection === 'OFFLINE') return messagesAnswer(remove(context, node, reply), context.wallNow);
  const message = `Node '${node.name}' still connected, please use the 'DelNode' api.`;
  const code = returnCode('error', 'delete', 'node', 506);
  return messagesAnswer([{ code, message, details: reply.details, refs: reply.refs }], context.wallNow);
}

function replyFor(name: string): Reply {
  return { operation: 'delete', object: 'node', refs: { Node: name }, details: `Node: ${name}` };
}

function noSuchNode(name: string, { details, refs }: Reply): Message {
  const message = `Deletion of node '${name}' had no effect.`;
  return {
    code: returnCode('warn', 'delete', 'node', 3000),
    message,
    cause: `Node '${name}' does not exist.`,
    details,
    refs,
  };
}

function inUse(definition: ResourceDefinition, node: LinstorNode, { details, refs }: Reply): Message {
  const message = `Resource '${definition.name}' on node '${node.name}' is still in use.`;
  const correction = `Un-mount resource '${definition.name}' on the node '${node.name}'.`;
  const code = returnCode('error', 'delete', 'node', 997);
  return { code, message, cause: 'Resource is mounted/in use.', details, correction, refs };
}

function definitionsOn(context: LinstorContext, node: LinstorNode): ResourceDefinition[] {
  return sorted(context.store.definitions).filter((each) => each.resources.has(node.name.toLowerCase()));
}

function remove(context: LinstorContext, node: LinstorNode, reply: Reply): Message[] {
  const held = definitionsOn(context, node);
  const messages: Message[] = [];
  const code = returnCode('success', 'delete', 'node', 2);
  const uuid = `Node '${node.name}' UUID is: ${node.uuid}`;
  if (held.length > 0) {
    messages.push({ code, message: `Node '${node.name}' marked for deletion.`, details: uuid, refs: reply.refs });
    if (!isOnline(node)) messages.push(notConnected(node, reply));
    for (const each of held) messages.push(done(`Deleted resource '${each.name}' on '${node.name}'`, reply));
  }
  for (const definition of held) messages.push(...forget(context, definition, node, reply));
  context.store.nodes.delete(node.name.toLowerCase());
  messages.push({
    code,
    message: `Node '${node.name}' deleted.`,
    details: uuid.replace(' is: ', ' was: '),
    refs: reply.refs,
  });
  return messages;
}

function forget(context: LinstorContext, definition: ResourceDefinition, node: LinstorNode, reply: Reply): Message[] {
  definition.resources.delete(node.name.toLowerCase());
  context.kernel.removeReplica(definition.name, node.name);
  const messages = adjusted(
    context,
    definition,
    reply,
    (each) => `Notified '${each.node}' that resource '${definition.name}' on '${node.name}' is being deleted`,
  );
  messages.push(...keepQuorum(context, definition, reply).messages);
  return messages;
}
