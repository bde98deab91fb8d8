import type { SiteName } from '../model/site.ts';
import type { SiteTopology } from '../drivers/sim/site-topology.ts';
import type { TapeTopology } from './tape.ts';

/** The two sites with VMs: they run on the first one when a run begins. */
export const stageSites: readonly [SiteName, SiteName] = ['cluster1', 'cluster2'];

/** The third site, where a tape has it. */
export const stageQuorumSite: SiteName = 'cluster3';

/** The site of the two that is not this one. */
export function otherSite(site: SiteName): SiteName {
  return site === stageSites[0] ? stageSites[1] : stageSites[0];
}

/** The sites of a tape, with their nodes. */
export function sitesOf({ nodes, quorumSite, storage }: TapeTopology): readonly SiteTopology[] {
  const names = (site: SiteName): string[] => Array.from({ length: nodes }, (_, index) => `${site}-node-${index + 1}`);
  const [first, second] = stageSites;
  const sites: SiteTopology[] = [
    { name: first, role: 'primary', nodes: names(first), hasLinstor: storage?.linstor === first },
    { name: second, role: 'dr', nodes: names(second), hasLinstor: storage?.linstor === second },
  ];
  if (!quorumSite) return sites;
  const hasSatellites = storage?.tiebreaker === stageQuorumSite;
  return [...sites, { name: stageQuorumSite, role: 'quorum', nodes: [`${stageQuorumSite}-node-1`], hasSatellites }];
}
