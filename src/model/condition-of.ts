import { at, listAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';

/** A status condition as foreign objects carry it. Absent texts are empty. */
export interface SeenCondition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** The condition of that type in `status.conditions`; undefined when the object does not report it. */
export function conditionOf(object: KubeObject | undefined, type: string): SeenCondition | undefined {
  const found = listAt(object, 'status', 'conditions').find((condition) => at(condition, 'type') === type);
  if (found === undefined) return undefined;
  return {
    type,
    status: textAt(found, 'status') ?? 'Unknown',
    reason: textAt(found, 'reason') ?? '',
    message: textAt(found, 'message') ?? '',
  };
}
