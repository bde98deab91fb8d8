import { at, type Json, listAt, textAt } from './json.ts';
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
  for (const condition of listAt(object, 'status', 'conditions')) {
    if (at(condition, 'type') === type) return seenCondition(condition);
  }
  return undefined;
}

/** All conditions that an object reports. */
export function conditionsOf(object: KubeObject | undefined): readonly SeenCondition[] {
  return listAt(object, 'status', 'conditions').map(seenCondition);
}

function seenCondition(condition: Json): SeenCondition {
  return {
    type: textAt(condition, 'type') ?? '',
    status: textAt(condition, 'status') ?? 'Unknown',
    reason: textAt(condition, 'reason') ?? '',
    message: textAt(condition, 'message') ?? '',
  };
}
