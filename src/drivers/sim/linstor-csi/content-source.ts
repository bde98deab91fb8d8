import type { CreateVolumeRequest, CsiError } from '../behaviours/storage/csi-ports.ts';
import { failed } from './answers.ts';
import { findVolume } from './existing-volume.ts';
import type { LinstorClient } from './linstor-client.ts';

/**
 * Why a volume cannot begin as a copy of something: this LINSTOR has no snapshots, and clones nothing
 * (`createNewVolume` in `pkg/driver/driver.go`).
 */
export function refuseSource(
  client: LinstorClient,
  name: string,
  { snapshot, volume }: NonNullable<CreateVolumeRequest['volumeContentSource']>,
): CsiError {
  if (snapshot !== undefined) {
    const { snapshotId = '' } = snapshot;
    if (snapshotId === '') return failed('InvalidArgument', `CreateVolume failed for ${name}: empty snapshotId`);
    client.lookForSnapshot();
    return failed('NotFound', `CreateVolume failed for ${name}: snapshot '${snapshotId}' not found in storage backend`);
  }
  const { volumeId = '' } = volume ?? {};
  if (volumeId === '') return failed('InvalidArgument', `CreateVolume failed for ${name}: empty volumeId`);
  if (findVolume(client, volumeId) === undefined)
    return failed('NotFound', `CreateVolume failed for ${name}: source volume not found in storage backend`);
  return failed('Unimplemented', `CreateVolume failed for ${name}: nothing is cloned here`);
}
