import type { Twin } from '../twin.ts';
import type { FaultKind } from './fault.ts';
import { replicasOf } from './replicas.ts';
import { nodeOf } from './site-faults.ts';

/** LINSTOR's satellite or DRBD Operator's agent on a node stands still, and with it whatever is run in its container. */
export const satelliteLost: FaultKind = {
  kind: 'satellite-lost',
  about: 'the satellite or agent of the storage on a node does not answer; its volumes go on',
  options: ['--node NODE', '--vm VM', '--site CLUSTER'],
  prepare: (twin, order) => {
    const node = nodeOf(twin, order);
    return {
      says: `the satellite of ${node} does not answer`,
      breaks: [`satellite of ${node}`],
      act: () => {
        twin.linstor.satelliteLost(node);
        twin.containers.freeze(node);
      },
      heal: () => {
        twin.containers.thaw(node);
        twin.linstor.satelliteBack(node);
      },
    };
  },
};

/** A copy is made again from nothing, as after the loss of a disk with its metadata. */
export const replicaReplaced: FaultKind = {
  kind: 'replica-replaced',
  about: 'the copies of a VM on a site are deleted and made again: everything is copied anew',
  options: ['--vm VM', '--site CLUSTER', '--namespace NAMESPACE'],
  prepare: (twin, order) => {
    const places = replicasOf(twin, order);
    return {
      says: `the copies of ${order.vm} on ${places.map(({ node }) => node).join(', ')} are made again`,
      breaks: [],
      act: () => places.forEach(({ volume, node }) => replace(twin, volume, node)),
      heal: () => undefined,
    };
  },
};

function replace({ linstor, kernel, storageBackend }: Twin, volume: string, node: string): void {
  if (storageBackend === 'drbd-operator') {
    kernel.removeReplica(volume, node);
    kernel.addReplica(volume, node, 'diskful');
    return;
  }
  const path = `/v1/resource-definitions/${volume}/resources/${node}`;
  linstor.request({ method: 'DELETE', path });
  const body = { resource: { node_name: node, props: { StorPoolName: 'pool1' } } };
  linstor.request({ method: 'POST', path, body });
}
