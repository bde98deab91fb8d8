import { type Json, textAt } from './json.ts';
import { known } from './known.ts';
import { keepLast } from './memo.ts';
import type { Observation } from './observation.ts';
import type { SiteName } from './site.ts';

/** Which site has a node of a name; undefined: none that is known. */
export type SiteOfNode = (node: string) => SiteName | undefined;

const lastSites = keepLast<SiteOfNode>();

/**
 * Tells nodes' sites by the nodes that the sites show, and for those that no site shows by what LINSTOR was told. The answer
 * is the very same function for as long as the nodes are the same, whatever else is said of them.
 */
export function siteOfNodeIn({ sites, storage }: Observation): SiteOfNode {
  const readings = Object.values(sites);
  const linstorNodes = storage.linstorNodes ?? nothing;
  const nodes = readings.map((site) => site.readings.nodes);
  return lastSites([linstorNodes, ...readings.map(({ site }) => site), ...nodes], () => {
    const owners = new Map<string, SiteName>();
    for (const {
      site,
      readings: { nodes },
    } of readings) {
      if (nodes?.known === true) for (const node of nodes.value) owners.set(node.metadata.name, site);
    }
    if (linstorNodes.known && Array.isArray(linstorNodes.value)) {
      for (const node of linstorNodes.value) {
        const name = textAt(node, 'name') ?? '';
        const site = textAt(node, 'props', 'Aux/site');
        if (!owners.has(name) && site !== undefined) owners.set(name, site);
      }
    }
    return sameFor(owners);
  });
}

const nothing = known<Json>([]);

/** What was found last, and the function that tells it. */
let lastOwners: ReadonlyMap<string, SiteName> = new Map();
let lastTold: SiteOfNode = () => undefined;

function sameFor(owners: ReadonlyMap<string, SiteName>): SiteOfNode {
  const isSame = owners.size === lastOwners.size && [...owners].every(([node, site]) => lastOwners.get(node) === site);
  if (!isSame) {
    lastOwners = owners;
    lastTold = (node) => owners.get(node);
  }
  return lastTold;
}
