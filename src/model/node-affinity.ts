import { at, isJsonObject, type Json, type JsonObject, listAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';

/** True when a PersistentVolume may be used on the node: it has no required node affinity, or the node meets it. */
export function volumeFitsNode(volume: KubeObject, node: KubeObject): boolean {
  return matchesNodeSelector(requiredAffinityOf(volume), node);
}

/** True when a PersistentVolume says where it may be used. The field cannot be changed once it is set. */
export function hasNodeAffinity(volume: KubeObject): boolean {
  return requiredAffinityOf(volume) !== undefined;
}

/** True for a node that meets one of the terms of a node selector; any node does when there is no selector. */
export function matchesNodeSelector(selector: JsonObject | undefined, node: KubeObject): boolean {
  return selector === undefined || listAt(selector, 'nodeSelectorTerms').some((term) => termMatches(term, node));
}

function requiredAffinityOf(volume: KubeObject): JsonObject | undefined {
  const required = at(volume, 'spec', 'nodeAffinity', 'required');
  return isJsonObject(required) ? required : undefined;
}

/** All requirements of a term must hold; an empty term matches nothing (staging/src/k8s.io/component-helpers nodeaffinity.go). */
function termMatches(term: Json, node: KubeObject): boolean {
  const expressions = listAt(term, 'matchExpressions');
  const fields = listAt(term, 'matchFields');
  if (expressions.length + fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    expressions.every((requirement) => requirementHolds(requirement, labels[textAt(requirement, 'key') ?? ''])) &&
    fields.every(
      (requirement) =>
        textAt(requirement, 'key') === 'metadata.name' && requirementHolds(requirement, node.metadata.name),
    )
  );
}

function requirementHolds(requirement: Json, value: string | undefined): boolean {
  const values = listAt(requirement, 'values');
  switch (textAt(requirement, 'operator') ?? '') {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}
