import { numberAt, textAt, type Json } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import { second, type Millis } from '../../../../model/instant.ts';

/** True when one of the tolerations covers the taint. */
export function toleratesTaint(tolerations: readonly Json[], taint: Json): boolean {
  return tolerations.some((toleration) => covers(toleration, taint));
}

/**
 * How long a pod may stay under a taint of effect NoExecute: 0 when it is not tolerated, undefined for ever, else the
 * shortest of the tolerations that cover it.
 */
export function toleratedFor(tolerations: readonly Json[], taint: Json): Millis | undefined {
  const covering = tolerations.filter((toleration) => covers(toleration, taint));
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

function covers(toleration: Json, taint: Json): boolean {
  const effect = textAt(toleration, 'effect');
  if (effect !== undefined && effect !== '' && effect !== textAt(taint, 'effect')) return false;
  const key = textAt(toleration, 'key') ?? '';
  if (key !== '' && key !== textAt(taint, 'key')) return false;
  if (textAt(toleration, 'operator') === 'Exists') return true;
  return key !== '' && (textAt(toleration, 'value') ?? '') === (textAt(taint, 'value') ?? '');
}
