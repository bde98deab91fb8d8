import { flagAt, listAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import { toleratesTaint } from './taints.ts';

/**
 * Why a node does not take a pod, by the first filter that says no; undefined when it does. The order is that of the
 * default plugins: NodeUnschedulable, TaintToleration, NodeAffinity, VolumeBinding.
 */
export function rejectionOf(pod: KubeObject, node: KubeObject, affinities: readonly JsonObject[]): string | undefined {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  if (flagAt(node, 'spec', 'unschedulable') === true && !toleratesTaint(tolerations, cordoned)) {
    return 'node(s) were unschedulable';
  }
  for (const taint of listAt(node, 'spec', 'taints')) {
    const effect = textAt(taint, 'effect');
    if (effect === 'PreferNoSchedule' || toleratesTaint(tolerations, taint)) continue;
    return 'node(s) had untolerated taint(s)';
  }
  if (!isSelected(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  if (!affinities.every((required) => matchesTerms(required, node))) {
    return "node(s) didn't match PersistentVolume's node affinity";
  }
  return undefined;
}

const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function isSelected(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const isWanted = Object.entries(objectAt(pod, 'spec', 'nodeSelector')).every(([key, value]) => labels[key] === value);
  const field = 'requiredDuringSchedulingIgnoredDuringExecution';
  return isWanted && matchesTerms(objectAt(pod, 'spec', 'affinity', 'nodeAffinity', field), node);
}

/** Terms are ORed, the expressions of one are ANDed; no terms match everything. */
function matchesTerms(selector: JsonObject, node: KubeObject): boolean {
  const terms = listAt(selector, 'nodeSelectorTerms');
  if (terms.length === 0) return true;
  return terms.some(
    (term) =>
      listAt(term, 'matchExpressions').every((one) => matches(one, node.metadata.labels?.[textAt(one, 'key') ?? ''])) &&
      listAt(term, 'matchFields').every((one) => matches(one, node.metadata.name)),
  );
}

function matches(expression: Json, value: string | undefined): boolean {
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}
