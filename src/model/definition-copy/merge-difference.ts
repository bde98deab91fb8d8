import { isJsonObject, isSameJson, type Json, type JsonObject } from '../json.ts';

/** What a JSON merge patch (RFC 7396) has to say to turn one value into another, and the field paths that it changes. */
export interface Difference {
  readonly patch: JsonObject;
  readonly paths: readonly string[];
}

/**
 * The difference of two objects. Lists are compared and replaced as wholes, as a merge patch does.
 * @param isKept for a path below `path`, whether a field that only `existing` has is left alone; else the patch removes it
 */
export function differenceOf(
  existing: JsonObject,
  wanted: JsonObject,
  path: string,
  isKept: (path: string) => boolean,
): Difference {
  const patch: Record<string, Json> = {};
  const paths: string[] = [];
  for (const field of new Set([...Object.keys(existing), ...Object.keys(wanted)])) {
    const here = path === '' ? field : `${path}.${field}`;
    const before = existing[field];
    const after = wanted[field];
    if (after === undefined) {
      const removal = before === undefined ? undefined : removalOf(before, here, isKept);
      if (removal === undefined) continue;
      patch[field] = removal.patch;
      paths.push(...removal.paths);
    } else if (isJsonObject(before) && isJsonObject(after)) {
      const inner = differenceOf(before, after, here, isKept);
      if (inner.paths.length === 0) continue;
      patch[field] = inner.patch;
      paths.push(...inner.paths);
    } else if (!isSameJson(before, after)) {
      patch[field] = after;
      paths.push(here);
    }
  }
  return { patch, paths };
}

/** What removes a field; of an object, only the fields that are not kept. Undefined when all of it is kept. */
function removalOf(
  before: Json,
  path: string,
  isKept: (path: string) => boolean,
): { readonly patch: Json; readonly paths: readonly string[] } | undefined {
  if (isKept(path)) return undefined;
  const whole = { patch: null, paths: [path] };
  if (!isJsonObject(before)) return whole;
  const { patch, paths } = differenceOf(before, {}, path, isKept);
  const isWhole = Object.keys(before).every((field) => patch[field] === null);
  if (isWhole) return whole;
  return paths.length === 0 ? undefined : { patch, paths };
}
