import type { Verdict } from './judgement.ts';

/** How many runs came to each verdict of a property. */
export type VerdictCounts = Readonly<Record<Verdict, number>>;

/** Adds up the verdicts of properties over runs. The order of the runs does not matter. */
export class VerdictTally {
  readonly #counts = new Map<string, Record<Verdict, number>>();

  /** The verdicts of one more run. */
  add(verdicts: Readonly<Record<string, Verdict>>): void {
    for (const [id, verdict] of Object.entries(verdicts)) this.#of(id)[verdict]++;
  }

  /** What other runs have come to, none of them counted here. */
  merge(counts: Readonly<Record<string, VerdictCounts>>): void {
    for (const [id, { pass, fail, unknown }] of Object.entries(counts)) {
      const own = this.#of(id);
      own.pass += pass;
      own.fail += fail;
      own.unknown += unknown;
    }
  }

  /** By the id of the property, in the order of the catalogue. */
  counts(): Readonly<Record<string, VerdictCounts>> {
    return Object.fromEntries([...this.#counts].map(([id, counts]) => [id, { ...counts }]));
  }

  #of(id: string): Record<Verdict, number> {
    let counts = this.#counts.get(id);
    if (counts === undefined) {
      counts = { pass: 0, fail: 0, unknown: 0 };
      this.#counts.set(id, counts);
    }
    return counts;
  }
}
