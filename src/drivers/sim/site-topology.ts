import type { SiteName, SiteRole } from '../../model/site.ts';

/** One site of a simulated world. */
export interface SiteTopology {
  readonly name: SiteName;
  readonly role: SiteRole;
  /** Names of the worker nodes; unique over all sites, because LINSTOR and the clusters share them. */
  readonly nodes: readonly string[];
  /** True of a quorum site whose nodes are LINSTOR's too, without storage: they may hold tiebreakers. */
  readonly hasSatellites?: boolean;
}
