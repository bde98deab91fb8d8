import type { SiteName, SiteRole } from '../../model/site.ts';

/** One site of a simulated world. */
export interface SiteTopology {
  readonly name: SiteName;
  readonly role: SiteRole;
  /** Names of the worker nodes; unique over all sites, because LINSTOR and the clusters share them. */
  readonly nodes: readonly string[];
  /** True of a quorum site whose nodes are LINSTOR's too, without storage: they may hold tiebreakers. */
  readonly hasSatellites?: boolean;
  /** True of the site in which LINSTOR's controller runs, where that is not the quorum site. */
  readonly hasLinstor?: boolean;
}

/** The site in which LINSTOR's controller runs: the one that says so, else the quorum site, else the first. */
export function linstorHome(sites: readonly SiteTopology[]): SiteName | undefined {
  const home =
    sites.find(({ hasLinstor }) => hasLinstor === true) ?? sites.find(({ role }) => role === 'quorum') ?? sites[0];
  return home?.name;
}

/** Whether LINSTOR has satellites on the nodes of a site. */
export function hasSatellites(site: SiteTopology): boolean {
  return site.role !== 'quorum' || site.hasSatellites === true;
}
