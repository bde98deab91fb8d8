import type { SiteName } from '../../model/site.ts';

/** Where a request of the API plane comes from: a site (its controllers), or the machine of the person who runs pgctl. */
export type Origin = SiteName | 'operator';

/** How an API server that does not serve fails: it swallows the connection, or the connection is refused at once. */
export type OutageManner = 'hang' | 'refuse';

export type Reach = 'open' | OutageManner;

/**
 * The API plane between sites, and the state of each site's API endpoint. The DRBD plane is apart: its links live in the
 * DRBD model, node by node, because either plane may fail alone.
 */
export class Network {
  #cuts = new Set<string>();
  #outages = new Map<SiteName, OutageManner>();

  /** Whether a request from `from` gets to the API of `to`, and how it fails otherwise. */
  reach(from: Origin, to: SiteName): Reach {
    const outage = this.#outages.get(to);
    if (outage !== undefined) return outage;
    if (this.#cuts.size === 0) return 'open';
    return from !== to && this.#cuts.has(pairOf(from, to)) ? 'hang' : 'open';
  }

  cut(a: Origin, b: SiteName): void {
    this.#cuts.add(pairOf(a, b));
  }

  mend(a: Origin, b: SiteName): void {
    this.#cuts.delete(pairOf(a, b));
  }

  startOutage(site: SiteName, manner: OutageManner): void {
    this.#outages.set(site, manner);
  }

  endOutage(site: SiteName): void {
    this.#outages.delete(site);
  }
}

function pairOf(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}
