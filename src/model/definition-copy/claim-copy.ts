import { type JsonObject, objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { bytesOf } from '../quantity.ts';
import type { SiteName } from '../site.ts';
import { accessModesOf, storageClassNameOf, volumeModeOf } from '../volume.ts';
import { copiedMetadata, type DefinitionCopy } from './copied-metadata.ts';

/**
 * A PersistentVolumeClaim for the other site. It names its volume from the start (`volumeName` is set to the copy's name, which is
 * the volume's): a claim without one would be provisioned a new, empty disk. It asks for nothing that the volume does not have,
 * and carries no bind annotation: with one it would be Lost until its volume exists.
 */
export function copyClaim(claim: KubeObject, volume: KubeObject, from: SiteName): DefinitionCopy {
  const { metadata, dropped } = copiedMetadata(claim, from);
  const { dataSource, dataSourceRef, ...rest } = objectAt(claim, 'spec');
  const volumeName = volume.metadata.name;
  const offered = new Set(accessModesOf(volume));
  const fitting = accessModesOf(claim).filter((mode) => offered.has(mode));
  const storage = fittingRequest(claim, volume);
  const spec: JsonObject = {
    ...rest,
    accessModes: fitting.length === 0 ? accessModesOf(volume) : fitting,
    resources: {
      ...objectAt(claim, 'spec', 'resources'),
      requests: { ...objectAt(claim, 'spec', 'resources', 'requests'), storage },
    },
    storageClassName: storageClassNameOf(volume),
    volumeMode: volumeModeOf(volume),
    volumeName,
  };
  const sourceName = textAt(claim, 'spec', 'volumeName');
  const asked = textAt(claim, 'spec', 'resources', 'requests', 'storage');
  return {
    object: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec },
    dropped: [
      ...dropped,
      ...(sourceName === undefined || sourceName === volumeName ? [] : ['spec.volumeName']),
      ...(dataSource === undefined ? [] : ['spec.dataSource']),
      ...(dataSourceRef === undefined ? [] : ['spec.dataSourceRef']),
      ...(asked === storage
        ? []
        : [`spec.resources.requests.storage: ${asked ?? 'nothing'} becomes ${storage}, the volume's size`]),
      ...(claim.status === undefined ? [] : ['status']),
    ],
  };
}

/** What is asked for, or the volume's size where that is smaller (an expansion that has not reached the volume yet). */
function fittingRequest(claim: KubeObject, volume: KubeObject): string {
  const asked = textAt(claim, 'spec', 'resources', 'requests', 'storage');
  const size = textAt(volume, 'spec', 'capacity', 'storage');
  if (asked === undefined || size === undefined) return asked ?? size ?? '0';
  const askedBytes = bytesOf(asked);
  const sizeBytes = bytesOf(size);
  return askedBytes !== undefined && sizeBytes !== undefined && askedBytes > sizeBytes ? size : asked;
}
