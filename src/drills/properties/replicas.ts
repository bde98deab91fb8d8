import type { DrbdKernel } from '../../drivers/sim/drbd/kernel.ts';
import { isConnected, type Replica } from '../../drivers/sim/drbd/replica.ts';
import type { Twin } from '../../twin/twin.ts';

/** The replicas of a volume as the kernels hold them; none when there is no such volume. */
export function replicasOf(kernel: DrbdKernel, volume: string): readonly Replica[] {
  return [...(kernel.resource(volume)?.replicas.values() ?? [])];
}

/** Those on the nodes of one site. */
export function replicasOn({ kernel, sites }: Twin, volume: string, site: string): readonly Replica[] {
  const nodes = sites.find(({ name }) => name === site)?.nodes ?? [];
  return replicasOf(kernel, volume).filter(({ node }) => nodes.includes(node));
}

/** Acknowledged writes that a node cannot read: from its own disk or, where that is none or behind, from a peer's. */
export function unreadableOn(kernel: DrbdKernel, volume: string, node: string): number {
  const replica = kernel.replica(volume, node);
  const peers = replica === undefined || replica.disk === 'UpToDate' ? [] : [...replica.peers.values()];
  const sources = peers.filter((peer) => isConnected(peer) && peer.disk === 'UpToDate').map((peer) => peer.node);
  return Math.min(...[node, ...sources].map((each) => kernel.missingCount(volume, each)));
}

/** True when each replica of a volume that is up on a site lacks acknowledged writes; false when none is up there. */
export function lacksWritesOn(twin: Twin, volume: string, site: string): boolean {
  const missing = replicasOn(twin, volume, site)
    .filter(({ kind, running }) => kind === 'diskful' && running)
    .map(({ node }) => unreadableOn(twin.kernel, volume, node));
  return missing.length > 0 && !missing.includes(0);
}
