import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { SchemaNode } from './structural-schema.ts';

/**
 * Fills in the schema's defaults (`pkg/apiserver/schema/defaulting` of apiextensions-apiserver): where a field is absent,
 * or null although it may not be. Idempotent; answers the value itself when nothing is missing. Parts that are the same
 * object in `old` have their defaults already.
 */
export function applyDefaults(value: JsonObject, schema: SchemaNode, old: unknown): JsonObject {
  if (!schema.hasDefaults || value === old) return value;
  return defaultObject(value, schema, old);
}

function defaultValue(value: Json, schema: SchemaNode, old: unknown): Json {
  if (!schema.hasDefaults || value === old) return value;
  if (isJsonObject(value)) return defaultObject(value, schema, old);
  const { items } = schema;
  if (!Array.isArray(value) || items === undefined) return value;
  const list = value as readonly Json[];
  const before = Array.isArray(old) ? (old as readonly unknown[]) : [];
  const filled = list.map((item, index) => {
    if (item === null && items.default !== undefined && !items.nullable) return items.default;
    return defaultValue(item, items, before[index]);
  });
  return filled.every((item, index) => item === list[index]) ? list : filled;
}

function defaultObject(value: JsonObject, schema: SchemaNode, old: unknown): JsonObject {
  const before = isJsonObject(old) ? old : undefined;
  let filled: Record<string, Json | undefined> | undefined;
  const put = (field: string, item: Json): void => {
    filled ??= { ...value };
    filled[field] = item;
  };
  for (const [field, node] of schema.properties) {
    if (!node.hasDefaults) continue;
    const present = value[field];
    const missing = present === undefined || (present === null && !node.nullable);
    if (missing && node.default === undefined) continue;
    const start = missing ? (node.default as Json) : present;
    const item = defaultValue(start, node, missing ? undefined : before?.[field]);
    if (item !== present) put(field, item);
  }
  const { additional } = schema;
  if (additional === undefined || additional === true || !additional.hasDefaults) return filled ?? value;
  for (const field in value) {
    const present = value[field];
    if (schema.properties.has(field) || present === undefined) continue;
    const item =
      present === null && additional.default !== undefined && !additional.nullable
        ? additional.default
        : defaultValue(present, additional, before?.[field]);
    if (item !== present) put(field, item);
  }
  return filled ?? value;
}
