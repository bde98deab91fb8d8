import { linstorDriver } from '../../../model/volume.ts';
import type { ControllerPublishVolumeRequest, CsiAnswer } from '../behaviours/storage/csi-ports.ts';
import { failed, missingArgument } from './answers.ts';
import { findVolume } from './existing-volume.ts';
import type { LinstorClient, LinstorFailure } from './linstor-client.ts';

/**
 * ControllerPublishVolume: makes the volume available on a node, without a disk where it has no replica there. A volume of
 * mode Block for several writers that is in use elsewhere is allowed two primaries: in use as far as the view, which may be
 * half a minute old, shows it.
 * Sources: `ControllerPublishVolume` in `pkg/driver/driver.go`, `Attach` in `pkg/client/linstor.go`.
 */
export function publishVolume(
  client: LinstorClient,
  { volumeId = '', nodeId = '', volumeCapability }: ControllerPublishVolumeRequest,
): CsiAnswer<{ readonly publishContext: Readonly<Record<string, string>> }> {
  const call = 'ControllerPublishVolume';
  if (volumeId === '') return missingArgument(call, '', 'VolumeId');
  if (nodeId === '') return missingArgument(call, volumeId, 'NodeId');
  if (volumeCapability === undefined) return missingArgument(call, volumeId, 'VolumeCapability');
  const present = findVolume(client, volumeId);
  if (present === undefined)
    return failed('NotFound', `${call} failed for ${volumeId}: volume not present in storage backend`);
  const node = client.nodes().find(({ name }) => name === nodeId);
  if (node?.online !== true) {
    const why = node === undefined ? '404 Not Found' : 'node OFFLINE';
    return failed('NotFound', `${call} failed for ${volumeId} on node ${nodeId}: ${why}`);
  }
  const { accessMode, block } = volumeCapability;
  const isShared = block !== undefined && accessMode?.mode === 'MULTI_NODE_MULTI_WRITER';
  const device = attach(client, volumeId, nodeId, isShared);
  if ('fault' in device) return failed('Internal', `${call} failed for ${volumeId}: ${device.fault}`);
  const publishContext = {
    [`${linstorDriver}/uses-publish-context`]: 'true',
    [`${linstorDriver}/device-path`]: device.path,
    [`${linstorDriver}/fs-type`]: present.fsType,
  };
  return { kind: 'ok', value: { publishContext } };
}

/**
 * ControllerUnpublishVolume: with exactly one replica in use, on whatever node, two primaries are no longer allowed; then a
 * replica without a disk on the named node goes away. That LINSTOR refuses because it is still in use is no error.
 */
export function unpublishVolume(
  client: LinstorClient,
  { volumeId = '', nodeId = '' }: { readonly volumeId?: string; readonly nodeId?: string },
): CsiAnswer<object> {
  const call = 'ControllerUnpublishVolume';
  if (volumeId === '') return missingArgument(call, '', 'VolumeId');
  if (nodeId === '') return missingArgument(call, '', 'NodeId');
  const failure = detach(client, volumeId, nodeId);
  if (failure === undefined || failure.notFound || failure.codes.includes(stillInUse)) return { kind: 'ok', value: {} };
  return failed('Internal', `${call} failed for ${volumeId}: ${failure.text}`);
}

const twoPrimaries = 'DrbdOptions/Net/allow-two-primaries';
const stillInUse = 997;

function attach(
  client: LinstorClient,
  volume: string,
  node: string,
  isShared: boolean,
): { readonly path: string } | { readonly fault: string } {
  const path = `/v1/resource-definitions/${volume}`;
  const replicas = client.replicasOf(volume);
  if (replicas.length === 0) return { fault: 'failed to attach resource with no deployed replica' };
  const others = replicas.filter((replica) => replica.node !== node && replica.inUse === true).length;
  if (others >= 2) return { fault: 'two other resources already InUse' };
  if (others === 1 && isShared) {
    const failure = client.change('PUT', path, { override_props: { [twoPrimaries]: 'yes' } });
    if (failure !== undefined) return { fault: failure.text };
  }
  let failure = client.changeResources('POST', `${path}/resources/${node}/make-available`, {});
  if (failure?.notFound === true) {
    // Rules of the group about where replicas may be are not heeded for one without a disk.
    const resource = { name: volume, node_name: node, flags: ['DRBD_DISKLESS'] };
    failure = client.changeResources('POST', `${path}/resources/${node}`, { resource });
  }
  if (failure !== undefined) return { fault: failure.text };
  const replica = client.replicasOf(volume).find((each) => each.node === node);
  return replica?.devicePath === undefined ? { fault: '404 Not Found' } : { path: replica.devicePath };
}

function detach(client: LinstorClient, volume: string, node: string): LinstorFailure | undefined {
  const path = `/v1/resource-definitions/${volume}`;
  if (client.replicasOf(volume).filter(({ inUse }) => inUse === true).length === 1) {
    const failure = client.change('PUT', path, { delete_props: [twoPrimaries] });
    if (failure !== undefined) return failure;
  }
  const replica = client.replicasOf(volume).find((each) => each.node === node);
  if (replica === undefined || replica.diskful) return undefined;
  return client.changeResources('DELETE', `${path}/resources/${node}?keep_tiebreaker=true`);
}
