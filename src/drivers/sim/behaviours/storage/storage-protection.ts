import { listAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject, type ResourceType } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { hasFinalizer, isBeingDeleted, replaceObject, withMetadata, withoutFinalizer } from '../cluster-writes.ts';
import { isTerminated } from './persistent-volume.ts';

const claimProtection = 'kubernetes.io/pvc-protection';
const volumeProtection = 'kubernetes.io/pv-protection';

/**
 * Keeps claims that a pod uses, and volumes that are bound, from going away.
 * Source: `pkg/controller/volume/pvcprotection` and `pvprotection` of kubernetes/kubernetes.
 */
export function createStorageProtection(): Behaviour {
  return {
    name: 'storage-protection',
    watches: [resources.persistentVolumeClaim, resources.persistentVolume, resources.pod],
    lag: 60,
    // Pods that run keep claims; `podAddedDeletedUpdated` leaves them out too.
    concerns: ({ resource, type, object }) =>
      resource.kind !== 'Pod' ||
      type === 'DELETED' ||
      isTerminated(object) ||
      textAt(object, 'spec', 'nodeName') === undefined,
    reconcile,
  };
}

function reconcile(port: ClusterPort, key: ObjectKey): void {
  if (key.resource.kind === 'PersistentVolume') {
    const volume = port.get(resources.persistentVolume, '', key.name);
    if (volume === undefined) return;
    const inUse = textAt(volume, 'status', 'phase') === 'Bound';
    protect(port, resources.persistentVolume, volume, volumeProtection, inUse);
  } else if (key.resource.kind === 'PersistentVolumeClaim') {
    const claim = port.get(resources.persistentVolumeClaim, key.namespace, key.name);
    if (claim !== undefined) protectClaim(port, claim);
  } else {
    for (const claim of port.list(resources.persistentVolumeClaim, key.namespace)) {
      if (isBeingDeleted(claim)) protectClaim(port, claim);
    }
  }
}

function protectClaim(port: ClusterPort, claim: KubeObject): void {
  const inUse = isBeingDeleted(claim) && isUsed(port, claim);
  protect(port, resources.persistentVolumeClaim, claim, claimProtection, inUse);
}

function protect(
  port: ClusterPort,
  resource: ResourceType,
  object: KubeObject,
  finalizer: string,
  inUse: boolean,
): void {
  if (isBeingDeleted(object)) {
    if (!inUse && hasFinalizer(object, finalizer)) replaceObject(port, resource, withoutFinalizer(object, finalizer));
  } else if (!hasFinalizer(object, finalizer)) {
    const finalizers = [...(object.metadata.finalizers ?? []), finalizer];
    replaceObject(port, resource, withMetadata(object, { finalizers }));
  }
}

function isUsed(port: ClusterPort, claim: KubeObject): boolean {
  return port
    .list(resources.pod, claim.metadata.namespace ?? '')
    .some(
      (pod) =>
        !isTerminated(pod) &&
        textAt(pod, 'spec', 'nodeName') !== undefined &&
        listAt(pod, 'spec', 'volumes').some(
          (volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') === claim.metadata.name,
        ),
    );
}
