/**
 * A set of write numbers as sorted, disjoint, closed ranges: `[from0, to0, from1, to1, ...]`. Writes come in rising order,
 * so adding one is almost always the growth of the last range.
 */
export type WriteSet = number[];

/** Adds one number in place. */
export function addWrite(set: WriteSet, seq: number): void {
  const end = set.length;
  if (end === 0 || seq > (set[end - 1] as number) + 1) {
    set.push(seq, seq);
  } else if (seq === (set[end - 1] as number) + 1) {
    set[end - 1] = seq;
  } else if (!hasWrite(set, seq)) {
    replace(set, unionOf(set, [seq, seq]));
  }
}

export function hasWrite(set: WriteSet, seq: number): boolean {
  for (let index = set.length - 2; index >= 0; index -= 2) {
    if (seq >= (set[index] as number)) return seq <= (set[index + 1] as number);
  }
  return false;
}

export function countWrites(set: WriteSet): number {
  let count = 0;
  for (let index = 0; index < set.length; index += 2) count += (set[index + 1] as number) - (set[index] as number) + 1;
  return count;
}

export function unionOf(a: WriteSet, b: WriteSet): WriteSet {
  if (b.length === 0) return a.slice();
  if (a.length === 0) return b.slice();
  const result: WriteSet = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const fromA = i < a.length && (j >= b.length || (a[i] as number) <= (b[j] as number));
    const from = (fromA ? a[i] : b[j]) as number;
    const to = (fromA ? a[i + 1] : b[j + 1]) as number;
    if (fromA) i += 2;
    else j += 2;
    const end = result.length;
    if (end > 0 && from <= (result[end - 1] as number) + 1) result[end - 1] = Math.max(result[end - 1] as number, to);
    else result.push(from, to);
  }
  return result;
}

/** What is in `a` and not in `b`. */
export function differenceOf(a: WriteSet, b: WriteSet): WriteSet {
  const result: WriteSet = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let from = a[i] as number;
    const to = a[i + 1] as number;
    while (j < b.length && (b[j + 1] as number) < from) j += 2;
    for (let k = j; k < b.length && (b[k] as number) <= to; k += 2) {
      if ((b[k] as number) > from) result.push(from, (b[k] as number) - 1);
      from = Math.max(from, (b[k + 1] as number) + 1);
    }
    if (from <= to) result.push(from, to);
  }
  return result;
}

/** The lowest `count` numbers of the set. */
export function firstWrites(set: WriteSet, count: number): WriteSet {
  const result: WriteSet = [];
  let left = count;
  for (let index = 0; index < set.length && left > 0; index += 2) {
    const from = set[index] as number;
    const to = Math.min(set[index + 1] as number, from + left - 1);
    result.push(from, to);
    left -= to - from + 1;
  }
  return result;
}

/** Gives `set` the content of `other`, in place. */
export function replace(set: WriteSet, other: WriteSet): void {
  set.length = 0;
  for (const bound of other) set.push(bound);
}
