import type { Json } from '../../../../model/json.ts';
import type { VolumeCapability } from './csi-ports.ts';

/**
 * What a driver is asked to make possible, from the access modes of a claim or a volume: one capability for each
 * (`csi-lib-utils/accessmodes`, for a driver that tells single nodes with several writers apart, as linstor-csi does).
 */
export function capabilitiesOf(
  accessModes: readonly Json[],
  volumeMode: string | undefined,
  fsType: string | undefined,
): readonly VolumeCapability[] {
  const access =
    volumeMode === 'Block' ? { block: {} } : { mount: fsType === undefined || fsType === '' ? {} : { fsType } };
  return accessModes.map((mode) => ({ ...access, accessMode: { mode: modeOf(mode) } }));
}

/** The one capability that a volume is published with: the widest of its modes. */
export function capabilityToPublish(
  accessModes: readonly Json[],
  volumeMode: string | undefined,
  fsType: string | undefined,
): VolumeCapability | undefined {
  const widest = ['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteOncePod'].find((mode) =>
    accessModes.includes(mode),
  );
  return capabilitiesOf(widest === undefined ? [] : [widest], volumeMode, fsType)[0];
}

function modeOf(mode: Json): string {
  if (mode === 'ReadWriteMany') return 'MULTI_NODE_MULTI_WRITER';
  if (mode === 'ReadOnlyMany') return 'MULTI_NODE_READER_ONLY';
  return mode === 'ReadWriteOncePod' ? 'SINGLE_NODE_SINGLE_WRITER' : 'SINGLE_NODE_MULTI_WRITER';
}
