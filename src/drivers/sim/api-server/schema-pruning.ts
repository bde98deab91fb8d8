import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { SchemaNode } from './structural-schema.ts';

/** Told the path of each field that is dropped. */
export type UnknownField = (path: string) => void;

/**
 * Drops what the schema does not know (`pkg/apiserver/schema/pruning` of apiextensions-apiserver), and nulls that stand
 * for nothing (`PruneNonNullableNullsWithoutDefaults`) unless they are to be kept. Idempotent; answers the value itself when nothing is dropped. Parts that are the same object in `old`, which is pruned already, are not
 * looked at again.
 */
export function prune(
  value: JsonObject,
  schema: SchemaNode,
  old: unknown,
  unknown: UnknownField | undefined,
  keepsNulls = false,
): JsonObject {
  return pruneObject(value, schema, old, '', true, unknown, keepsNulls);
}

/** Kept at the top of every object and of embedded ones, whatever the schema says. */
const objectFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

function pruneValue(
  value: Json,
  schema: SchemaNode,
  old: unknown,
  path: string,
  unknown: UnknownField | undefined,
  keepsNulls: boolean,
): Json {
  if (value === old || value === null || typeof value !== 'object') return value;
  if (isJsonObject(value)) return pruneObject(value, schema, old, path, schema.embedded, unknown, keepsNulls);
  const { items } = schema;
  if (items === undefined) return value;
  const list = value;
  const before = Array.isArray(old) ? (old as readonly unknown[]) : [];
  const kept = list.map((item, index) =>
    pruneValue(item, items, before[index], `${path}[${index}]`, unknown, keepsNulls),
  );
  return kept.every((item, index) => item === list[index]) ? list : kept;
}

function pruneObject(
  value: JsonObject,
  schema: SchemaNode,
  old: unknown,
  path: string,
  isObjectRoot: boolean,
  unknown: UnknownField | undefined,
  keepsNulls: boolean,
): JsonObject {
  const before = isJsonObject(old) ? old : undefined;
  let kept: Record<string, Json | undefined> | undefined;
  for (const field in value) {
    const item = value[field];
    if (item === undefined || item === before?.[field] || (isObjectRoot && objectFields.has(field))) continue;
    const node = schema.properties.get(field) ?? schema.additional;
    const fieldPath = path === '' ? field : `${path}.${field}`;
    if (node === undefined) {
      if (schema.preservesUnknown) continue;
      unknown?.(fieldPath);
      kept ??= { ...value };
      delete kept[field];
      continue;
    }
    if (node === true) continue;
    if (item === null && !keepsNulls && !node.nullable && node.default === undefined) {
      kept ??= { ...value };
      delete kept[field];
      continue;
    }
    const result = pruneValue(item, node, before?.[field], fieldPath, unknown, keepsNulls);
    if (result === item) continue;
    kept ??= { ...value };
    kept[field] = result;
  }
  return kept ?? value;
}
