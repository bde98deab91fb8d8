import { minute, second, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import { quantityValue } from '../../api-server/quantity.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import {
  createObject,
  deleteObject,
  hasFinalizer,
  isBeingDeleted,
  replaceObject,
  replaceStatus,
  withoutFinalizer,
} from '../cluster-writes.ts';
import type { CsiResult, VolumeProvisioner } from './csi-ports.ts';
import { bindCompleted, driverOf, selectedNode, volumeHandleOf } from './persistent-volume.ts';
import { linstorDriver } from '../../../../model/volume.ts';

const provisionerFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
const component = `${linstorDriver}_linstor-csi-controller`;
const firstRetry: Millis = second;
const longestRetry: Millis = 5 * minute;

/**
 * The external-provisioner side car of linstor-csi: a new volume for a claim that asks for one, and DeleteVolume for a
 * released volume of reclaim policy Delete. Source: `pkg/controller/controller.go` of kubernetes-csi/external-provisioner
 * and `controller/controller.go` of sig-storage-lib-external-provisioner.
 */
export function createExternalProvisioner({ storage }: { readonly storage: VolumeProvisioner }): Behaviour {
  const retries = new Map<string, { readonly count: number; readonly until: Millis }>();
  return {
    name: 'csi-provisioner',
    watches: [resources.persistentVolumeClaim, resources.persistentVolume],
    lag: 150,
    reconcile: (port, key) => new Provisioner(port, storage, retries).reconcile(key),
  };
}

class Provisioner {
  #port: ClusterPort;
  #storage: VolumeProvisioner;
  #retries: Map<string, { readonly count: number; readonly until: Millis }>;

  constructor(port: ClusterPort, storage: VolumeProvisioner, retries: Map<string, { count: number; until: Millis }>) {
    this.#port = port;
    this.#storage = storage;
    this.#retries = retries;
  }

  reconcile(key: ObjectKey): void {
    if (key.resource.kind === 'PersistentVolume') {
      const volume = this.#port.get(resources.persistentVolume, '', key.name);
      if (volume !== undefined && driverOf(volume) === linstorDriver) this.#syncVolume(volume, key);
      return;
    }
    const claim = this.#port.get(resources.persistentVolumeClaim, key.namespace, key.name);
    if (claim !== undefined && this.#isToProvision(claim)) this.#provision(claim, key);
  }

  #isToProvision(claim: KubeObject): boolean {
    const annotations = claim.metadata.annotations ?? {};
    return (
      annotations['volume.kubernetes.io/storage-provisioner'] === linstorDriver &&
      annotations[bindCompleted] === undefined &&
      textAt(claim, 'spec', 'volumeName') === undefined &&
      !isBeingDeleted(claim) &&
      this.#port.get(resources.persistentVolume, '', volumeNameFor(claim)) === undefined
    );
  }

