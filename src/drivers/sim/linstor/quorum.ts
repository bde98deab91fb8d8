import type { Message } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { cleanUp } from './clean-up.ts';
import { adjust, deploy } from './deployment.ts';
import { fitsWith } from './placement.ts';
import { autoTiebreakerProperty, effectiveProperty, inheritedProperty, quorumProperty } from './properties.ts';
import { returnCode } from './ret-codes.ts';
import { created, type Reply } from './satellites.ts';
import {
  diskfulOf,
  disklessOf,
  findByName,
  type LinstorNode,
  type LinstorResource,
  type ResourceDefinition,
  sorted,
} from './store.ts';

/** What became of the tiebreaker, and what was said about it and about quorum. */
export interface QuorumChange {
  readonly messages: readonly Message[];
  readonly added: LinstorResource | undefined;
  /** Marked for deletion; `finishQuorum` takes it away. */
  readonly removed: LinstorResource | undefined;
}

/** Who set the quorum of a definition: with `user`, AutoQuorum leaves it alone. */
export const quorumSetBy = 'Internal/Drbd/QuorumSetBy';

/**
 * Adds or marks the tiebreaker and sets the quorum property, at every change of a definition's replicas or properties
 * (LINBIT/linstor-server `CtrlRscAutoQuorumHelper`, `CtrlRscAutoTieBreakerHelper`). `without` is about to be deleted: it is no reason
 * for a tiebreaker any more, but counts for quorum until it is marked.
 */
export function keepQuorum(
  context: LinstorContext,
  definition: ResourceDefinition,
  reply: Reply,
  { without }: { readonly without?: LinstorResource } = {},
): QuorumChange {
  if (!definition.layers.includes('DRBD')) return { messages: [], added: undefined, removed: undefined };
  const messages = keepVerifyAlgorithm(context, definition, reply);
  const tiebreaker = sorted(definition.resources).find((each) => each.kind === 'tiebreaker' && each !== without);
  const stands = (each: LinstorResource): boolean => fitsAsTiebreaker(context, definition, each, without);
  const clients = disklessOf(definition).filter((each) => each.kind === 'client' && each !== without);
  let added: LinstorResource | undefined;
  let removed: LinstorResource | undefined;
  if (clients.some(stands) || !wantsTiebreaker(context, definition, without)) removed = tiebreaker;
  else if (tiebreaker === undefined) added = addTiebreaker(context, definition, messages, reply);
  if (removed !== undefined) {
    removed.deleting = removed.isDeletedAlone = true;
    const code = returnCode('info', reply.operation, reply.object, 10_004);
    messages.push({ code, message: 'Tie breaker marked for deletion', refs: reply.refs });
  }
  setQuorum(context, definition, messages, reply);
  adjust(context, definition);
  context.report(definition.name);
  return { messages, added, removed };
}

/** Makes the change on the nodes; answers what their satellites tell. */
export function finishQuorum(
  context: LinstorContext,
  definition: ResourceDefinition,
  { added, removed }: QuorumChange,
  reply: Reply,
): Message[] {
  const messages = added === undefined ? [] : created(context, definition, [added], reply);
  if (removed !== undefined) messages.push(...cleanUp(context, definition, removed, reply));
  return messages;
}

/** Both in one: for a change of properties or members that ends with it. */
export function settleQuorum(context: LinstorContext, definition: ResourceDefinition, reply: Reply): void {
  finishQuorum(context, definition, keepQuorum(context, definition, reply), reply);
}

/** True where LINSTOR keeps a replica, without its disk, as the tiebreaker of the two others. */
export function isKeptAsTiebreaker(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
): boolean {
  if (resource.kind === 'tiebreaker' || !wantsTiebreaker(context, definition, resource)) return false;
  if (disklessOf(definition).some((each) => each !== resource)) return false;
  return fitsAsTiebreaker(context, definition, resource, resource);
}

/** The algorithm of online verify is chosen with the first replica on a disk (`CtrlRscDfnAutoVerifyAlgoHelper`). */
function keepVerifyAlgorithm(context: LinstorContext, definition: ResourceDefinition, reply: Reply): Message[] {
  if (diskfulOf(definition).length === 0 || definition.properties.has(verifyProperty)) return [];
  if (inheritedProperty(context.store, definition, verifyProperty) !== undefined) return [];
  definition.properties.set(verifyProperty, 'sha512');
  const message = `Updated ${definition.name} DRBD auto verify algorithm to 'sha512'`;
  return [{ code: returnCode('info', reply.operation, reply.object, 0), message, refs: reply.refs }];
}

