import { minute, second, type Millis } from '../../../../model/instant.ts';
import { at, listAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { recordEventOnce } from '../cluster-events.ts';
import { createObject, deleteObject, isBeingDeleted } from '../cluster-writes.ts';
import { conditionOf } from '../conditions.ts';
import { attachmentNameOf } from './volume-attachment.ts';
import {
  boundVolumeOf,
  claimNamesOf,
  claimsOfPod,
  driverOf,
  isBound,
  isTerminated,
  volumeHandleOf,
} from './persistent-volume.ts';

/** A volume of a node that does not answer is detached by force after this long without a pod that wants it. */
const longestWaitForUnmount: Millis = 6 * minute;
/** How often pods are looked through for volumes that were not there before (`desired_state_of_world_populator.go`). */
const lookAgainAfter: Millis = 3 * minute;
const outOfService = 'node.kubernetes.io/out-of-service';

/**
 * The attach/detach controller: a VolumeAttachment for each CSI volume of the pods on a node, as long as one of them lives.
 * Source: `pkg/controller/volume/attachdetach` of kubernetes/kubernetes.
 */
export function createAttachDetach(): Behaviour {
  // World time since which an attachment on a node that is not ready is wanted by nobody.
  const unwantedSince = new Map<string, Millis>();
  return {
    name: 'attachdetach-controller',
    watches: [resources.pod, resources.volumeAttachment, resources.node],
    lag: 200,
    reconcile: (port, key) => reconcile(port, key, unwantedSince),
  };
}

function reconcile(port: ClusterPort, key: ObjectKey, unwantedSince: Map<string, Millis>): void {
  if (key.resource.kind === 'Pod') {
    const pod = port.get(resources.pod, key.namespace, key.name);
    if (pod !== undefined && isWanting(pod)) {
      attachFor(port, pod);
      if (claimsOfPod(port, pod).some(({ volume }) => volume === undefined))
        port.wakeAt(port.now + lookAgainAfter, key);
      return;
    }
  }
  if (key.resource.kind === 'VolumeAttachment' && port.get(resources.volumeAttachment, '', key.name) === undefined) {
    // What one node gave up another may wait for.
    for (const pod of port.list(resources.pod)) if (isWanting(pod)) attachFor(port, pod);
    return;
  }
  for (const attachment of port.list(resources.volumeAttachment)) {
    if (key.resource.kind === 'VolumeAttachment' && attachment.metadata.name !== key.name) continue;
    if (key.resource.kind === 'Node' && textAt(attachment, 'spec', 'nodeName') !== key.name) continue;
    report(port, attachment, key);
    detachWhenUnwanted(port, attachment, unwantedSince);
  }
}

function isWanting(pod: KubeObject): boolean {
  return pod.spec?.['nodeName'] !== undefined && !isTerminated(pod);
}

function attachFor(port: ClusterPort, pod: KubeObject): void {
  const node = textAt(pod, 'spec', 'nodeName') ?? '';
  for (const { claim, volume } of claimsOfPod(port, pod)) {
    const driver = volume === undefined ? undefined : driverOf(volume);
    if (claim === undefined || volume === undefined || driver === undefined || !isBound(claim)) continue;
    const name = attachmentNameOf(volumeHandleOf(volume) ?? '', driver, node);
    if (port.get(resources.volumeAttachment, '', name) !== undefined) continue;
    if (!isShared(volume) && isAttachedElsewhere(port, volume, node)) {
      sayMultiAttach(port, pod, volume);
      continue;
    }
    createObject(port, resources.volumeAttachment, {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name },
      spec: { attacher: driver, source: { persistentVolumeName: volume.metadata.name }, nodeName: node },
    });
  }
}

function isShared(volume: KubeObject): boolean {
  const modes = listAt(volume, 'spec', 'accessModes');
  return modes.includes('ReadWriteMany') || modes.includes('ReadOnlyMany');
}

function isAttachedElsewhere(port: ClusterPort, volume: KubeObject, node: string): boolean {
  return port
    .list(resources.volumeAttachment)
    .some((one) => volumeNameOf(one) === volume.metadata.name && textAt(one, 'spec', 'nodeName') !== node);
}

function sayMultiAttach(port: ClusterPort, pod: KubeObject, volume: KubeObject): void {
  const message = `Multi-Attach error for volume "${volume.metadata.name}" Volume is already exclusively attached to one node and can't be attached to another`;
  const component = 'attachdetach-controller';
  recordEventOnce(port, pod, { type: 'Warning', reason: 'FailedAttachVolume', message, component });
}

// Tells the pods of the node what became of the attachment.
function report(port: ClusterPort, attachment: KubeObject, key: ObjectKey): void {
  if (key.resource.kind !== 'VolumeAttachment' || isBeingDeleted(attachment)) return;
  const volume = volumeNameOf(attachment);
  const error = textAt(attachment, 'status', 'attachError', 'message');
  const isAttached = at(attachment, 'status', 'attached') === true;
  if (!isAttached && error === undefined) return;
  const isWantedBy = wantedBy(port, attachment);
  for (const pod of port.list(resources.pod).filter(isWantedBy)) {
    const message = isAttached
      ? `AttachVolume.Attach succeeded for volume "${volume}" `
      : `AttachVolume.Attach failed for volume "${volume}" : ${error}`;
    const component = 'attachdetach-controller';
    if (isAttached)
      recordEventOnce(port, pod, { type: 'Normal', reason: 'SuccessfulAttachVolume', message, component });
    else recordEventOnce(port, pod, { type: 'Warning', reason: 'FailedAttachVolume', message, component });
  }
}

function detachWhenUnwanted(port: ClusterPort, attachment: KubeObject, unwantedSince: Map<string, Millis>): void {
  const name = attachment.metadata.name;
  if (isBeingDeleted(attachment) || port.list(resources.pod).some(wantedBy(port, attachment))) {
    unwantedSince.delete(name);
    return;
  }
  const node = port.get(resources.node, '', textAt(attachment, 'spec', 'nodeName') ?? '');
  if (isSafeToDetach(node)) {
    deleteObject(port, resources.volumeAttachment, attachment);
    return;
  }
  const since = unwantedSince.get(name) ?? port.now;
  unwantedSince.set(name, since);
  const rest = since + longestWaitForUnmount - port.now;
  if (rest <= 0) deleteObject(port, resources.volumeAttachment, attachment);
  else port.wakeAt(port.now + Math.max(rest, second), { resource: resources.volumeAttachment, namespace: '', name });
}

// A ready node has unmounted what its ended pods used; of one that is out of service nothing is expected.
function isSafeToDetach(node: KubeObject | undefined): boolean {
  if (node === undefined || textAt(conditionOf(node, 'Ready'), 'status') === 'True') return true;
  return listAt(node, 'spec', 'taints').some((taint) => textAt(taint, 'key') === outOfService);
}

function wantedBy(port: ClusterPort, attachment: KubeObject): (pod: KubeObject) => boolean {
  const node = attachment.spec?.['nodeName'];
  const volumeName = volumeNameOf(attachment);
  const mounts = (pod: KubeObject): boolean =>
    claimNamesOf(pod).some(({ claimName }) => {
      const claim = port.get(resources.persistentVolumeClaim, pod.metadata.namespace ?? '', claimName);
      return claim !== undefined && boundVolumeOf(claim) === volumeName;
    });
  return (pod) => isWanting(pod) && pod.spec?.['nodeName'] === node && mounts(pod);
}

function volumeNameOf(attachment: KubeObject): string | undefined {
  return textAt(attachment, 'spec', 'source', 'persistentVolumeName');
}
