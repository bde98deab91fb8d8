import type { Message } from './answer.ts';
import type { LinstorContext } from './context.ts';
import { refuseLayers } from './creating.ts';
import { deploy } from './deployment.ts';
import { poolsOf } from './groups.ts';
import { chooseNodes, poolFor } from './placement.ts';
import { finishQuorum, keepQuorum, poolSet } from './quorum.ts';
import { returnCode } from './ret-codes.ts';
import { created, type Reply } from './satellites.ts';
import { diskfulOf, type LinstorNode, type ResourceDefinition, type SelectFilter, sizeOf } from './store.ts';
import { addDisk } from './toggle-disk.ts';

/** Places the missing diskful replicas by a filter, quietly. Undefined where there are not enough nodes. */
export function placeReplicas(
  context: LinstorContext,
  definition: ResourceDefinition,
  filter: SelectFilter,
): LinstorNode[] | undefined {
  const nodes = chooseNodes(context, definition, filter, sizeOf(definition));
  for (const node of nodes ?? []) {
    deploy(context, definition, node, 'diskful', poolFor(node, filter, sizeOf(definition)) ?? '');
  }
  return nodes;
}

/** What LINSTOR says of a placement, and what its satellites tell when they have made it. */
export interface Placement {
  readonly said: readonly Message[];
  readonly work: readonly Message[];
}

/** The same with all that is told of it: used nodes and quorum, or why there is no place. */
export function placeAndTell(
  context: LinstorContext,
  definition: ResourceDefinition,
  filter: SelectFilter,
  reply: Reply,
): Placement {
  const present = diskfulOf(definition);
  if (present.length > 0 && present.length >= wantedCount(definition, filter)) {
    return { said: [placedBefore(definition, reply)], work: [] };
  }
  const size = sizeOf(definition);
  const nodes = chooseNodes(context, definition, filter, size);
  if (nodes === undefined) {
    return { said: [notEnoughNodes(definition, filter, size, reply)], work: [] };
  }
  const refusal = refuseLayers(definition, nodes, reply);
  if (refusal !== undefined) return { said: [refusal], work: [] };
  const pools = new Map(nodes.map((node) => [node, poolFor(node, filter, size) ?? '']));
  const fresh = nodes.filter((node) => !definition.resources.has(node.name.toLowerCase()));
  const added = fresh.map((node) => deploy(context, definition, node, 'diskful', pools.get(node) ?? ''));
  const placed = [...fresh.map(() => poolSet(reply.refs)), placedMessage(definition, pools, reply)];
  const quorum = keepQuorum(context, definition, reply);
  const work: Message[] = [];
  for (const [node, pool] of pools) {
    const former = definition.resources.get(node.name.toLowerCase());
    if (former === undefined || former.kind === 'diskful') continue;
    const refs = { ...reply.refs, Node: node.name };
    work.push(...addDisk(context, definition, former, pool, { ...reply, operation: 'modify', refs, by: 'user' }));
    added.push(former);
  }
  work.push(...created(context, definition, added, reply), ...finishQuorum(context, definition, quorum, reply));
  return { said: [...placed, ...quorum.messages], work };
}

function wantedCount(definition: ResourceDefinition, filter: SelectFilter): number {
  if (filter.additional_place_count === undefined) return filter.place_count ?? 2;
  return diskfulOf(definition).length + filter.additional_place_count;
}

function placedBefore(definition: ResourceDefinition, reply: Reply): Message {
  const used = diskfulOf(definition).map((each) => `'${each.node}'`);
  return {
    code: returnCode('warn', reply.operation, reply.object, 1006),
    message: `Resource '${definition.name}' was already deployed on ${used.length} nodes. Skipping.`,
    details: `Used nodes: ${used.join(', ')}\n${reply.details}`,
    refs: reply.refs,
  };
}

/** "Not enough available nodes", with the criteria and settings that LINSTOR lists. */
export function notEnoughNodes(
  definition: ResourceDefinition,
  filter: SelectFilter,
  sizeKib: number,
  { operation, object, details, refs }: Reply,
): Message {
  const pools = poolsOf(filter) ?? [];
  const criteria = [
    ...(pools.length > 0 ? [`has a deployed storage pool named [${pools.join(', ')}]`] : []),
    `the storage pools have to have at least '${sizeKib}' free space`,
    'the current access context has enough privileges to use the node and the storage pool',
    'the node is online',
  ];
  const count = wantedCount(definition, filter);
  const rules: readonly (readonly [string, readonly string[]])[] = [
    ['Node names', filter.node_name_list ?? []],
    ['Storage pool name', pools],
    ['Do not place with resource', [definition.name]],
    ['Replicas on nodes with same property', filter.replicas_on_same ?? []],
    ['Replicas on nodes with different property', filter.replicas_on_different ?? []],
    ['Layer stack', filter.layer_stack ?? []],
  ];
  const settings = [
    `   Replica count: ${count}`,
    `   Additional replica count: ${count - diskfulOf(definition).length}`,
    ...rules.flatMap(([title, items]) =>
      items.length === 0 ? [] : [`   ${title}:`, ...items.map((item) => `      ${item}`)],
    ),
    ...(filter.diskless_on_remaining === undefined
      ? []
      : [`   Diskless on remaining: ${String(filter.diskless_on_remaining)}`]),
  ];
  const listed = criteria.map((line) => ` * ${line}`).join('\n');
  return {
    code: returnCode('error', operation, object, 996),
    message: 'Not enough available nodes',
    details: `Not enough nodes fulfilling the following auto-place criteria:\n${listed}\n\nAuto-place configuration details:\n${settings.join('\n')}\n\n${details}`,
    refs,
  };
}

function placedMessage(
  definition: ResourceDefinition,
  pools: ReadonlyMap<LinstorNode, string>,
  { operation, object, refs }: Reply,
): Message {
  const used = [...pools].map(([node, pool]) => `'${node.name} (${pool})'`);
  const places = [...pools].flatMap(([node, pool], index): (readonly [string, string])[] => [
    [`Node/${index}`, node.name],
    [`StoragePool/${index}/0`, `${pool},${node.pools.get(pool.toLowerCase())?.provider ?? ''}`],
  ]);
  return {
    code: returnCode('success', operation, object, 1),
    message: `Resource '${definition.name}' successfully autoplaced on ${used.length} nodes`,
    details: `Used nodes (storage pool name): ${used.join(', ')}`,
    refs: { ...refs, ...Object.fromEntries(places) },
  };
}
