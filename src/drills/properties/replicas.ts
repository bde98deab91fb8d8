import type { DrbdKernel } from '../../drivers/sim/drbd/kernel.ts';
import type { Replica } from '../../drivers/sim/drbd/replica.ts';
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
