/** Equality of JSON values: the order of fields does not count, a field that is undefined counts as absent. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  return !Array.isArray(b) && sameFields(a as Fields, b as Fields);
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(a: Fields, b: Fields): boolean {
  let count = 0;
  for (const field in a) {
    if (a[field] === undefined) continue;
    count++;
    if (!sameJson(a[field], b[field])) return false;
  }
  for (const field in b) {
    if (b[field] !== undefined) count--;
  }
  return count === 0;
}
