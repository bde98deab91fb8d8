import { minute, second, timestamp, type Millis } from '../../../../model/instant.ts';
import { at, listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import {
  hasFinalizer,
  isBeingDeleted,
  replaceObject,
  replaceStatus,
  withMetadata,
  withoutFinalizer,
} from '../cluster-writes.ts';
import type { VolumePublisher } from './csi-ports.ts';
import { volumeHandleOf } from './persistent-volume.ts';
import { capabilityToPublish } from './volume-capability.ts';
import { linstorDriver } from '../../../../model/volume.ts';

interface Failure {
  readonly count: number;
  /** World time before which nothing is tried. */
  readonly until: Millis;
}

const firstRetry: Millis = second;
const longestRetry: Millis = 5 * minute;

/** A CSI driver, as the side car that publishes its volumes knows it. */
export interface AttacherParts {
  readonly publisher: VolumePublisher;
  /** Name of the driver; LINSTOR's unless given. */
  readonly csiDriver?: string;
}

/** The driver that a side car serves, and the finalizer by which it holds attachments (`GetFinalizerName`). */
interface Served {
  readonly publisher: VolumePublisher;
  readonly driver: string;
  readonly finalizer: string;
}

/**
 * The external-attacher side car of a CSI driver: publishes volumes on nodes as VolumeAttachments ask.
 * Source: `pkg/controller/csi_handler.go` of kubernetes-csi/external-attacher.
 */
export function createExternalAttacher({ publisher, csiDriver: driver = linstorDriver }: AttacherParts): Behaviour {
  const served = { publisher, driver, finalizer: `external-attacher/${driver.replaceAll('.', '-')}` };
  const failures = new Map<string, Failure>();
  return {
    name: 'csi-attacher',
    watches: [resources.volumeAttachment],
    lag: 100,
    reconcile: (port, key) => reconcile(port, key, served, failures),
  };
}

function reconcile(port: ClusterPort, key: ObjectKey, served: Served, failures: Map<string, Failure>): void {
  const attachment = port.get(resources.volumeAttachment, '', key.name);
  if (attachment === undefined || textAt(attachment, 'spec', 'attacher') !== served.driver) return;
  if (isBeingDeleted(attachment)) detach(port, attachment, served, failures);
  else if (at(attachment, 'status', 'attached') !== true) attach(port, attachment, served, failures);
}

function attach(port: ClusterPort, attachment: KubeObject, served: Served, failures: Map<string, Failure>): void {
  const node = textAt(attachment, 'spec', 'nodeName') ?? '';
  if (!hasFinalizer(attachment, served.finalizer)) {
    const finalizers = [...(attachment.metadata.finalizers ?? []), served.finalizer];
    const annotations = { ...attachment.metadata.annotations, 'csi.alpha.kubernetes.io/node-id': node };
    replaceObject(port, resources.volumeAttachment, withMetadata(attachment, { finalizers, annotations }));
    return;
  }
  if (isBackingOff(port, attachment, failures)) return;
  const volume = volumeOf(port, attachment);
  if (volume === undefined) {
    const name = textAt(attachment, 'spec', 'source', 'persistentVolumeName') ?? '';
    return noteAttachError(port, attachment, `persistentvolume "${name}" not found`, failures);
  }
  const mode = textAt(volume, 'spec', 'volumeMode');
  const fsType = textAt(volume, 'spec', 'csi', 'fsType');
  const volumeCapability = capabilityToPublish(listAt(volume, 'spec', 'accessModes'), mode, fsType);
  const result = served.publisher.controllerPublishVolume({
    volumeId: volumeHandleOf(volume) ?? '',
    nodeId: node,
    ...(volumeCapability === undefined ? {} : { volumeCapability }),
  });
  if (result.kind === 'ok') {
    failures.delete(attachment.metadata.name);
    replaceStatus(port, resources.volumeAttachment, attachment, { attached: true });
    return;
  }
  noteAttachError(port, attachment, textOf(result), failures);
}

function noteAttachError(
  port: ClusterPort,
  attachment: KubeObject,
  message: string,
  failures: Map<string, Failure>,
): void {
  const attachError = { message, time: timestamp(port.wallNow) };
  retryLater(port, attachment, failures);
  replaceStatus(port, resources.volumeAttachment, attachment, { attached: false, attachError });
}

function detach(port: ClusterPort, attachment: KubeObject, served: Served, failures: Map<string, Failure>): void {
  if (!hasFinalizer(attachment, served.finalizer)) return;
  const volume = volumeOf(port, attachment);
  const node = textAt(attachment, 'spec', 'nodeName') ?? '';
  if (isBackingOff(port, attachment, failures)) return;
  const result =
    volume === undefined
      ? undefined
      : served.publisher.controllerUnpublishVolume({ volumeId: volumeHandleOf(volume) ?? '', nodeId: node });
  if (result === undefined || result.kind === 'ok') {
    failures.delete(attachment.metadata.name);
    replaceObject(port, resources.volumeAttachment, withoutFinalizer(attachment, served.finalizer));
    return;
  }
  const detachError = { message: textOf(result), time: timestamp(port.wallNow) };
  retryLater(port, attachment, failures);
  replaceStatus(port, resources.volumeAttachment, attachment, { ...objectAt(attachment, 'status'), detachError });
}

function volumeOf(port: ClusterPort, attachment: KubeObject): KubeObject | undefined {
  return port.get(resources.persistentVolume, '', textAt(attachment, 'spec', 'source', 'persistentVolumeName') ?? '');
}

function textOf(result: { readonly code: string; readonly message: string }): string {
  return `rpc error: code = ${result.code} desc = ${result.message}`;
}

// The write of an error wakes this behaviour at once; the next attempt waits for its time.
function isBackingOff(port: ClusterPort, attachment: KubeObject, failures: Map<string, Failure>): boolean {
  const name = attachment.metadata.name;
  const until = failures.get(name)?.until ?? 0;
  if (port.now >= until) return false;
  port.wakeAt(until, { resource: resources.volumeAttachment, namespace: '', name });
  return true;
}

function retryLater(port: ClusterPort, attachment: KubeObject, failures: Map<string, Failure>): void {
  const name = attachment.metadata.name;
  const count = failures.get(name)?.count ?? 0;
  const delay = Math.min(firstRetry * 2 ** count, longestRetry);
  const until = port.now + delay;
  failures.set(name, { count: count + 1, until });
  // Not left to the write of the error: the same error in the same second changes nothing, and wakes nobody.
  port.wakeAt(until, { resource: resources.volumeAttachment, namespace: '', name });
}
