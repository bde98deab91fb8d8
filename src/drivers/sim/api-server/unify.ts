import { isJsonObject } from '../../../model/json.ts';

/**
 * The value with every part that equals the old one replaced by that very part, so that "unchanged" can be seen by
 * identity from here on. Answers `old` itself when nothing differs.
 */
export function unify<T>(value: T, old: unknown): T {
  if (value === old) return value;
  if (Array.isArray(value)) return Array.isArray(old) ? unifyLists(value, old) : value;
  if (isJsonObject(value) && isJsonObject(old)) return unifyObjects(value, old) as T;
  return value;
}

function unifyLists<T>(value: T & readonly unknown[], old: readonly unknown[]): T {
  let same = value.length === old.length;
  let changed = false;
  const items = value.map((item, index) => {
    const unified = unify(item, old[index]);
    if (unified !== old[index]) same = false;
    if (unified !== item) changed = true;
    return unified;
  });
  if (same) return old as unknown as T;
  return changed ? (items as unknown as T) : value;
}

type Fields = Readonly<Record<string, unknown>>;

function unifyObjects(value: Fields, old: Fields): Fields {
  let result: Record<string, unknown> | undefined;
  let same = true;
  let count = 0;
  for (const field in value) {
    const item = value[field];
    if (item === undefined) continue;
    count++;
    const before = old[field];
    if (item === before) continue;
    const unified = unify(item, before);
    if (unified !== before) same = false;
    if (unified !== item) {
      result ??= { ...value };
      result[field] = unified;
    }
  }
  if (same) {
    for (const field in old) if (old[field] !== undefined) count--;
    if (count === 0) return old;
  }
  return result ?? value;
}
