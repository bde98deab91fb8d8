import type { Millis } from '../../model/instant.ts';

/** Since when what is so has been so: what has been so since before a host looked it must have seen. */
export class Spells {
  readonly #since = new Map<string, Millis>();
  readonly #now: () => Millis;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** Notes whether something is so now. */
  note(what: string, isSo: boolean): void {
    if (!isSo) this.#since.delete(what);
    else if (!this.#since.has(what)) this.#since.set(what, this.#now());
  }

  /** True when it is so, and was so at that moment. */
  lastsSince(what: string, moment: Millis): boolean {
    return (this.#since.get(what) ?? Number.POSITIVE_INFINITY) < moment;
  }
}
