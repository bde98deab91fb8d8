import type { Message } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { undeploy } from './deployment.ts';
import { returnCode } from './ret-codes.ts';
import { adjusted, type Reply, volumeMessages } from './satellites.ts';
import { findByName, type LinstorResource, type ResourceDefinition } from './store.ts';

/** The end of a deletion: the satellite of the replica clears it away, the others forget it. Without that satellite it has to wait. */
export function cleanUp(
  context: LinstorContext,
  definition: ResourceDefinition,
  gone: LinstorResource,
  reply: Reply,
): Message[] {
  const { name } = definition;
  const isReachable = isOnline(findByName(context.store.nodes, gone.node));
  const told = (resource: LinstorResource): string | undefined => {
    if (resource !== gone)
      return `Notified '${resource.node}' that '${name}' is being cleaned up on Node(s): [${gone.node}]`;
    return isReachable ? `Cleaning up '${name}' on '${gone.node}'` : undefined;
  };
  const messages = [
    ...volumeMessages(context, definition, gone, 'deleted', reply),
    ...adjusted(context, definition, reply, told),
  ];
  if (!undeploy(context, definition, gone)) return messages;
  const where = `Node: ${gone.node}, Resource: ${name}`;
  const code = returnCode('success', reply.operation, reply.object, 2);
  const details = `${where} UUID was: ${gone.uuid}`;
  return [...messages, { code, message: `${where} deletion complete.`, details, refs: reply.refs }];
}
