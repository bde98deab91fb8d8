import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import { sameJson } from './same-json.ts';
import type { SchemaNode } from './structural-schema.ts';
import { emptySchema } from './structural-schema.ts';

/** A patch that cannot be read. */
export class StrategicPatchError extends Error {}

/**
 * Strategic merge patch of a built-in kind (`pkg/util/strategicpatch` of k8s.io/apimachinery): lists with a merge key
 * are merged item by item; `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` direct it.
 */
export function strategicPatch(schema: SchemaNode, target: JsonObject, patch: JsonObject): JsonObject {
  return mergeObject(schema, target, patch);
}

const orderPrefix = '$setElementOrder/';
const removePrefix = '$deleteFromPrimitiveList/';

function mergeObject(schema: SchemaNode, target: JsonObject, patch: JsonObject): JsonObject {
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
      const after = mergeObject(fieldSchema(schema, field), base, value);
      if (value['$patch'] === 'delete') delete merged[field];
      else merged[field] = after;
    } else if (Array.isArray(value)) {
      const items = Array.isArray(before) ? (before as readonly Json[]) : [];
      const list = mergeList(fieldSchema(schema, field), items, value as readonly Json[]);
      const isOrdered = patch[`${orderPrefix}${field}`] !== undefined;
      merged[field] = isOrdered ? list : ordered(fieldSchema(schema, field), list, value as readonly Json[], items);
    } else merged[field] = value;
  }
  for (const field of Object.keys(patch)) applyListDirective(schema, merged, patch, field);
  return merged;
}

function retained(target: JsonObject, keys: Json | undefined): JsonObject {
  if (!Array.isArray(keys)) return target;
  return Object.fromEntries(Object.entries(target).filter(([field]) => keys.includes(field)));
}

function applyListDirective(
  schema: SchemaNode,
  merged: Record<string, Json | undefined>,
  patch: JsonObject,
  directive: string,
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
    if (Array.isArray(present)) merged[field] = ordered(fieldSchema(schema, field), present as readonly Json[], values);
  }
}

function fieldSchema(schema: SchemaNode, field: string): SchemaNode {
  const found = schema.properties.get(field) ?? schema.additional;
  return found === undefined || found === true ? emptySchema : found;
}

function mergeList(schema: SchemaNode, target: readonly Json[], patch: readonly Json[]): readonly Json[] {
  const { patchMergeKey: key } = schema;
  if (key === undefined) return patch;
  if (key === '') return [...target, ...patch.filter((item) => !target.some((other) => sameJson(other, item)))];
  const replaces = patch.some((item) => isJsonObject(item) && item['$patch'] === 'replace');
  if (replaces) return patch.filter((item) => isJsonObject(item) && item['$patch'] === undefined);
  const itemSchema = schema.items ?? emptySchema;
  let merged = [...target];
  for (const item of patch) {
    if (!isJsonObject(item) || item[key] === undefined) {
      throw new StrategicPatchError(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const index = merged.findIndex((other) => isJsonObject(other) && sameJson(other[key], item[key]));
    if (item['$patch'] === 'delete') {
      if (index >= 0) merged = merged.toSpliced(index, 1);
    } else if (index >= 0) merged[index] = mergeObject(itemSchema, merged[index] as JsonObject, item);
    else merged.push(mergeObject(itemSchema, {}, item));
  }
  return merged;
}

// `normalizeElementOrder`: the order that the patch asks for; what only the server has comes as soon as nothing that the patch
// names stands before it there.
function ordered(
  schema: SchemaNode,
  items: readonly Json[],
  order: readonly Json[],
  server: readonly Json[] = items,
): readonly Json[] {
  const { patchMergeKey: key } = schema;
  if (key === undefined) return items;
  const keyOf = (item: Json): Json => (key !== '' && isJsonObject(item) ? (item[key] ?? null) : item);
  const rankIn = (list: readonly Json[], item: Json): number =>
    list.findIndex((other) => sameJson(keyOf(other), keyOf(item)));
  const asked = items
    .filter((item) => rankIn(order, item) >= 0)
    .toSorted((a, b) => rankIn(order, a) - rankIn(order, b));
  const others = items.filter((item) => rankIn(order, item) < 0);
  const result: Json[] = [];
  while (asked.length > 0 && others.length > 0) {
    const place = rankIn(server, asked[0] as Json);
    const isFirst = place >= 0 && rankIn(server, others[0] as Json) < place;
    result.push((isFirst ? others.shift() : asked.shift()) as Json);
  }
  return [...result, ...asked, ...others];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([field]) => !field.startsWith('$')));
}
