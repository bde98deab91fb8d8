import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { listMerge } from './merge-keys.ts';
import { sameJson } from './same-json.ts';

/** A patch that cannot be read. */
export class StrategicPatchError extends Error {}

/**
 * Strategic merge patch of a built-in kind (`pkg/util/strategicpatch` of k8s.io/apimachinery): lists with a merge key
 * are merged item by item; `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` direct it.
 */
export function strategicPatch(kind: string, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(kind, target, patch, []);
}

const orderPrefix = '$setElementOrder/';
const removePrefix = '$deleteFromPrimitiveList/';

function mergeObject(kind: string, target: JsonObject, patch: JsonObject, path: readonly string[]): JsonObject {
  const directive = patch['$patch'];
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw new StrategicPatchError(`Unknown patch type found: ${JSON.stringify(directive)}`);
  const merged: Record<string, Json | undefined> = { ...retained(target, patch['$retainKeys']) };
  for (const [field, value] of Object.entries(patch)) {
    if (value === undefined || field.startsWith('$')) continue;
    const before = merged[field];
    if (value === null) delete merged[field];
    else if (isJsonObject(value)) {
      const base = isJsonObject(before) ? before : {};
      const after = mergeObject(kind, base, value, [...path, field]);
      if (value['$patch'] === 'delete') delete merged[field];
      else merged[field] = after;
    } else if (Array.isArray(value)) {
      merged[field] = mergeList(kind, Array.isArray(before) ? (before as readonly Json[]) : [], value, [
        ...path,
        field,
      ]);
    } else merged[field] = value;
  }
  for (const field of Object.keys(patch)) applyListDirective(kind, merged, patch, field, path);
  return merged;
}

function retained(target: JsonObject, keys: Json | undefined): JsonObject {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([field]) => keys.includes(field)));
}

function applyListDirective(
  kind: string,
  merged: Record<string, Json | undefined>,
  patch: JsonObject,
  directive: string,
  path: readonly string[],
): void {
  const argument = patch[directive];
  if (!Array.isArray(argument)) return;
  const values = argument as readonly Json[];
  if (directive.startsWith(removePrefix)) {
    const field = directive.slice(removePrefix.length);
    const present = merged[field];
    if (Array.isArray(present))
      merged[field] = (present as readonly Json[]).filter((item) => !values.some((gone) => sameJson(gone, item)));
  }
  if (directive.startsWith(orderPrefix)) {
    const field = directive.slice(orderPrefix.length);
    const present = merged[field];
    if (Array.isArray(present)) merged[field] = ordered(kind, present as readonly Json[], values, [...path, field]);
  }
}

function mergeList(
  kind: string,
  target: readonly Json[],
  patch: readonly Json[],
  path: readonly string[],
): readonly Json[] {
  const how = listMerge(kind, path);
  if (how.kind === 'atomic') return patch;
  if (how.kind === 'set') return [...target, ...patch.filter((item) => !target.some((other) => sameJson(other, item)))];
  const replaces = patch.some((item) => isJsonObject(item) && item['$patch'] === 'replace');
  if (replaces) return patch.filter((item) => isJsonObject(item) && item['$patch'] === undefined);
  let merged = [...target];
  for (const item of patch) {
    if (!isJsonObject(item) || item[how.key] === undefined) {
      throw new StrategicPatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${how.key}`);
    }
    const index = merged.findIndex((other) => isJsonObject(other) && sameJson(other[how.key], item[how.key]));
    if (item['$patch'] === 'delete') {
      if (index >= 0) merged = merged.toSpliced(index, 1);
    } else if (index >= 0) merged[index] = mergeObject(kind, merged[index] as JsonObject, item, path);
    else merged.push(mergeObject(kind, {}, item, path));
  }
  return merged;
}

// The order that the patch asks for; items that only the server has stay before the first one that follows them there.
function ordered(
  kind: string,
  items: readonly Json[],
  order: readonly Json[],
  path: readonly string[],
): readonly Json[] {
  const how = listMerge(kind, path);
  if (how.kind === 'atomic') return items;
  const keyOf = (item: Json): Json => (how.kind === 'map' && isJsonObject(item) ? (item[how.key] ?? null) : item);
  const rank = (item: Json): number => order.findIndex((wanted) => sameJson(keyOf(wanted), keyOf(item)));
  const asked = items.filter((item) => rank(item) >= 0).toSorted((a, b) => rank(a) - rank(b));
  const others = items.filter((item) => rank(item) < 0);
  const result: Json[] = [];
  while (asked.length > 0 && others.length > 0) {
    const next = items.indexOf(asked[0] as Json) < items.indexOf(others[0] as Json) ? asked.shift() : others.shift();
    result.push(next as Json);
  }
  return [...result, ...asked, ...others];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([field]) => !field.startsWith('$')));
}
