import type { Cluster } from '../../drivers/sim/cluster.ts';
import { linstorHome } from '../../drivers/sim/site-topology.ts';
import { resources } from '../../model/kube.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, type FaultOrder, choice, FaultError, siteOf } from './fault.ts';

/** The API server of a site does not serve. */
export const apiOutage: FaultKind = {
  kind: 'api-outage',
  about: "a site's API endpoint swallows requests (hang) or refuses connections (refuse); its VMs go on",
  options: ['--site CLUSTER', '--how hang|refuse'],
  prepare: (twin, { site, how }) => {
    const name = siteOf(twin, site);
    const manner = choice('--how', how, ['hang', 'refuse']);
    const { network } = twin.world;
    return {
      says: `the API of ${name} ${manner === 'hang' ? 'does not answer' : 'refuses connections'}`,
      breaks: [`api of ${name}`],
      act: () => network.startOutage(name, manner),
      heal: () => network.endOutage(name),
    };
  },
};

/** Two sites cannot reach each other, over the API plane, the DRBD plane, or both. */
export const linkCut: FaultKind = {
  kind: 'link-cut',
  about: 'two sites do not reach each other: controllers (api), replication (drbd), or both when no plane is named',
  options: ['--plane api|drbd', '--site CLUSTER', '--peer CLUSTER'],
  prepare: (twin, order) => {
    const plane = choice('--plane', order.plane ?? 'both', ['both', 'api', 'drbd']);
    const names = twin.sites.map((site) => site.name);
    const site = siteOf(twin, order.site, names[0]);
    const peers = order.peer === undefined ? names.filter((name) => name !== site) : [siteOf(twin, order.peer)];
    if (peers.includes(site)) throw new FaultError('--site and --peer must be two sites');
    const planes: readonly ('api' | 'drbd')[] = plane === 'both' ? ['api', 'drbd'] : [plane];
    const setLinks = (up: boolean): void => {
      for (const peer of peers) for (const each of planes) setLink(twin, each, site, peer, up);
    };
    return {
      says: `${site} does not reach ${peers.join(', ')} over the ${planes.join(' and ')} plane`,
      breaks: peers.flatMap((peer) => [
        ...planes.map((each) => `${each} link ${[site, peer].toSorted().join(' - ')}`),
        ...(planes.includes('api') ? satellitesBetween(twin, site, peer).map((node) => `satellite of ${node}`) : []),
      ]),
      act: () => setLinks(false),
      heal: () => setLinks(true),
    };
  },
};

/** Cuts or mends one plane between two sites; over that of the APIs LINSTOR reaches its satellites. */
export function setLink(twin: Twin, plane: 'api' | 'drbd', site: string, peer: string, up: boolean): void {
  if (plane === 'api') {
    if (up) twin.world.network.mend(site, peer);
    else twin.world.network.cut(site, peer);
    for (const node of satellitesBetween(twin, site, peer)) {
      if (up) twin.linstor.satelliteBack(node);
      else twin.linstor.satelliteLost(node);
    }
    return;
  }
  for (const a of nodesOf(twin, site)) for (const b of nodesOf(twin, peer)) twin.kernel.setLink(a, b, up);
}

/** Nodes that LINSTOR's controller reaches over the API plane between two sites, of which one is its home. */
function satellitesBetween(twin: Twin, site: string, peer: string): readonly string[] {
  const home = linstorHome(twin.sites);
  if (home !== site && home !== peer) return [];
  return nodesOf(twin, home === site ? peer : site);
}

/** A node stops at once, and everything on it. */
export const nodeCrash: FaultKind = {
  kind: 'node-crash',
  about: 'a node loses its power: the one named, the one that runs a VM, or the first of a site',
  options: ['--node NODE', '--vm VM', '--site CLUSTER'],
  prepare: (twin, order) => {
    const node = nodeOf(twin, order);
    return {
      says: `${node} has no power`,
      breaks: [`power of ${node}`, `satellite of ${node}`],
      act: () => losePower(twin, node),
      heal: () => regainPower(twin, clusterOf(twin, node), node),
    };
  },
};

/** A whole site goes dark. */
export const siteLoss: FaultKind = {
  kind: 'site-loss',
  about: 'a whole site goes dark: its API, its nodes, its links',
  options: ['--site CLUSTER'],
  prepare: (twin, order) => {
    const site = siteOf(twin, order.site);
    const nodes = nodesOf(twin, site);
    return {
      says: `${site} is dark`,
      breaks: [`api of ${site}`, ...nodes.flatMap((node) => [`power of ${node}`, `satellite of ${node}`])],
      act: () => {
        twin.world.network.startOutage(site, 'hang');
        for (const node of nodes) losePower(twin, node);
      },
      heal: () => {
        for (const node of nodes) regainPower(twin, twin.world.cluster(site), node);
        twin.world.network.endOutage(site);
      },
    };
  },
};

/** The nodes of a site. */
export function nodesOf(twin: Twin, site: string): readonly string[] {
  return twin.sites.find((each) => each.name === site)?.nodes ?? [];
}

/** The node of an order: the one named, the one that runs a VM, or the first of a site. */
export function nodeOf(twin: Twin, { node, vm, site, namespace = 'default' }: FaultOrder): string {
  const all = twin.sites.flatMap((each) => each.nodes);
  if (node !== undefined) {
    if (!all.includes(node)) throw new FaultError(`There is no node ${node} here: ${all.join(', ')}`);
    return node;
  }
  if (vm !== undefined) {
    const guest = twin.guests.executing(namespace, vm).find((each) => site === undefined || each.cluster === site);
    if (guest === undefined)
      throw new FaultError(`VM ${namespace}/${vm} runs nowhere${site === undefined ? '' : ` on ${site}`}`);
    return guest.node;
  }
  const first = nodesOf(twin, siteOf(twin, site))[0];
  if (first === undefined) throw new FaultError(`${site ?? ''} has no nodes`);
  return first;
}

/** Takes a node's power: what runs on it is gone at once. */
export function losePower({ world, kernel, guests, pods, linstor }: PoweredWorld, node: string): void {
  world.setNodePower(node, false);
  kernel.crashNode(node);
  guests.losePower(node);
  pods.losePower(node);
  linstor.satelliteLost(node);
}

/** Gives a node its power back, and wakes its agents in the cluster it belongs to. */
export function regainPower(
  { world, kernel, linstor }: PoweredWorld,
  cluster: Pick<Cluster, 'wake'>,
  node: string,
): void {
  world.setNodePower(node, true);
  kernel.bootNode(node);
  linstor.satelliteBack(node);
  const key = { resource: resources.node, namespace: '', name: node };
  for (const behaviour of ['node-heartbeat', 'kubelet', 'quorum-taint-agent']) cluster.wake(behaviour, key);
}

type PoweredWorld = Pick<Twin, 'world' | 'kernel' | 'guests' | 'pods' | 'linstor'>;

/** The cluster that a node belongs to. */
function clusterOf(twin: Twin, node: string): Cluster {
  const site = twin.sites.find(({ nodes }) => nodes.includes(node));
  return twin.world.cluster(site?.name ?? '');
}
