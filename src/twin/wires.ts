import type { Origin } from '../drivers/sim/network.ts';
import type { Millis } from '../model/instant.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';

/** A request of a host on its way to a site. */
export interface RequestOnWay {
  readonly request: ApiRequest;
  /** Where its host runs. */
  readonly from: Origin;
}

export type Answer = Outcome | { readonly kind: 'hang' };

/** Something wrong on the way between hosts and sites. What is absent is as usual. */
export interface WireTrouble {
  /** How much longer a request is on its way; `held`: for as long as the trouble is there. 0: no longer. */
  delay?(sent: RequestOnWay): Millis | 'held';
  /** What comes of a request in place of what `perform` would do. */
  answer?(sent: RequestOnWay, perform: () => Answer): Answer;
  /** True for a read that is answered with what was so at an earlier time. */
  isPast?(sent: RequestOnWay): boolean;
  /** How much later a change is told to the hosts of a place, for each time that it is told: never when there is none. */
  news?(place: Origin): readonly Millis[];
}

/** How often a held request tries to get through. */
const heldStep: Millis = 250;

/** What is wrong on the way between the hosts and the sites: nothing, unless a fault has put it there. */
export class Wires {
  readonly #troubles = new Set<WireTrouble>();

  add(trouble: WireTrouble): void {
    this.#troubles.add(trouble);
  }

  remove(trouble: WireTrouble): void {
    this.#troubles.delete(trouble);
  }

  get isQuiet(): boolean {
    return this.#troubles.size === 0;
  }

  /** How long a request has to wait before it is tried again; 0 when it gets through. One that has waited is only held. */
  delayOf(sent: RequestOnWay, hasWaited: boolean): Millis {
    let longest = 0;
    for (const trouble of this.#troubles) {
      const delay = trouble.delay?.(sent) ?? 0;
      if (delay === 'held') longest = Math.max(longest, heldStep);
      else if (!hasWaited) longest = Math.max(longest, delay);
    }
    return longest;
  }

  /** What comes of a request that has got through. */
  carry(sent: RequestOnWay, perform: () => Answer): Answer {
    let act = perform;
    for (const { answer } of this.#troubles) {
      if (answer === undefined) continue;
      const inner = act;
      act = () => answer(sent, inner);
    }
    return act();
  }

  /** True for a read that is answered with what was so at an earlier time. */
  showThePast(sent: RequestOnWay): boolean {
    return [...this.#troubles].some((trouble) => trouble.isPast?.(sent) === true);
  }

  /** How much later than usual the hosts of a place hear of a change, for each time that they do. */
  newsDelays(place: Origin): readonly Millis[] {
    let delays: readonly Millis[] = [0];
    for (const { news } of this.#troubles) {
      const added = news?.(place) ?? [0];
      delays = delays.flatMap((delay) => added.map((more) => delay + more));
    }
    return delays;
  }
}
