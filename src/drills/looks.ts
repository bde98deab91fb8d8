import type { Millis } from '../model/instant.ts';
import type { ResourceType } from '../model/kube.ts';
import type { SiteName } from '../model/site.ts';

/** When who has looked, in world time: what a late request was decided from is what its sender had seen when it was sent. */
export class Looks {
  readonly #times = new Map<string, Millis[]>();

  /** Notes a look. Time only goes on. */
  note(who: string, at: Millis): void {
    const times = this.#times.get(who);
    if (times === undefined) this.#times.set(who, [at]);
    else if (times.at(-1) !== at) times.push(at);
  }

  /** The last look up to a moment, that moment included; 0, before everything, where there was none. */
  lastUpTo(who: string, moment: Millis): Millis {
    return this.#times.get(who)?.findLast((at) => at <= moment) ?? 0;
  }
}

/** Under what a host's reads of the objects of a type on a site are noted. */
export function sightOf(host: string, site: SiteName, { plural }: Pick<ResourceType, 'plural'>): string {
  return `${host} ${site} ${plural}`;
}