const verifyProperty = 'DrbdOptions/auto-verify-alg';

function wantsTiebreaker(
  context: LinstorContext,
  definition: ResourceDefinition,
  without: LinstorResource | undefined,
): boolean {
  const auto = effectiveProperty(context.store, definition, autoTiebreakerProperty) ?? 'true';
  const diskful = diskfulOf(definition).filter((each) => each !== without && !each.inactive).length;
  const quorum = userQuorum(context, definition) ?? 'majority';
  return /^(true|yes)$/i.test(auto) && diskful >= 2 && diskful % 2 === 0 && /^(majority|all)$/.test(quorum);
}

/** A quorum that a person has set: on the definition, its group or the controller. */
function userQuorum(context: LinstorContext, definition: ResourceDefinition): string | undefined {
  if (definition.properties.get(quorumSetBy) === 'user') return definition.properties.get(quorumProperty);
  return inheritedProperty(context.store, definition, quorumProperty);
}

function fitsAsTiebreaker(
  context: LinstorContext,
  definition: ResourceDefinition,
  resource: LinstorResource,
  without: LinstorResource | undefined,
): boolean {
  const node = findByName(context.store.nodes, resource.node);
  return node !== undefined && !resource.isClient && fitsBeside(context, definition, node, without);
}

function addTiebreaker(
  context: LinstorContext,
  definition: ResourceDefinition,
  messages: Message[],
  reply: Reply,
): LinstorResource | undefined {
  const node = sorted(context.store.nodes).find(
    (each) =>
      isOnline(each) &&
      each.layers.includes('DRBD') &&
      !definition.resources.has(each.name.toLowerCase()) &&
      fitsBeside(context, definition, each, undefined),
  );
  if (node === undefined) {
    messages.push({
      code: returnCode('warn', reply.operation, reply.object, 1013),
      message: `Could not find suitable node to automatically create a tie breaking resource for '${definition.name}'.`,
      refs: reply.refs,
    });
    return undefined;
  }
  messages.push(poolSet(reply.refs));
  messages.push({
    code: returnCode('info', reply.operation, reply.object, 10_003),
    message: `Tie breaker resource '${definition.name}' created on ${node.name}`,
    refs: reply.refs,
  });
  return deploy(context, definition, node, 'tiebreaker', 'DfltDisklessStorPool');
}

/** Where the group wants its replicas apart, the tiebreaker has to be apart from them too. */
function fitsBeside(
  context: LinstorContext,
  definition: ResourceDefinition,
  node: LinstorNode,
  without: LinstorResource | undefined,
): boolean {
  const { store } = context;
  const filter = findByName(store.groups, definition.group)?.filter ?? {};
  const others = diskfulOf(definition)
    .filter((each) => each !== without)
    .map((each) => findByName(store.nodes, each.node));
  const present = others.filter((each) => each !== undefined);
  return fitsWith(node, present, { ...filter, replicas_on_same: [] });
}

/** LINSTOR tells of the property that it has put on a new replica. */
export function poolSet(refs: Reply['refs']): Message {
  const message = 'Successfully set property key(s): StorPoolName';
  return { code: returnCode('success', 'create', 'resource', 1), message, refs };
}

function setQuorum(context: LinstorContext, definition: ResourceDefinition, messages: Message[], reply: Reply): void {
  if (definition.properties.get(quorumSetBy) === 'user') return;
  const diskful = diskfulOf(definition).length;
  const before = definition.properties.get(quorumProperty);
  const inherited = inheritedProperty(context.store, definition, quorumProperty);
  const enough = diskful >= 3 || (diskful === 2 && disklessOf(definition).length > 0);
  const wanted = inherited ?? (enough ? 'majority' : 'off');
  if (before === wanted) return;
  definition.properties.set(quorumProperty, wanted);
  const { operation, object, refs } = reply;
  if (before === 'majority' && wanted === 'off') {
    const message = `Resource-definition property '${quorumProperty}' was removed as there are not enough resources for quorum`;
    messages.push({ code: returnCode('info', operation, object, 10_005), message, refs });
  } else if (before !== undefined || wanted !== 'off' || inherited !== undefined) {
    const from = before === undefined ? 'undefined' : `'${before}'`;
    const by = inherited === undefined ? 'AutoQuorum' : 'User';
    const message = `Resource-definition property '${quorumProperty}' updated from ${from} to '${wanted}' by ${by}`;
    messages.push({ code: returnCode('info', operation, object, 10_002), message, refs });
  }
}
