import type { Json, JsonObject } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';
import type { SchemaNode } from './structural-schema.ts';

/** What tells an item of a map-like list from the others. */
export function keyOf(item: Json, schema: SchemaNode): JsonObject {
  const key: Record<string, Json> = {};
  for (const field of schema.listMapKeys) {
    const value = isJsonObject(item) ? item[field] : undefined;
    const fallback = schema.items?.properties.get(field)?.default;
    if (value !== undefined || fallback !== undefined) key[field] = value ?? (fallback as Json);
  }
  return key;
}

/** True for the usual list: its keys are single texts, and no two are the same. */
export function hasDistinctKeys(items: readonly Json[], { listType, listMapKeys }: SchemaNode): boolean {
  const [field = ''] = listMapKeys;
  if (listType !== 'map' || listMapKeys.length !== 1) return items.length < 2;
  for (let index = 0; index < items.length; index++) {
    const key = (items[index] as JsonObject | null)?.[field];
    if (typeof key !== 'string') return false;
    for (let other = 0; other < index; other++) if ((items[other] as JsonObject)[field] === key) return false;
  }
  return true;
}
