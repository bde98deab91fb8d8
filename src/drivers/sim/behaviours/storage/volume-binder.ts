import { objectAt, textAt } from '../../../../model/json.ts';
import { timestamp } from '../../../../model/instant.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { replaceObject, replaceStatus, withMetadata } from '../cluster-writes.ts';
import { boundByController } from './persistent-volume.ts';

/** One pass over a volume: `syncVolume` of `pkg/controller/volume/persistentvolume/pv_controller.go`. */
export function syncVolume(port: ClusterPort, volume: KubeObject): void {
  const claimRef = volume.spec?.claimRef;
  if (claimRef === undefined) return setPhase(port, volume, 'Available');
  const uid = textAt(claimRef, 'uid') ?? '';
  if (uid === '') return setPhase(port, volume, 'Available');
  const namespace = textAt(claimRef, 'namespace') ?? '';
  const claim = port.get(resources.persistentVolumeClaim, namespace, textAt(claimRef, 'name') ?? '');
  if (claim === undefined || claim.metadata.uid !== uid) {
    if (textAt(volume, 'status', 'phase') !== 'Failed') setPhase(port, volume, 'Released');
    return;
  }
  const bound = textAt(claim, 'spec', 'volumeName');
  if (bound === volume.metadata.name) return setPhase(port, volume, 'Bound');
  if (bound !== undefined) releaseFromStranger(port, volume);
}

// The claim is bound to another volume: a volume that the controller gave it is free again, one made for it is left over.
function releaseFromStranger(port: ClusterPort, volume: KubeObject): void {
  const isDynamic = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] !== undefined;
  if (isDynamic && textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete') {
    return setPhase(port, volume, 'Released');
  }
  const { [boundByController]: byController, ...annotations } = volume.metadata.annotations ?? {};
  const { claimRef, ...spec } = volume.spec ?? {};
  const { name, namespace } = objectAt(claimRef);
  const kept =
    byController === undefined ? { ...spec, claimRef: { kind: 'PersistentVolumeClaim', name, namespace } } : spec;
  replaceObject(port, resources.persistentVolume, withMetadata({ ...volume, spec: kept }, { annotations }));
}

function setPhase(port: ClusterPort, volume: KubeObject, phase: string): void {
  if (textAt(volume, 'status', 'phase') === phase) return;
  const lastPhaseTransitionTime = timestamp(port.wallNow);
  replaceStatus(port, resources.persistentVolume, volume, {
    ...objectAt(volume, 'status'),
    phase,
    lastPhaseTransitionTime,
  });
}
