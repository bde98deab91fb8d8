export interface Difference {
  /** `/0/props/Aux~site`: where the first difference is; '' for the whole. */
  readonly path: string;
  readonly recorded: string;
  readonly world: string;
}

/** Replaces what may differ from run to run; undefined: the value takes no part in the comparison. */
export type Mask = (key: string, value: unknown) => unknown;

/** The first difference between two JSON values after masking; fields in any order, absent is not null. */
export function firstDifference(
  recorded: unknown,
  world: unknown,
  mask: Mask,
  path = '',
  key = '',
): Difference | undefined {
  const a = mask(key, recorded);
  const b = mask(key, world);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) {
      const found = firstDifference(a[index] as unknown, b[index] as unknown, mask, `${path}/${index}`, key);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const found = firstDifference(a[name], b[name], mask, `${path}/${name}`, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return a === b ? undefined : { path, recorded: short(a), world: short(b) };
}

/** A value in one line for a report. */
export function short(value: unknown, length = 220): string {
  const text = value === undefined ? 'absent' : typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
