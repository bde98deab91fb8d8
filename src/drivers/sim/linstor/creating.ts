import type { Message } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { deploy } from './deployment.ts';
import { missing } from './missing.ts';
import { poolFor } from './placement.ts';
import { finishQuorum, keepQuorum, poolSet } from './quorum.ts';
import { returnCode } from './ret-codes.ts';
import { created, type Reply } from './satellites.ts';
import { type LinstorNode, type LinstorResource, type ResourceDefinition, sizeOf, volumesOf } from './store.ts';

export interface WantedReplica {
  readonly diskful: boolean;
  /** The pool that was asked for; undefined for any with room. */
  readonly pool: string | undefined;
  /** LINSTOR tells of the pool that it has put on the replica. */
  readonly tellsPool: boolean;
  /** Made for the use of the volume on that node alone. */
  readonly isClient?: boolean;
}

export const disklessPool = 'DfltDisklessStorPool';

/** Makes one replica where there is none, with what it does to quorum. Answers the refusal where the node cannot take it. */
export function createReplica(
  context: LinstorContext,
  definition: ResourceDefinition,
  node: LinstorNode,
  { diskful, pool: asked, tellsPool, isClient = false }: WantedReplica,
  reply: Reply,
): readonly Message[] {
  const refusal =
    refuseLayers(definition, [node], reply) ?? refusePool(context, node, diskful ? asked : undefined, reply);
  if (refusal !== undefined) return [refusal];
  const pool = diskful ? (asked ?? poolFor(node, {}, sizeOf(definition)) ?? '') : disklessPool;
  const resource = deploy(context, definition, node, diskful ? 'diskful' : 'client', pool);
  resource.isClient = isClient;
  const quorum = keepQuorum(context, definition, reply);
  return [
    ...(tellsPool ? [poolSet(reply.refs)] : []),
    ...quorum.messages,
    ...registered(definition, resource, reply),
    ...created(context, definition, [resource], reply),
    ...finishQuorum(context, definition, quorum, reply),
  ];
}

/** A satellite does what its host can: without the kernel module there is no DRBD on it. */
export function refuseLayers(
  definition: ResourceDefinition,
  nodes: readonly LinstorNode[],
  { operation, object, details, refs }: Reply,
): Message | undefined {
  for (const node of nodes) {
    const lacking = definition.layers.filter((layer) => !node.layers.includes(layer));
    if (lacking.length === 0) continue;
    const message = `Satellite '${node.name}' does not support the following layers: [${lacking.join(', ')}]`;
    return { code: returnCode('error', operation, object, 988), message, details, refs };
  }
  return undefined;
}

/** A pool that nobody has is unknown; one that only this node lacks is missing. */
function refusePool(
  context: LinstorContext,
  node: LinstorNode,
  pool: string | undefined,
  { operation, object, details, refs }: Reply,
): Message | undefined {
  if (pool === undefined || node.pools.has(pool.toLowerCase())) return undefined;
  const exists = [...context.store.nodes.values()].some((each) => each.pools.has(pool.toLowerCase()));
  if (!exists) return missing('storage pool definition', pool, operation, object, details, refs);
  const message = `Storage pool '${pool}' on node '${node.name}' not found.`;
  return { code: returnCode('error', operation, object, 310), message, details, refs };
}

function registered(definition: ResourceDefinition, resource: LinstorResource, { operation, refs }: Reply): Message[] {
  const where = `'${definition.name}' on node '${resource.node}'`;
  return [
    {
      code: returnCode('success', operation, 'resource', 1),
      message: `New resource ${where} registered.`,
      details: `Resource ${where} UUID is: ${resource.uuid}`,
      refs: { UUID: resource.uuid, ...refs },
    },
    ...volumesOf(definition).map(({ number }) => ({
      code: returnCode('success', operation, 'volume', 1),
      message: `Volume with number '${number}' on resource ${where} successfully registered`,
      details: `Volume UUID is: ${resource.volumeUuids.get(number) ?? ''}`,
      refs: { ...refs, VlmNr: String(number), Node: resource.node },
    })),
  ];
}
