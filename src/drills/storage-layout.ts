import { type Millis, second } from '../model/instant.ts';
import type { Json } from '../model/json.ts';
import type { SiteName } from '../model/site.ts';
import { addMember } from '../drivers/sim/drbd-operator/add-member.ts';
import type { PolicySettings } from '../drivers/sim/drbd-operator/operator-objects.ts';
import type { Twin } from '../twin/twin.ts';
import { stageSites } from './stage-sites.ts';
import type { TapeStorage } from './tape.ts';

/** LINSTOR's properties for a tape's storage, set on its controller before the first volume is made. */
export function storageProperties({ protocol, quorum, onNoQuorum }: TapeStorage): Readonly<Record<string, string>> {
  return {
    ...(protocol === undefined ? {} : { 'DrbdOptions/Net/protocol': protocol }),
    ...(quorum === undefined ? {} : { 'DrbdOptions/Resource/quorum': quorum }),
    ...(onNoQuorum === undefined ? {} : { 'DrbdOptions/Resource/on-no-quorum': onNoQuorum }),
  };
}

/** The same as a policy of DRBD Operator has it. */
export function policySettings({ protocol, quorum, onNoQuorum }: TapeStorage): PolicySettings {
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(quorum === undefined ? {} : { quorum }),
    ...(onNoQuorum === undefined ? {} : { onNoQuorum }),
  };
}

/** World time at which the volumes of a stage exist and no guest has written yet: further copies are equal at once. */
export const provisionedAt: Millis = 3 * second;

/**
 * Adds what the storage does not place by itself beside one copy in each site: further copies, in turn on each site, and a copy
 * without a disk in a site that has one with. It places a tiebreaker on the third site by itself.
 */
export function addReplicas(twin: Twin, volume: string, { copies = 2, tiebreaker }: TapeStorage): void {
  for (let copy = 2; copy < copies; copy++) addReplica(twin, volume, stageSites[copy % 2] as SiteName, true);
  if (tiebreaker !== undefined && stageSites.includes(tiebreaker)) addReplica(twin, volume, tiebreaker, false);
}

function addReplica(twin: Twin, volume: string, site: SiteName, hasDisk: boolean): void {
  const { linstor, kernel, sites, storageBackend, world } = twin;
  const node = sites
    .find(({ name }) => name === site)
    ?.nodes.find((each) => kernel.replica(volume, each) === undefined);
  // A site whose nodes all have one already has no room for more: the layout is as near to it as it can be.
  if (node === undefined) return;
  if (storageBackend === 'drbd-operator') {
    addMember(world, kernel, volume, { node, cluster: site, type: hasDisk ? 'Diskful' : 'Tiebreaker' });
    return;
  }
  const flags: readonly Json[] = hasDisk ? [] : ['DISKLESS'];
  const { status, body } = linstor.request({
    method: 'POST',
    path: `/v1/resource-definitions/${volume}/resources/${node}`,
    body: { resource: { node_name: node, flags, ...(hasDisk ? { props: { StorPoolName: 'pool1' } } : {}) } },
  });
  if (status >= 300) throw new Error(`LINSTOR did not place ${volume} on ${node}: ${JSON.stringify(body)}`);
}
