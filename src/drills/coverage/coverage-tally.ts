import { Digest } from '../digest.ts';
import type { RunCoverage } from './run-coverage.ts';

/** How many runs have reached each thing, as plain data: what threads, shards and machines hand to each other. */
export interface CoverageCounts {
  readonly runs: number;
  readonly marks: Readonly<Record<string, number>>;
  readonly pairs: Readonly<Record<string, number>>;
  /** By the fingerprint of the class. */
  readonly classes: Readonly<Record<string, number>>;
}

type Kind = 'marks' | 'pairs' | 'classes';
const kinds: readonly Kind[] = ['marks', 'pairs', 'classes'];

/** Adds up what runs have reached. The order of the runs does not matter. */
export class CoverageTally {
  runs = 0;
  readonly #counts: Readonly<Record<Kind, Map<string, number>>> = {
    marks: new Map(),
    pairs: new Map(),
    classes: new Map(),
  };

  /** What one more run has reached. */
  add({ marks, coverage }: { readonly marks: Iterable<string>; readonly coverage: RunCoverage }): void {
    this.runs++;
    for (const mark of marks) this.#count('marks', mark, 1);
    for (const pair of coverage.pairs) this.#count('pairs', pair, 1);
    for (const text of coverage.classes) this.#count('classes', fingerprint(text), 1);
  }

  /** What other runs have reached, none of them counted here. */
  merge(counts: CoverageCounts): void {
    this.runs += counts.runs;
    for (const kind of kinds) for (const [name, count] of Object.entries(counts[kind])) this.#count(kind, name, count);
  }

  /** How many runs have reached each mark. */
  get marks(): ReadonlyMap<string, number> {
    return this.#counts.marks;
  }

  /** Everything so far, by name: equal for the same runs. */
  counts(): CoverageCounts {
    const { marks, pairs, classes } = this.#counts;
    return { runs: this.runs, marks: byName(marks), pairs: byName(pairs), classes: byName(classes) };
  }

  #count(kind: Kind, name: string, count: number): void {
    const counts = this.#counts[kind];
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
}

// Tens of thousands of classes are kept for as long as drills run, and are only ever compared.
function fingerprint(text: string): string {
  const digest = new Digest();
  digest.add(text);
  return digest.text();
}

function byName(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
