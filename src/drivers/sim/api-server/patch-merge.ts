import type { Json } from '../../../model/json.ts';
import { isJsonObject } from '../../../model/json.ts';

/**
 * RFC 7396 JSON merge patch. Parts that the patch does not touch are shared with the target, and where the patch
 * changes nothing the target itself is answered, so that "nothing changed" shows as identity.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return sameScalar(target, patch) ? (target as Json) : patch;
  const base = isJsonObject(target) ? target : {};
  let merged: Record<string, Json | undefined> | undefined = base === target ? undefined : {};
  for (const field in patch) {
    const value = patch[field];
    const before = base[field];
    if (value === undefined) continue;
    if (value === null) {
      if (before === undefined) continue;
      merged ??= { ...base };
      delete merged[field];
      continue;
    }
    const after = mergePatch(before, value);
    if (after === before) continue;
    merged ??= { ...base };
    merged[field] = after;
  }
  return merged ?? base;
}

function sameScalar(a: Json | undefined, b: Json): boolean {
  return a === b && a !== undefined;
}
