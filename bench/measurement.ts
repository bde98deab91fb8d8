/** One measured number. Durations and rates depend on the machine; a goal is held against a ratio where it can be. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Absent: for information. */
  readonly goal?: Goal;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** Measures one subject. Throws when it cannot: a goal that was not measured does not hold. */
export interface Bench {
  readonly name: string;
  /** True of one that takes minutes: it is measured only when it is asked for by name. */
  readonly isSlow?: boolean;
  readonly measure: (flags: Flags) => Promise<readonly Measurement[]>;
}

/** What stands on the command line as `--NAME=VALUE`. */
export type Flags = ReadonlyMap<string, string>;

/** A number above 0 that a flag gives. @throws when it gives something else */
export function numberIn(flags: Flags, name: string, otherwise: number): number {
  const value = Number(flags.get(name) ?? otherwise);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new Error(`Expected --${name} to be a number above 0, got "${flags.get(name)}"`);
}

export function holds({ value, goal }: Measurement): boolean {
  if (goal === undefined) return true;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

export function goalText(goal: Goal | undefined): string {
  if (goal === undefined) return '';
  return 'atLeast' in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** The smallest of some values that this part of them, from 0 to 1, does not exceed. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}
