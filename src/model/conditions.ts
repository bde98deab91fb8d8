import { type Instant, timestamp } from './instant.ts';
import { type JsonObject, listAt, textAt } from './json.ts';

/** A condition as it is decided; times are filled in when it is merged. */
export interface DecidedCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * The conditions of a status after a decision, in the standard shape (metav1.Condition). `lastTransitionTime` moves only
 * when a status changes; conditions that were not decided now are kept.
 */
export function mergeConditions(
  status: unknown,
  decided: readonly DecidedCondition[],
  generation: number,
  now: Instant,
): readonly JsonObject[] {
  const earlier = listAt(status, 'conditions');
  const merged = decided.map((condition): JsonObject => {
    const before = earlier.find((candidate) => textAt(candidate, 'type') === condition.type);
    const since = textAt(before, 'status') === condition.status ? textAt(before, 'lastTransitionTime') : undefined;
    return { ...condition, observedGeneration: generation, lastTransitionTime: since ?? timestamp(now) };
  });
  const kept = earlier.filter(
    (candidate) => !decided.some((condition) => condition.type === textAt(candidate, 'type')),
  ) as readonly JsonObject[];
  return [...merged, ...kept];
}
