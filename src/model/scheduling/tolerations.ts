import { type Json, textAt } from '../json.ts';

/** True when one of a pod's tolerations covers the taint. */
export function toleratesTaint(tolerations: readonly Json[], taint: Json): boolean {
  return tolerations.some((toleration) => coversTaint(toleration, taint));
}

/** True when the toleration is for the taint (`ToleratesTaint` in `staging/src/k8s.io/api/core/v1/toleration.go`). */
export function coversTaint(toleration: Json, taint: Json): boolean {
  const effect = textAt(toleration, 'effect');
  if (effect !== undefined && effect !== '' && effect !== textAt(taint, 'effect')) return false;
  const key = textAt(toleration, 'key') ?? '';
  if (key !== '' && key !== textAt(taint, 'key')) return false;
  if (textAt(toleration, 'operator') === 'Exists') return true;
  return key !== '' && (textAt(toleration, 'value') ?? '') === (textAt(taint, 'value') ?? '');
}
