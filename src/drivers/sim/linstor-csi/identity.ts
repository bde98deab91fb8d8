import { linstorDriver } from '../../../model/volume.ts';
import type { CsiAnswer, Topology } from '../behaviours/storage/csi-ports.ts';
import { failed } from './answers.ts';
import type { LinstorClient } from './linstor-client.ts';
import { labelsOf } from './placement.ts';
import { hostnameKey } from './remote-access.ts';

const driverVersion = 'v1.12.0';

/** GetPluginInfo and Probe need nothing but the program; the capabilities are those of 1.12.0 without NFS export. */
export const pluginInfo = { name: linstorDriver, vendorVersion: driverVersion };

export const pluginCapabilities = {
  capabilities: [
    { service: { type: 'CONTROLLER_SERVICE' } },
    { service: { type: 'VOLUME_ACCESSIBILITY_CONSTRAINTS' } },
    { service: { type: 'GROUP_CONTROLLER_SERVICE' } },
    { volumeExpansion: { type: 'ONLINE' } },
  ],
};

export const controllerCapabilities = capabilities(
  'CREATE_DELETE_VOLUME PUBLISH_UNPUBLISH_VOLUME LIST_VOLUMES CREATE_DELETE_SNAPSHOT CLONE_VOLUME LIST_SNAPSHOTS ' +
    'GET_CAPACITY EXPAND_VOLUME GET_VOLUME VOLUME_CONDITION SINGLE_NODE_MULTI_WRITER',
);

export const nodeCapabilities = capabilities('GET_VOLUME_STATS EXPAND_VOLUME');

export const groupCapabilities = capabilities('CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT');

export interface NodeInfo {
  readonly nodeId: string;
  readonly maxVolumesPerNode: string;
  readonly accessibleTopology: Topology;
}

/** NodeGetInfo: the node as LINSTOR describes it, also while its satellite is away (`GetNodeTopologies`). */
export function nodeInfo(
  client: LinstorClient,
  nodeId: string,
  { propertySpace, labelsByPool }: { readonly propertySpace: string; readonly labelsByPool: boolean },
): CsiAnswer<NodeInfo> {
  const pools = labelsByPool ? client.pools().filter(({ node }) => node === nodeId) : [];
  const node = client.nodes().find(({ name }) => name === nodeId);
  if (node === undefined)
    return failed('Unknown', 'failed to retrieve node topology: failed to get node: 404 Not Found');
  const segments = {
    [hostnameKey]: nodeId,
    ...Object.fromEntries(pools.map(({ name }) => [`linbit.com/sp-${name}`, 'true'])),
    ...labelsOf(node.properties, propertySpace),
  };
  return { kind: 'ok', value: { nodeId, maxVolumesPerNode: '1048576', accessibleTopology: { segments } } };
}

function capabilities(types: string): {
  readonly capabilities: readonly { readonly rpc: { readonly type: string } }[];
} {
  return { capabilities: types.split(' ').map((type) => ({ rpc: { type } })) };
}