  #provision(claim: KubeObject, key: ObjectKey): void {
    if (this.#isBackingOff(key)) return;
    const className = textAt(claim, 'spec', 'storageClassName') ?? '';
    const storageClass = this.#port.get(resources.storageClass, '', className);
    if (storageClass === undefined) return;
    const message = `External provisioner is provisioning volume for claim "${key.namespace}/${key.name}"`;
    recordEvent(this.#port, claim, { type: 'Normal', reason: 'Provisioning', message, component });
    const name = volumeNameFor(claim);
    const onNode = claim.metadata.annotations?.[selectedNode];
    const bytes = quantityValue(textAt(claim, 'spec', 'resources', 'requests', 'storage'));
    const result = this.#storage.ensureVolume({
      name,
      sizeKib: Math.ceil((Number.isNaN(bytes) ? 0 : bytes) / 1024),
      parameters: objectAt(storageClass, 'parameters') as Record<string, string>,
      ...(onNode === undefined ? {} : { onNode }),
      claim: { namespace: key.namespace, name: key.name },
    });
    if (result.kind === 'error') return this.#fail(claim, key, 'ProvisioningFailed', result, 'provision volume');
    this.#retries.delete(retryKey(key));
    createObject(this.#port, resources.persistentVolume, volumeFor(claim, storageClass, name, result.onlyOn));
    const done = `Successfully provisioned volume ${name}`;
    recordEvent(this.#port, claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message: done, component });
  }

  #syncVolume(volume: KubeObject, key: ObjectKey): void {
    const isOurs = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === linstorDriver;
    const isDoomed = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete';
    const phase = textAt(volume, 'status', 'phase');
    if (isOurs && isDoomed && (phase === 'Released' || phase === 'Failed')) return this.#destroy(volume, key);
    // The finalizer makes the policy hold whichever object is deleted first; with Retain there is nothing to wait for.
    if (isBeingDeleted(volume) && !isDoomed && hasFinalizer(volume, provisionerFinalizer)) {
      replaceObject(this.#port, resources.persistentVolume, withoutFinalizer(volume, provisionerFinalizer));
    }
  }

  #destroy(volume: KubeObject, key: ObjectKey): void {
    if (this.#isBackingOff(key)) return;
    const result = this.#storage.deleteVolume(volumeHandleOf(volume) ?? '');
    if (result.kind === 'error') {
      this.#fail(volume, key, 'VolumeFailedDelete', result, 'delete volume');
      const message = textOf(result);
      replaceStatus(this.#port, resources.persistentVolume, volume, {
        ...objectAt(volume, 'status'),
        phase: 'Failed',
        message,
      });
      return;
    }
    this.#retries.delete(retryKey(key));
    if (!isBeingDeleted(volume)) deleteObject(this.#port, resources.persistentVolume, volume);
    const left = this.#port.get(resources.persistentVolume, '', volume.metadata.name);
    if (left === undefined || !hasFinalizer(left, provisionerFinalizer)) return;
    replaceObject(this.#port, resources.persistentVolume, withoutFinalizer(left, provisionerFinalizer));
  }

  #fail(object: KubeObject, key: ObjectKey, reason: string, result: CsiResult & { kind: 'error' }, what: string): void {
    const count = this.#retries.get(retryKey(key))?.count ?? 0;
    const delay = Math.min(firstRetry * 2 ** count, longestRetry);
    this.#retries.set(retryKey(key), { count: count + 1, until: this.#port.now + delay });
    this.#port.wakeAt(this.#port.now + delay, key);
    const about =
      reason === 'ProvisioningFailed'
        ? `failed to ${what} with StorageClass "${textAt(object, 'spec', 'storageClassName')}": `
        : '';
    recordEvent(this.#port, object, { type: 'Warning', reason, message: `${about}${textOf(result)}`, component });
  }

  // Its own writes and Events wake it; the next attempt waits for its time.
  #isBackingOff(key: ObjectKey): boolean {
    const until = this.#retries.get(retryKey(key))?.until ?? 0;
    if (this.#port.now >= until) return false;
    this.#port.wakeAt(until, key);
    return true;
  }
}

function volumeNameFor(claim: KubeObject): string {
  return `pvc-${claim.metadata.uid}`;
}

function retryKey(key: ObjectKey): string {
  return `${key.resource.kind}/${key.namespace}/${key.name}`;
}

function textOf(result: { readonly code: string; readonly message: string }): string {
  return `rpc error: code = ${result.code} desc = ${result.message}`;
}

function volumeFor(
  claim: KubeObject,
  storageClass: KubeObject,
  name: string,
  onlyOn: readonly string[] | undefined,
): JsonObject {
  const parameters = objectAt(storageClass, 'parameters');
  const mode = textAt(claim, 'spec', 'volumeMode') ?? 'Filesystem';
  const { name: claimName, namespace = '', uid, resourceVersion } = claim.metadata;
  const prefix = linstorDriver;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        'pv.kubernetes.io/provisioned-by': linstorDriver,
        'volume.kubernetes.io/provisioner-deletion-secret-name': '',
        'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
      },
      finalizers: [provisionerFinalizer, 'kubernetes.io/pv-protection'],
    },
    spec: {
      accessModes: listAt(claim, 'spec', 'accessModes'),
      capacity: { storage: textAt(claim, 'spec', 'resources', 'requests', 'storage') ?? '0' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claimName, namespace, resourceVersion, uid },
      csi: {
        driver: linstorDriver,
        ...(mode === 'Filesystem' ? { fsType: textAt(parameters, 'csi.storage.k8s.io/fstype') ?? 'ext4' } : {}),
        volumeAttributes: {
          [`${prefix}/mount-options`]: textAt(parameters, 'mountOpts') ?? '',
          [`${prefix}/post-mount-xfs-opts`]: textAt(parameters, 'postMountXfsOpts') ?? '',
          [`${prefix}/remote-access-policy`]: remoteAccessOf(parameters),
          [`${prefix}/uses-volume-context`]: 'true',
          'storage.kubernetes.io/csiProvisionerIdentity': `1767225600000-1000-${linstorDriver}`,
        },
        volumeHandle: name,
      },
      ...(onlyOn === undefined ? {} : { nodeAffinity: affinityTo(onlyOn) }),
      persistentVolumeReclaimPolicy: textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: mode,
    },
  };
}

/** One term for each copy, the other site's included: the same volume serves both clusters. */
function affinityTo(nodes: readonly string[]): JsonObject {
  const nodeSelectorTerms = nodes.map((node) => ({
    matchExpressions: [{ key: 'linbit.com/hostname', operator: 'In', values: [node] }],
  }));
  return { required: { nodeSelectorTerms } };
}

function remoteAccessOf(parameters: JsonObject): string {
  return (
    textAt(parameters, 'allowRemoteVolumeAccess') ??
    textAt(parameters, `${linstorDriver}/allowRemoteVolumeAccess`) ??
    'true'
  );
}
