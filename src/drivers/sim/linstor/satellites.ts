import type { Millis } from '../../../model/instant.ts';
import type { LinstorAnswer, Message } from './answer.ts';
import { messagesAnswer } from './answer.ts';
import { isOnline, type LinstorContext, silenceLimit } from './context.ts';
import { type LinstorObject, type Operation, returnCode } from './ret-codes.ts';
import {
  findByName,
  type LinstorNode,
  type LinstorResource,
  type ResourceDefinition,
  sorted,
  volumesOf,
} from './store.ts';

/** What the messages of one request have in common. */
export interface Reply {
  readonly operation: Operation;
  readonly object: LinstorObject;
  /** Names of the objects that the request is about; undefined for the controller. */
  readonly refs: Readonly<Record<string, string>> | undefined;
  /** `Resource definition: vm` */
  readonly details: string;
}

/*
 * LINSTOR answers a change when its satellites have made it, with what each of them told. A satellite that is not connected is
 * named first; it hears of the change when it is back.
 */

/**
 * One pass over the satellites of a definition: each adjusts DRBD, or takes it down for a deletion. `told` is what the controller
 * says of a node when it has answered.
 */
export function adjusted(
  context: LinstorContext,
  definition: ResourceDefinition,
  reply: Reply,
  told: (resource: LinstorResource) => string | undefined = () => undefined,
): Message[] {
  const offline: Message[] = [];
  const online: Message[] = [];
  const hasDrbd = definition.layers.includes('DRBD');
  for (const resource of sorted(definition.resources)) {
    const node = findByName(context.store.nodes, resource.node);
    if (node?.connection === 'silent') continue;
    const target = isOnline(node) ? online : offline;
    if (!isOnline(node)) target.push(notConnected(node, reply));
    else if (hasDrbd && !resource.isDown && !resource.inactive) {
      target.push(drbdMessage(resource, definition, resource.deleting ? 'deleted' : 'adjusted', reply));
      resource.isDown = resource.deleting;
    }
    const text = told(resource);
    if (text !== undefined) target.push(done(text, reply));
  }
  return [...offline, ...online];
}

/** A new replica: its satellite makes it, the others learn of their peer, and DRBD becomes ready. */
export function created(
  context: LinstorContext,
  definition: ResourceDefinition,
  added: readonly LinstorResource[],
  reply: Reply,
): Message[] {
  const { name } = definition;
  const names = added.map((each) => `'${each.node}'`).join(', ');
  // A former diskless replica has its volumes already.
  const fresh = added.filter((each) => each.initialized);
  const messages = fresh.flatMap((each) => volumeMessages(context, definition, each, 'created', reply));
  messages.push(
    ...adjusted(context, definition, reply, (resource) =>
      added.includes(resource)
        ? `Created resource '${name}' on '${resource.node}'`
        : `Added peer(s) ${names} to resource '${name}' on '${resource.node}'`,
    ),
  );
  if (definition.resources.size > 1) for (const each of added) messages.push(ready(definition, each, reply));
  return messages;
}

function ready(definition: ResourceDefinition, resource: LinstorResource, reply: Reply): Message {
  const message = `Resource '${definition.name}' on '${resource.node}' ready`;
  return {
    code: returnCode('success', reply.operation, reply.object, 1),
    message,
    details: reply.details,
    refs: reply.refs,
  };
}

/** `(pri-a) Resource 'vm' [DRBD] adjusted.` */
export function drbdMessage(
  resource: LinstorResource,
  definition: ResourceDefinition,
  what: 'adjusted' | 'deleted',
  reply: Reply,
): Message {
  const code = returnCode('success', reply.operation, 'resource', what === 'adjusted' ? 3 : 2);
  return { code, message: `(${resource.node}) Resource '${definition.name}' [DRBD] ${what}.`, refs: reply.refs };
}

/** `(pri-a) Volume number 0 of resource 'vm' [LVM THIN] created`, for a replica that has a disk and is within reach. */
export function volumeMessages(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  what: 'created' | 'deleted' | 'deactivated',
  reply: Reply,
  volumes = volumesOf(definition),
): Message[] {
  if (resource.kind !== 'diskful' || !isOnline(findByName(context.store.nodes, resource.node))) return [];
  const provider = providerOf(context, resource).replaceAll('_', ' ');
  const code = returnCode('success', reply.operation, 'volume', { created: 1, deleted: 2, deactivated: 3 }[what]);
  return volumes.map(({ number }) => ({
    code,
    message: `(${resource.node}) Volume number ${number} of resource '${definition.name}' [${provider}] ${what}`,
    refs: { RscDfn: definition.name, ...reply.refs, VlmNr: String(number) },
  }));
}

/** What a replica's pool is made of: `LVM_THIN`. */
export function providerOf(context: LinstorContext, { node, properties }: LinstorResource): string {
  const pools = findByName(context.store.nodes, node)?.pools;
  return pools?.get((properties.get('StorPoolName') ?? '').toLowerCase())?.provider ?? 'LVM_THIN';
}

/** What the controller says when a satellite has done its part. */
export function done(message: string, reply: Reply): Message {
  return { code: returnCode('success', reply.operation, reply.object, 3), message, refs: reply.refs };
}

export function notConnected(
  node: LinstorNode | undefined,
  { operation, object, refs }: Omit<Reply, 'details'>,
): Message {
  return {
    code: returnCode('warn', operation, object, 1002),
    message: `No active connection to satellite '${node?.name ?? ''}'`,
    details: offlineDetails,
    refs,
  };
}

export const offlineDetails =
  'The controller is trying to (re-) establish a connection to the satellite. The controller stored the changes and as soon the satellite is connected, it will receive this update.';

/**
 * The answer to a change that the satellites of a definition had to be told of. A silent one makes it 500 after the controller has
 * given it up, although the change is stored. `subject` names the change: `Modification of resource definition 'vm'`.
 */
export function answerOfSatellites(
  context: LinstorContext,
  definition: ResourceDefinition,
  messages: readonly Message[],
  { subject, success, ...reply }: Reply & { readonly subject: string; readonly success: number },
): LinstorAnswer {
  let takes: Millis = 0;
  for (const resource of definition.resources.values()) {
    const node = findByName(context.store.nodes, resource.node);
    if (node?.connection === 'silent') takes = Math.max(takes, node.silentSince + silenceLimit - context.now);
  }
  if (takes === 0) return messagesAnswer(messages, context.wallNow, success);
  const failure: Message = {
    code: returnCode('error', reply.operation, reply.object, 998),
    message: `${subject} failed due to an unhandled exception of type PeerClosingConnectionException. null`,
    details: reply.details,
    refs: reply.refs,
  };
  return messagesAnswer([...messages, failure], context.wallNow, success, takes);
}
