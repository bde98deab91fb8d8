import type { SiteTopology } from '../drivers/sim/site-topology.ts';

/**
 * The sites of a lab: cluster1 (primary), cluster2 (dr) and, with three clusters, cluster3 (quorum). `tiebreaker`: LINSTOR has a
 * satellite there too.
 */
export function labSites(clusters: 2 | 3, tiebreaker = false): readonly SiteTopology[] {
  const data: readonly SiteTopology[] = [
    { name: 'cluster1', role: 'primary', nodes: ['cluster1-node-1', 'cluster1-node-2'] },
    { name: 'cluster2', role: 'dr', nodes: ['cluster2-node-1', 'cluster2-node-2'] },
  ];
  if (clusters === 2) return data;
  return [...data, { name: 'cluster3', role: 'quorum', nodes: ['cluster3-node-1'], hasSatellites: tiebreaker }];
}

/** VMs that run on cluster1 when a lab comes up, in namespace default. */
export const labVirtualMachines = ['prod-vm-1', 'prod-vm-2'] as const;
