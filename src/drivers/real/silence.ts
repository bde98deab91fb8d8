import { type Millis, second } from '../../model/instant.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';

/** How long a read waits for a site that has just not answered. */
const shortWait: Millis = second;
/** How often such a site is waited for as long as any other: one that is slow, and not silent, is heard again then. */
const fullWaitEvery: Millis = 15 * second;

const timerSlack: Millis = 50;

/**
 * Keeps a silent site from holding up everybody who looks at several: for a while after a call to it has run into its time limit,
 * reads wait for a second only. That they come to nothing is `unknown` as before. Changes always get their whole time.
 */
export class Silence {
  readonly #limit: Millis;
  readonly #now: () => Millis;
  /** When a call that had all the time there is came to nothing; undefined once the site has answered. */
  #since: Millis | undefined;

  constructor(limit: Millis, now: () => Millis) {
    this.#limit = limit;
    this.#now = now;
  }

  /** How long to wait for the answer to a request. */
  limitOf({ verb }: KubeRequest): Millis {
    const isRead = verb === 'get' || verb === 'list';
    const isSilent = this.#since !== undefined && this.#now() - this.#since < fullWaitEvery;
    return isRead && isSilent ? Math.min(shortWait, this.#limit) : this.#limit;
  }

  /** Notes what a call came to that began at an instant. */
  note(outcome: Outcome, begun: Millis): void {
    const hasAnswered = outcome.kind !== 'unknown' || outcome.reason === 'server-error';
    if (hasAnswered) this.#since = undefined;
    // Who refuses the connection does not hold anybody up. Timers are a little early at times.
    else if (this.#now() - begun >= this.#limit - timerSlack) this.#since = this.#now();
  }
}
