import { at, listAt, textAt, type Json, type JsonObject } from '../../../model/json.ts';
import { sameJson } from '../api-server/same-json.ts';

/** One entry of `status.conditions`, with what it says; the times are added by `withCondition`. */
export interface ConditionSays {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

/** The condition of a type in an object's status; undefined when it is not there. */
export function conditionOf(object: unknown, type: string): JsonObject | undefined {
  return conditionIn(listAt(object, 'status', 'conditions'), type);
}

/** The condition of a type in a list. */
export function conditionIn(conditions: readonly Json[], type: string): JsonObject | undefined {
  const index = indexOf(conditions, type);
  return index < 0 ? undefined : (conditions[index] as JsonObject);
}

/** True when the condition is there and its status is `True`. */
export function conditionHolds(object: unknown, type: string): boolean {
  return conditionOf(object, type)?.status === 'True';
}

/** The list with a condition put in its old place, or at the end. The same list when it already says so, times aside. */
export function withCondition(conditions: readonly Json[], says: ConditionSays, times: JsonObject): readonly Json[] {
  const present = conditionIn(conditions, says.type);
  if (present !== undefined && saysTheSame(present, says)) return conditions;
  const next = {
    ...times,
    ...(says.message === undefined ? {} : { message: says.message }),
    ...(says.reason === undefined ? {} : { reason: says.reason }),
    status: says.status,
    type: says.type,
  };
  return put(conditions, says.type, next);
}

/** The list with a condition copied as it stands. The same list when nothing differs. */
export function withCopiedCondition(conditions: readonly Json[], condition: JsonObject): readonly Json[] {
  const type = textAt(condition, 'type') ?? '';
  const present = conditionIn(conditions, type);
  return present !== undefined && sameJson(present, condition) ? conditions : put(conditions, type, condition);
}

/** The list without the conditions of a type; the same list when there are none. */
export function withoutCondition(conditions: readonly Json[], type: string): readonly Json[] {
  return conditionIn(conditions, type) === undefined
    ? conditions
    : conditions.filter((one) => at(one, 'type') !== type);
}

function indexOf(conditions: readonly Json[], type: string): number {
  for (let index = 0; index < conditions.length; index++) {
    if ((conditions[index] as JsonObject | null)?.type === type) return index;
  }
  return -1;
}

function saysTheSame(condition: JsonObject, says: ConditionSays): boolean {
  return condition.status === says.status && condition.reason === says.reason && condition.message === says.message;
}

function put(conditions: readonly Json[], type: string, condition: JsonObject): readonly Json[] {
  const index = indexOf(conditions, type);
  return index < 0 ? [...conditions, condition] : conditions.with(index, condition);
}
