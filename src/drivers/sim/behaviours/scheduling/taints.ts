import { numberAt, type Json } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import { coversTaint } from '../../../../model/scheduling/tolerations.ts';
import { second, type Millis } from '../../../../model/instant.ts';

/**
 * How long a pod may stay under a taint of effect NoExecute: 0 when it is not tolerated, undefined for ever, else the
 * shortest of the tolerations that cover it.
 */
export function toleratedFor(tolerations: readonly Json[], taint: Json): Millis | undefined {
  const covering = tolerations.filter((toleration) => coversTaint(toleration, taint));
  if (covering.length === 0) return 0;
  const limits = covering
    .map((toleration) => numberAt(toleration, 'tolerationSeconds'))
    .filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits)) * second;
}

/** The node with these taints in place of its own; without the field when there are none, as the API has it. */
export function withTaints(node: KubeObject, taints: readonly Json[]): KubeObject {
  const { taints: _, ...spec } = node.spec ?? {};
  return { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } };
}
