import type { Millis } from '../../model/instant.ts';

export interface BackOffSettings {
  readonly first: Millis;
  readonly longest: Millis;
  /** A number from 0 up to 1, so that many watchers of one server do not come back in step. */
  readonly random: () => number;
}

/** Waits that double from failure to failure, each shortened by chance to between half and the whole of it. */
export class BackOff {
  readonly #settings: BackOffSettings;
  #failures = 0;

  constructor(settings: BackOffSettings) {
    this.#settings = settings;
  }

  /** How long to wait after one more failure. */
  next(): Millis {
    const { first, longest, random } = this.#settings;
    const whole = Math.min(longest, first * 2 ** Math.min(this.#failures, 30));
    this.#failures += 1;
    return Math.round(whole * (0.5 + random() / 2));
  }

  /** It works again: the next failure is a first one. */
  reset(): void {
    this.#failures = 0;
  }
}
