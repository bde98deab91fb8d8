import type { Message } from './answer.ts';
import { isOnline, type LinstorContext } from './context.ts';
import { fitsWith } from './placement.ts';
import {
  autoTiebreakerProperty,
  drbdOptionsOf,
  effectiveProperty,
  inheritedProperty,
  quorumProperty,
} from './properties.ts';
import { type LinstorObject, type Operation, returnCode } from './ret-codes.ts';
import {
  disklessOf,
  diskfulOf,
  findByName,
  type LinstorNode,
  type LinstorResource,
  type ResourceDefinition,
  sorted,
} from './store.ts';

/** Creates a replica and its DRBD resource on a node. */
export function deploy(
  context: LinstorContext,
  definition: ResourceDefinition,
  node: LinstorNode,
  kind: LinstorResource['kind'],
  pool: string,
): LinstorResource {
  const resource: LinstorResource = {
    node: node.name,
    uuid: context.random.uuid(),
    volumeUuid: context.random.uuid(),
    createdAt: context.wallNow,
    nodeId: firstFreeId(definition),
    properties: new Map([['StorPoolName', pool]]),
    kind,
    deleting: false,
    report: undefined,
  };
  definition.resources.set(node.name.toLowerCase(), resource);
  if (isOnline(node)) bringUp(context, definition, resource);
  return resource;
}

/** Makes the DRBD resource of a replica on its node, unless it is there. */
export function bringUp(context: LinstorContext, definition: ResourceDefinition, resource: LinstorResource): void {
  const { volume } = definition;
  if (volume === undefined) return;
  const { kernel } = context;
  const kind = resource.kind === 'diskful' ? 'diskful' : 'diskless';
  if (kernel.resource(definition.name) === undefined) {
    const options = drbdOptionsOf(context.store, definition);
    kernel.createResource(definition.name, {
      sizeKib: volume.sizeKib,
      minor: volume.minor,
      replicas: { [resource.node]: kind },
      options,
      generation: volume.generation,
    });
  } else {
    kernel.addReplica(definition.name, resource.node, kind);
  }
}

/** Destroys a replica where its satellite can be told, and at its return where not. Answers whether it is gone. */
export function undeploy(context: LinstorContext, definition: ResourceDefinition, resource: LinstorResource): boolean {
  const node = findByName(context.store.nodes, resource.node);
  if (!isOnline(node)) {
    resource.deleting = true;
    return false;
  }
  definition.resources.delete(resource.node.toLowerCase());
  context.kernel.removeReplica(definition.name, resource.node);
  return true;
}

/** Gives DRBD the options that the properties say, where they differ. */
export function adjust(context: LinstorContext, definition: ResourceDefinition): void {
  const wanted = drbdOptionsOf(context.store, definition);
  for (const resource of definition.resources.values()) {
    const replica = context.kernel.replica(definition.name, resource.node);
    if (replica === undefined || !isOnline(findByName(context.store.nodes, resource.node))) continue;
    if (Object.entries(wanted).some(([name, value]) => replica.options[name as keyof typeof wanted] !== value)) {
      context.kernel.setOptions(definition.name, wanted, resource.node);
    }
  }
}

/**
 * Adds or removes the tiebreaker and sets the quorum property, after every change of a definition's replicas or properties
 * (LINBIT/linstor-server `CtrlRscAutoQuorumHelper`, `CtrlRscAutoTieBreakerHelper`).
 */
export function keepQuorum(
  context: LinstorContext,
  definition: ResourceDefinition,
  operation: Operation,
  object: LinstorObject = 'resource',
): Message[] {
  const refs = { RscDfn: definition.name };
  const messages = keepVerifyAlgorithm(context, definition, operation, object);
  const tiebreaker = disklessOf(definition).find((resource) => resource.kind === 'tiebreaker');
  const clients = disklessOf(definition).length - (tiebreaker === undefined ? 0 : 1);
  if (wantsTiebreaker(context, definition)) {
    if (tiebreaker === undefined && clients === 0) {
      const node = nodeForTiebreaker(context, definition);
      if (node === undefined) {
        messages.push({
          code: returnCode('warn', operation, object, 1013),
          message: `Could not find suitable node to automatically create a tie breaking resource for '${definition.name}'.`,
          refs,
        });
      } else {
        deploy(context, definition, node, 'tiebreaker', 'DfltDisklessStorPool');
        messages.push(poolSet(refs));
        messages.push({
          code: returnCode('info', operation, object, 10_003),
          message: `Tie breaker resource '${definition.name}' created on ${node.name}`,
          refs,
        });
      }
    } else if (tiebreaker !== undefined && clients > 0) {
      removeTiebreaker(context, definition, tiebreaker, messages, operation, object);
    }
  } else if (tiebreaker !== undefined) {
    removeTiebreaker(context, definition, tiebreaker, messages, operation, object);
  }
  setQuorum(context, definition, messages, operation, object);
  adjust(context, definition);
  context.report(definition.name);
  return messages;
}

