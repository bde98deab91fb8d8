import { at, listAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import type { DrbdPort } from '../../drbd/port.ts';
import { claimsOfPod, volumeHandleOf } from '../storage/persistent-volume.ts';
import { replicatedResourceOf } from '../../../../model/volume.ts';

/** Whether a pod's volumes are ready on its node. `pending`: look again soon. `failed`: an Event says so, and the node tries again later. */
export type MountResult =
  | { readonly kind: 'mounted'; readonly disks: readonly string[] }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'failed'; readonly reason: 'FailedMount' | 'FailedMapVolume'; readonly message: string };

/**
 * Sets up the volumes of a pod: Secrets and ConfigMaps must exist, claims must be attached, and the DRBD device of each
 * is opened in the name of the pod, which promotes the replica.
 */
export function mountVolumes(port: ClusterPort, pod: KubeObject, drbd: DrbdPort): MountResult {
  const missing = missingFile(port, pod);
  if (missing !== undefined) return missing;
  const node = textAt(pod, 'spec', 'nodeName') ?? '';
  const disks: string[] = [];
  for (const { volume } of claimsOfPod(port, pod)) {
    if (volume === undefined) return { kind: 'waiting' };
    const handle = volumeHandleOf(volume);
    if (handle === undefined) continue;
    if (!isAttached(port, volume.metadata.name, node)) return { kind: 'waiting' };
    if (replicatedResourceOf(volume) === undefined) continue;
    const opened = drbd.open(handle, node, pod.metadata.name, 'rw');
    if (opened.kind === 'pending') return { kind: 'pending' };
    if (opened.kind === 'refused') return refused(volume, handle, opened.errno);
    disks.push(handle);
  }
  return { kind: 'mounted', disks };
}

/** Closes what `mountVolumes` has opened so far. */
export function unmountVolumes(port: ClusterPort, pod: KubeObject, drbd: DrbdPort): void {
  const node = textAt(pod, 'spec', 'nodeName') ?? '';
  for (const { volume } of claimsOfPod(port, pod)) {
    const handle =
      volume === undefined || replicatedResourceOf(volume) === undefined ? undefined : volumeHandleOf(volume);
    if (handle !== undefined) drbd.close(handle, node, pod.metadata.name);
  }
}

function missingFile(port: ClusterPort, pod: KubeObject): MountResult | undefined {
  const namespace = pod.metadata.namespace ?? '';
  for (const volume of listAt(pod, 'spec', 'volumes')) {
    const name = textAt(volume, 'name') ?? '';
    const secret = textAt(volume, 'secret', 'secretName');
    const configMap = textAt(volume, 'configMap', 'name');
    const isOptional = at(volume, 'secret', 'optional') === true || at(volume, 'configMap', 'optional') === true;
    const [what, wanted] = secret === undefined ? (['configmap', configMap] as const) : (['secret', secret] as const);
    if (wanted === undefined || isOptional) continue;
    if (port.get(what === 'secret' ? resources.secret : resources.configMap, namespace, wanted) !== undefined) continue;
    const message = `MountVolume.SetUp failed for volume "${name}" : ${what} "${wanted}" not found`;
    return { kind: 'failed', reason: 'FailedMount', message };
  }
  return undefined;
}

/** True when the volume is attached to the node, as its VolumeAttachment says. */
function isAttached(port: ClusterPort, volumeName: string, node: string): boolean {
  return port
    .list(resources.volumeAttachment)
    .some(
      (attachment) =>
        textAt(attachment, 'spec', 'nodeName') === node &&
        textAt(attachment, 'spec', 'source', 'persistentVolumeName') === volumeName &&
        at(attachment, 'status', 'attached') === true,
    );
}

// The errors of open(2) as strerror has them.
const errnoTexts: Readonly<Record<string, string>> = {
  EROFS: 'read-only file system',
  EMEDIUMTYPE: 'wrong medium type',
  ENODATA: 'no data available',
  ENOENT: 'no such file or directory',
  EIO: 'input/output error',
  ENOTRECOVERABLE: 'state not recoverable',
};

function refused(volume: KubeObject, handle: string, errno: string): MountResult {
  const device = `/dev/drbd/by-res/${handle}/0`;
  const cause = errnoTexts[errno] ?? errno;
  const prefix = `rpc error: code = Internal desc = NodePublishVolume failed for ${handle}:`;
  const name = volume.metadata.name;
  if (textAt(volume, 'spec', 'volumeMode') === 'Block') {
    const message = `MapVolume.MapPodDevice failed for volume "${name}" : ${prefix} could not open block device ${device}: open ${device}: ${cause}`;
    return { kind: 'failed', reason: 'FailedMapVolume', message };
  }
  const message = `MountVolume.SetUp failed for volume "${name}" : ${prefix} mount failed: exit status 32: mount: ${device}: ${cause}`;
  return { kind: 'failed', reason: 'FailedMount', message };
}
