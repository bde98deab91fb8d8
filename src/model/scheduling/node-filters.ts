import { at, flagAt, isJsonObject, listAt, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { matchesNodeSelector, volumeFitsNode } from '../node-affinity.ts';
import { shortages } from './node-room.ts';
import { type Amounts, requestsOfPod } from './pod-requests.ts';
import { toleratesTaint } from './tolerations.ts';

/**
 * Why a node does not take a pod, by the first filter that says no; none when it does. The order is that of the default plugins:
 * NodeUnschedulable, TaintToleration, NodeAffinity, NodeResourcesFit, VolumeBinding. `left`: what the node has left; without it
 * room is not asked for.
 */
export function rejectionsOf(
  pod: KubeObject,
  node: KubeObject,
  volumes: readonly KubeObject[],
  left?: Amounts,
): readonly string[] {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  if (flagAt(node, 'spec', 'unschedulable') === true && !toleratesTaint(tolerations, cordoned)) {
    return ['node(s) were unschedulable'];
  }
  for (const taint of listAt(node, 'spec', 'taints')) {
    const effect = textAt(taint, 'effect');
    if (effect === 'PreferNoSchedule' || toleratesTaint(tolerations, taint)) continue;
    return ['node(s) had untolerated taint(s)'];
  }
  if (!isSelected(pod, node)) return ["node(s) didn't match Pod's node affinity/selector"];
  const lacking = left === undefined ? [] : shortages(requestsOfPod(pod), left);
  if (lacking.length > 0) return lacking.map((name) => (name === 'pods' ? 'Too many pods' : `Insufficient ${name}`));
  if (!volumes.every((volume) => volumeFitsNode(volume, node))) {
    return ["node(s) didn't match PersistentVolume's node affinity"];
  }
  return [];
}

const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function isSelected(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const isWanted = Object.entries(objectAt(pod, 'spec', 'nodeSelector')).every(([key, value]) => labels[key] === value);
  const required = at(pod, 'spec', 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return isWanted && matchesNodeSelector(isJsonObject(required) ? required : undefined, node);
}