/** The algorithm of online verify is chosen with the first replica on a disk (`CtrlRscDfnAutoVerifyAlgoHelper`). */
function keepVerifyAlgorithm(
  context: LinstorContext,
  definition: ResourceDefinition,
  operation: Operation,
  object: LinstorObject,
): Message[] {
  if (diskfulOf(definition).length === 0 || definition.properties.has(verifyProperty)) return [];
  if (inheritedProperty(context.store, definition, verifyProperty) !== undefined) return [];
  definition.properties.set(verifyProperty, 'sha512');
  const message = `Updated ${definition.name} DRBD auto verify algorithm to 'sha512'`;
  return [{ code: returnCode('info', operation, object, 0), message, refs: { RscDfn: definition.name } }];
}

const verifyProperty = 'DrbdOptions/auto-verify-alg';

function wantsTiebreaker(context: LinstorContext, definition: ResourceDefinition): boolean {
  const auto = effectiveProperty(context.store, definition, autoTiebreakerProperty) ?? 'true';
  if (!/^(true|yes)$/i.test(auto) || diskfulOf(definition).length !== 2) return false;
  return userQuorum(context, definition) !== 'off';
}

/** A quorum that a person has set: on the definition, its group or the controller. */
function userQuorum(context: LinstorContext, definition: ResourceDefinition): string | undefined {
  if (definition.quorumByUser) return definition.properties.get(quorumProperty);
  return inheritedProperty(context.store, definition, quorumProperty);
}

function nodeForTiebreaker(context: LinstorContext, definition: ResourceDefinition): LinstorNode | undefined {
  const { store } = context;
  const filter = findByName(store.groups, definition.group)?.filter ?? {};
  const rules = { ...filter, replicas_on_same: [] };
  const present = diskfulOf(definition).map((resource) => findByName(store.nodes, resource.node));
  const others = present.filter((node) => node !== undefined);
  return sorted(store.nodes).find(
    (node) => isOnline(node) && !definition.resources.has(node.name.toLowerCase()) && fitsWith(node, others, rules),
  );
}

/** LINSTOR tells of the property that it has put on a new replica. */
export function poolSet(refs: Readonly<Record<string, string>>): Message {
  const message = 'Successfully set property key(s): StorPoolName';
  return { code: returnCode('success', 'create', 'resource', 1), message, refs };
}

function removeTiebreaker(
  context: LinstorContext,
  definition: ResourceDefinition,
  tiebreaker: LinstorResource,
  messages: Message[],
  operation: Operation,
  object: LinstorObject,
): void {
  undeploy(context, definition, tiebreaker);
  messages.push({
    code: returnCode('info', operation, object, 10_004),
    message: 'Tie breaker marked for deletion',
    refs: { RscDfn: definition.name },
  });
}

function setQuorum(
  context: LinstorContext,
  definition: ResourceDefinition,
  messages: Message[],
  operation: Operation,
  object: LinstorObject,
): void {
  if (definition.quorumByUser) return;
  const diskful = diskfulOf(definition).length;
  const before = definition.properties.get(quorumProperty);
  if (diskful + disklessOf(definition).length === 0) return;
  const inherited = inheritedProperty(context.store, definition, quorumProperty);
  const enough = diskful >= 3 || (diskful === 2 && disklessOf(definition).length > 0);
  const wanted = inherited ?? (enough ? 'majority' : 'off');
  if (before === wanted) return;
  definition.properties.set(quorumProperty, wanted);
  const refs = { RscDfn: definition.name };
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

function firstFreeId(definition: ResourceDefinition): number {
  const used = [...definition.resources.values()].map((resource) => resource.nodeId);
  let id = 0;
  while (used.includes(id)) id++;
  return id;
}
