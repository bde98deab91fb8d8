import type { Message } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { deploy, undeploy } from './deployment.ts';
import { chooseNodes, poolFor } from './placement.ts';
import { returnCode } from './ret-codes.ts';
import type { LinstorNode, ResourceDefinition, SelectFilter } from './store.ts';

/** Places the missing diskful replicas by a filter. Undefined where there are not enough nodes. */
export function placeReplicas(
  context: LinstorContext,
  definition: ResourceDefinition,
  filter: SelectFilter,
): LinstorNode[] | undefined {
  const sizeKib = definition.volume?.sizeKib ?? 0;
  const nodes = chooseNodes(context, definition, filter, sizeKib);
  for (const node of nodes ?? []) {
    const present = definition.resources.get(node.name.toLowerCase());
    if (present !== undefined) undeploy(context, definition, present);
    deploy(context, definition, node, 'diskful', poolFor(node, filter, sizeKib) ?? '');
  }
  return nodes;
}

/** "Not enough available nodes", with the criteria that LINSTOR lists. */
export function notEnoughNodes(
  filter: SelectFilter,
  sizeKib: number,
  object: 'resource' | 'resourceGroup',
  refs: Message['refs'],
): Message {
  const pools = filter.storage_pool_list ?? (filter.storage_pool === undefined ? [] : [filter.storage_pool]);
  const lines = [
    ...(pools.length > 0 ? [` * has a deployed storage pool named [${pools.join(', ')}]`] : []),
    ` * the storage pools have to have at least '${sizeKib}' free space`,
    ' * the current access context has enough privileges to use the node and the storage pool',
    ' * the node is online',
  ];
  return {
    code: returnCode('error', 'create', object, 996),
    message: 'Not enough available nodes',
    details: `Not enough nodes fulfilling the following auto-place criteria:\n${lines.join('\n')}\n\nAuto-place configuration details:\n   Replica count: ${filter.place_count ?? 2}`,
    ...(refs === undefined ? {} : { refs }),
  };
}

export function placedMessage(
  definition: ResourceDefinition,
  nodes: readonly LinstorNode[],
  object: 'resource' | 'resourceGroup',
  refs: Record<string, string>,
): Message {
  const used = nodes.map((node) => `'${node.name} (${poolName(definition, node)})'`);
  return {
    code: returnCode('success', 'create', object, 1),
    message: `Resource '${definition.name}' successfully autoplaced on ${nodes.length} nodes`,
    details: `Used nodes (storage pool name): ${used.join(', ')}`,
    refs: { ...refs, ...Object.fromEntries(nodes.flatMap((node, index) => placeRefs(definition, node, index))) },
  };
}

function placeRefs(definition: ResourceDefinition, node: LinstorNode, index: number): (readonly [string, string])[] {
  const pool = poolName(definition, node);
  const provider = node.pools.get(pool.toLowerCase())?.provider ?? '';
  return [
    [`Node/${index}`, node.name],
    [`StoragePool/${index}/0`, `${pool},${provider}`],
  ];
}

function poolName(definition: ResourceDefinition, node: LinstorNode): string {
  return definition.resources.get(node.name.toLowerCase())?.properties.get('StorPoolName') ?? '';
}
