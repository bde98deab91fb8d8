import { at, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { podIsFinal } from '../launcher-pod.ts';
import { type Amounts, amountsIn, requestsOfPod, sumOf } from './pod-requests.ts';

/** What is left on each node that says what it has: allocatable, less what the pods on it request. May be below zero. */
export function roomOnNodes(nodes: readonly KubeObject[], pods: readonly KubeObject[]): ReadonlyMap<string, Amounts> {
  const taken = new Map<string, Amounts[]>();
  for (const pod of pods) {
    const node = textAt(pod, 'spec', 'nodeName');
    if (node === undefined || podIsFinal(pod)) continue;
    const onNode = taken.get(node);
    if (onNode === undefined) taken.set(node, [requestsOfPod(pod)]);
    else onNode.push(requestsOfPod(pod));
  }
  const left = new Map<string, Amounts>();
  for (const node of nodes) {
    if (at(node, 'status', 'allocatable') === undefined) continue;
    const allocatable = amountsIn(objectAt(node, 'status', 'allocatable'));
    left.set(node.metadata.name, less(allocatable, sumOf(taken.get(node.metadata.name) ?? [])));
  }
  return left;
}

/** The resources of which less is left than requested; nothing that is not requested is ever short. */
export function shortages(requests: Amounts, left: Amounts): readonly string[] {
  return Object.keys(requests).filter((name) => (requests[name] ?? 0) > 0 && (requests[name] ?? 0) > (left[name] ?? 0));
}

/** A pod that is to come: what it requests, and the nodes that take it but for room. */
export interface Demand {
  readonly name: string;
  readonly requests: Amounts;
  readonly nodes: readonly string[];
}

/**
 * Whether there is room for all pods. `noRoomFor`: one of them fits on none of its nodes. `tooMany`: together they request
 * more of a resource than all their nodes have left. `tight`: neither is the case, and yet no way to place all was found.
 */
export type Placement =
  | { readonly kind: 'fits' }
  | { readonly kind: 'noRoomFor'; readonly demand: Demand }
  | { readonly kind: 'tooMany'; readonly resource: string; readonly requested: number; readonly left: number }
  | { readonly kind: 'tight' };

/** Looks for room on nodes with so much left. A node that is not among them counts as full. */
export function placementOf(demands: readonly Demand[], rooms: ReadonlyMap<string, Amounts>): Placement {
  const misfit = demands.find(({ requests, nodes }) => nodes.every((node) => !fits(requests, rooms.get(node))));
  if (misfit !== undefined) return { kind: 'noRoomFor', demand: misfit };
  return excessOf(demands, rooms) ?? { kind: canPlaceAll(demands, rooms) ? 'fits' : 'tight' };
}

function fits(requests: Amounts, left: Amounts | undefined): boolean {
  return left !== undefined && shortages(requests, left).length === 0;
}

function excessOf(demands: readonly Demand[], rooms: ReadonlyMap<string, Amounts>): Placement | undefined {
  const requested = sumOf(demands.map(({ requests }) => requests));
  const nodes = new Set(demands.flatMap((demand) => demand.nodes));
  for (const [resource, amount] of Object.entries(requested)) {
    let left = 0;
    for (const node of nodes) left += Math.max(0, rooms.get(node)?.[resource] ?? 0);
    if (amount > left) return { kind: 'tooMany', resource, requested: amount, left };
  }
  return undefined;
}

/** The largest first, each on the node that has most memory left: not the best of all ways, but one that there is. */
function canPlaceAll(demands: readonly Demand[], rooms: ReadonlyMap<string, Amounts>): boolean {
  const left = new Map(rooms);
  const memory = (amounts: Amounts | undefined): number => amounts?.['memory'] ?? 0;
  for (const { requests, nodes } of demands.toSorted((a, b) => memory(b.requests) - memory(a.requests))) {
    const [chosen] = nodes
      .filter((node) => fits(requests, left.get(node)))
      .toSorted((a, b) => memory(left.get(b)) - memory(left.get(a)));
    if (chosen === undefined) return false;
    left.set(chosen, less(left.get(chosen) ?? {}, requests));
  }
  return true;
}

function less(amounts: Amounts, taken: Amounts): Amounts {
  const left: Record<string, number> = { ...amounts };
  for (const name in taken) left[name] = (amounts[name] ?? 0) - (taken[name] ?? 0);
  return left;
}
