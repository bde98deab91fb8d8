/**
 * The value with every part that equals the old one replaced by that very part, so that "unchanged" can be seen by
 * identity from here on. Answers `old` itself when nothing differs.
 */
export function unify<T>(value: T, old: unknown): T {
  if (value === old || typeof value !== 'object' || typeof old !== 'object' || value === null || old === null)
    return value;
  if (Array.isArray(value)) return Array.isArray(old) ? unifyLists(value, old) : value;
  return Array.isArray(old) ? value : (unifyObjects(value as Fields, old as Fields) as T);
}

function unifyLists<T>(value: T & readonly unknown[], old: readonly unknown[]): T {
  let result: unknown[] | undefined;
  let same = value.length === old.length;
  for (let index = 0; index < value.length; index++) {
    const item = value[index];
    const unified = unify(item, old[index]);
    if (unified !== old[index]) same = false;
    if (unified === item) continue;
    result ??= [...value];
    result[index] = unified;
  }
  if (same) return old as unknown as T;
  return (result as unknown as T | undefined) ?? value;
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
