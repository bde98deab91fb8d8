import { isOnline, type LinstorContext } from './context.ts';
import { diskfulOf, type LinstorNode, type ResourceDefinition, type SelectFilter, sorted } from './store.ts';

/**
 * Nodes for the missing diskful replicas of a definition, in the order of their names; undefined when there are not enough. Those
 * with the most room are taken first (LINSTOR's strategy `MaxFreeSpace`), among equals by name.
 */
export function chooseNodes(
  context: LinstorContext,
  definition: Pick<ResourceDefinition, 'resources'>,
  filter: SelectFilter,
  sizeKib: number,
): LinstorNode[] | undefined {
  const wanted = filter.additional_place_count ?? (filter.place_count ?? 2) - diskfulOf(definition).length;
  const named = (filter.node_name_list ?? []).map((name) => name.toLowerCase());
  const candidates = sorted(context.store.nodes).filter(
    (node) =>
      (named.length === 0 || named.includes(node.name.toLowerCase())) &&
      isOnline(node) &&
      poolFor(node, filter, sizeKib) !== undefined &&
      isFreeFor(definition, node),
  );
  const room = (node: LinstorNode): number => Math.max(...[...node.pools.values()].map((pool) => pool.freeKib));
  candidates.sort((a, b) => room(b) - room(a));
  const present = diskfulOf(definition).map((resource) => context.store.nodes.get(resource.node.toLowerCase()));
  const chosen = present.filter((node) => node !== undefined);
  const isDone = pick(candidates, chosen, chosen.length + Math.max(0, wanted), filter);
  return isDone ? chosen.slice(present.length).toSorted((a, b) => (a.name < b.name ? -1 : 1)) : undefined;
}

/** The pool that a replica would go to; undefined when the node has none with room. */
export function poolFor(node: LinstorNode, filter: SelectFilter, sizeKib: number): string | undefined {
  const allowed = filter.storage_pool_list ?? (filter.storage_pool === undefined ? undefined : [filter.storage_pool]);
  const pool = sorted(node.pools).find(
    (each) => (allowed === undefined || allowed.includes(each.name)) && each.freeKib >= sizeKib,
  );
  return pool?.name;
}

/** True when adding the node to the others keeps `replicas_on_same`, `replicas_on_different` and `x_replicas_on_different`. */
export function fitsWith(node: LinstorNode, others: readonly LinstorNode[], filter: SelectFilter): boolean {
  for (const rule of filter.replicas_on_same ?? []) {
    const [key, value] = splitRule(rule);
    const mine = node.properties.get(key);
    if (mine === undefined || (value !== undefined && mine !== value)) return false;
    if (others.some((other) => other.properties.get(key) !== mine)) return false;
  }
  for (const rule of filter.replicas_on_different ?? []) {
    const [key, value] = splitRule(rule);
    const mine = node.properties.get(key);
    if (value !== undefined) {
      if (mine === value) return false;
    } else if (mine !== undefined && others.some((other) => other.properties.get(key) === mine)) return false;
  }
  for (const [key, most] of Object.entries(filter.x_replicas_on_different_map ?? {})) {
    const mine = node.properties.get(key);
    if (mine !== undefined && others.filter((other) => other.properties.get(key) === mine).length >= most) return false;
  }
  return true;
}

/** Depth-first, so that a first choice that leads nowhere is taken back. */
function pick(candidates: readonly LinstorNode[], chosen: LinstorNode[], count: number, filter: SelectFilter): boolean {
  if (chosen.length >= count) return true;
  for (const node of candidates) {
    if (chosen.includes(node) || !fitsWith(node, chosen, filter)) continue;
    chosen.push(node);
    if (pick(candidates, chosen, count, filter)) return true;
    chosen.pop();
  }
  return false;
}

function isFreeFor(definition: Pick<ResourceDefinition, 'resources'>, node: LinstorNode): boolean {
  const present = definition.resources.get(node.name.toLowerCase());
  return present === undefined || present.kind === 'tiebreaker';
}

function splitRule(rule: string): [string, string | undefined] {
  const index = rule.indexOf('=');
  return index < 0 ? [rule, undefined] : [rule.slice(0, index), rule.slice(index + 1)];
}
