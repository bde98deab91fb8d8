import type { Millis } from '../../model/instant.ts';
import type { Origin } from './network.ts';

/** How far a clock is off. */
interface ClockError {
  readonly offset: Millis;
  /** Milliseconds that it gains in a million; negative when it loses. */
  readonly partsPerMillion: number;
  /** World time from which it drifts. */
  readonly since: Millis;
}

/** The clocks of the sites, one for all nodes and controllers of each, and that of the operator's desk. Right unless set. */
export class Clocks {
  #errors = new Map<Origin, ClockError>();

  /** Sets a clock wrong, at once by an offset and from now on by a drift. */
  set(place: Origin, { offset, partsPerMillion, since }: ClockError): void {
    this.#errors.set(place, { offset, partsPerMillion, since });
  }

  /** Puts a clock right, in one step. */
  correct(place: Origin): void {
    this.#errors.delete(place);
  }

  /** By how much a clock is fast at a world time; negative when it is slow. Whole milliseconds. */
  errorOf(place: Origin, now: Millis): Millis {
    if (this.#errors.size === 0) return 0;
    const error = this.#errors.get(place);
    if (error === undefined) return 0;
    return error.offset + Math.trunc(((now - error.since) * error.partsPerMillion) / 1_000_000);
  }
}
