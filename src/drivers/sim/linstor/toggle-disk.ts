import type { Message } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { changeDisk } from './deployment.ts';
import { finishQuorum, keepQuorum } from './quorum.ts';
import { adjusted, done, type Reply, volumeMessages } from './satellites.ts';
import type { LinstorResource, ResourceDefinition } from './store.ts';

/** Who made a diskless replica diskful: LINSTOR takes the disk away again of its own accord where it was not a person. */
export const diskfulBy = 'DiskfulBy';

/** Gives a diskless replica a disk in a pool; the peers make room for it first (`CtrlRscToggleDiskApiCallHandler`). */
export function addDisk(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  pool: string,
  { by, ...reply }: Reply & { readonly by: 'user' | 'make-available' | 'auto-diskful' },
): Message[] {
  const { node } = resource;
  const registered = done(`Addition of disk to resource '${definition.name}' on node '${node}' registered`, reply);
  const prepared = (each: LinstorResource): string | undefined =>
    each === resource ? undefined : `Prepared '${each.node}' to expect disk on '${node}'`;
  const messages = [registered, ...adjusted(context, definition, reply, prepared)];
  changeDisk(context, definition, resource, pool);
  resource.properties.set(diskfulBy, by);
  const quorum = keepQuorum(context, definition, reply);
  messages.push(...quorum.messages);
  messages.push(...volumeMessages(context, definition, resource, 'created', reply));
  const added = (each: LinstorResource): string | undefined =>
    each === resource ? `Added disk on '${node}'` : undefined;
  messages.push(...adjusted(context, definition, reply, added));
  messages.push(...finishQuorum(context, definition, quorum, reply));
  return messages;
}

/** Takes the disk of a replica away, which stays as a client or a tiebreaker. */
export function removeDisk(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  reply: Reply,
): Message[] {
  const { node } = resource;
  const registered = done(`Removal of disk from resource '${definition.name}' on node '${node}' registered`, reply);
  const removed = (each: LinstorResource): string | undefined =>
    each === resource ? `Removed disk on '${node}'` : undefined;
  const messages = [registered, ...adjusted(context, definition, reply, removed)];
  changeDisk(context, definition, resource, undefined);
  resource.properties.delete(diskfulBy);
  const quorum = keepQuorum(context, definition, reply);
  messages.push(...quorum.messages);
  const notified = (each: LinstorResource): string | undefined =>
    each === resource ? undefined : `Notified '${each.node}' that disk has been removed on '${node}'`;
  messages.push(...adjusted(context, definition, reply, notified));
  messages.push(...finishQuorum(context, definition, quorum, reply));
  return messages;
}
