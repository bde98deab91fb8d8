import { listAt, objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { recordEvent, recordEventOnce } from '../cluster-events.ts';
import { isBeingDeleted, replaceObject, replaceStatus, withMetadata } from '../cluster-writes.ts';
import { fits, findVolumeFor, isReservedFor, mismatchOf } from './volume-match.ts';
import { bindCompleted, boundByController, selectedNode } from './persistent-volume.ts';

const controller = 'persistentvolume-controller';

/** One pass over a claim: `syncClaim` of `pkg/controller/volume/persistentvolume/pv_controller.go`. */
export function syncClaim(port: ClusterPort, claim: KubeObject): void {
  if (claim.metadata.annotations?.[bindCompleted] === undefined) syncUnboundClaim(port, claim);
  else syncBoundClaim(port, claim);
}

function syncUnboundClaim(port: ClusterPort, claim: KubeObject): void {
  const wanted = textAt(claim, 'spec', 'volumeName');
  if (wanted !== undefined) return bindToNamedVolume(port, claim, wanted);
  const volume = findVolumeFor(port, claim);
  if (volume !== undefined) return bind(port, claim, volume);
  setClaimPhase(port, claim, 'Pending');
  const className = textAt(claim, 'spec', 'storageClassName') ?? '';
  const storageClass = className === '' ? undefined : port.get(resources.storageClass, '', className);
  if (waitsForConsumer(claim, storageClass)) return sayWaitsForConsumer(port, claim);
  if (storageClass === undefined) return sayUnbindable(port, claim, className);
  askProvisioner(port, claim, textAt(storageClass, 'provisioner') ?? '');
}

// The scheduler ends the wait by choosing a node.
function waitsForConsumer(claim: KubeObject, storageClass: KubeObject | undefined): boolean {
  return (
    textAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer' &&
    claim.metadata.annotations?.[selectedNode] === undefined
  );
}

function sayWaitsForConsumer(port: ClusterPort, claim: KubeObject): void {
  sayOnce(port, claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
}

function sayUnbindable(port: ClusterPort, claim: KubeObject, className: string): void {
  if (className === '') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return sayOnce(port, claim, 'Normal', 'FailedBinding', message);
  }
  const message = `storageclass.storage.k8s.io "${className}" not found`;
  sayOnce(port, claim, 'Warning', 'ProvisioningFailed', message);
}

function askProvisioner(port: ClusterPort, claim: KubeObject, provisioner: string): void {
  const annotation = 'volume.kubernetes.io/storage-provisioner';
  if (provisioner === 'kubernetes.io/no-provisioner') {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    return sayOnce(port, claim, 'Normal', 'FailedBinding', message);
  }
  if (claim.metadata.annotations?.[annotation] === provisioner) return;
  const annotations = {
    ...claim.metadata.annotations,
    'volume.beta.kubernetes.io/storage-provisioner': provisioner,
    [annotation]: provisioner,
  };
  replaceObject(port, resources.persistentVolumeClaim, withMetadata(claim, { annotations }));
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  sayOnce(port, claim, 'Normal', 'ExternalProvisioning', message);
}

function bindToNamedVolume(port: ClusterPort, claim: KubeObject, name: string): void {
  const volume = port.get(resources.persistentVolume, '', name);
  if (volume === undefined || isBeingDeleted(volume)) return setClaimPhase(port, claim, 'Pending');
  if (volume.spec?.claimRef === undefined) {
    if (fits(claim, volume)) return bind(port, claim, volume);
    setClaimPhase(port, claim, 'Pending');
    const message = `Cannot bind to requested volume "${name}": ${mismatchOf(claim, volume)}`;
    return sayOnce(port, claim, 'Warning', 'VolumeMismatch', message);
  }
  if (isReservedFor(volume, claim)) return bind(port, claim, volume);
  setClaimPhase(port, claim, 'Pending');
  sayOnce(port, claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
}

function syncBoundClaim(port: ClusterPort, claim: KubeObject): void {
  const name = textAt(claim, 'spec', 'volumeName');
  if (name === undefined) {
    return lose(
      port,
      claim,
      'ClaimLost',
      'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!',
    );
  }
  const volume = port.get(resources.persistentVolume, '', name);
  if (volume === undefined) {
    return lose(port, claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  }
  const holder = textAt(volume, 'spec', 'claimRef', 'uid');
  if (volume.spec?.claimRef === undefined || holder === claim.metadata.uid) return bind(port, claim, volume);
  // A reservation without uid is left alone here: the volume side says Available, the claim stays as it is.
  if (holder === undefined || holder === '') return;
  lose(port, claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

function lose(port: ClusterPort, claim: KubeObject, reason: string, message: string): void {
  if (textAt(claim, 'status', 'phase') === 'Lost') return;
  replaceStatus(port, resources.persistentVolumeClaim, claim, { phase: 'Lost' });
  recordEvent(port, claim, { type: 'Warning', reason, message, component: controller });
}

/** The four writes of a binding, each left out when it is done already, so that a bind that was cut off goes on. */
function bind(port: ClusterPort, claim: KubeObject, volume: KubeObject): void {
  const claimed = claimVolume(port, claim, volume);
  if (textAt(claimed, 'status', 'phase') !== 'Bound') {
    replaceStatus(port, resources.persistentVolume, claimed, { ...objectAt(claimed, 'status'), phase: 'Bound' });
  }
  const named = nameVolume(port, claim, volume);
  const capacity = objectAt(volume, 'spec', 'capacity');
  const accessModes = listAt(volume, 'spec', 'accessModes');
  if (textAt(named, 'status', 'phase') === 'Bound') return;
  const status: JsonObject = { ...objectAt(named, 'status'), phase: 'Bound', accessModes, capacity };
  replaceStatus(port, resources.persistentVolumeClaim, named, status);
}

function claimVolume(port: ClusterPort, claim: KubeObject, volume: KubeObject): KubeObject {
  const { uid, name, namespace = '', resourceVersion } = claim.metadata;
  const present = objectAt(volume, 'spec', 'claimRef');
  if (present.uid === uid) return volume;
  const wasReserved = volume.spec?.claimRef !== undefined;
  const claimRef = wasReserved
    ? { ...present, uid }
    : { kind: 'PersistentVolumeClaim', namespace, name, uid, apiVersion: 'v1', resourceVersion };
  const annotations = wasReserved
    ? volume.metadata.annotations
    : { ...volume.metadata.annotations, [boundByController]: 'yes' };
  const next = withMetadata(
    { ...volume, spec: { ...volume.spec, claimRef } },
    annotations === undefined ? {} : { annotations },
  );
  replaceObject(port, resources.persistentVolume, next);
  return port.get(resources.persistentVolume, '', volume.metadata.name) ?? next;
}

function nameVolume(port: ClusterPort, claim: KubeObject, volume: KubeObject): KubeObject {
  const { annotations = {}, name, namespace = '' } = claim.metadata;
  const volumeName = volume.metadata.name;
  const isNamed = textAt(claim, 'spec', 'volumeName') === volumeName;
  if (isNamed && annotations[bindCompleted] !== undefined) return claim;
  const marks = isNamed ? { [bindCompleted]: 'yes' } : { [bindCompleted]: 'yes', [boundByController]: 'yes' };
  const spec = isNamed ? (claim.spec ?? {}) : { ...claim.spec, volumeName };
  const next = withMetadata({ ...claim, spec }, { annotations: { ...annotations, ...marks } });
  replaceObject(port, resources.persistentVolumeClaim, next);
  return port.get(resources.persistentVolumeClaim, namespace, name) ?? next;
}

function setClaimPhase(port: ClusterPort, claim: KubeObject, phase: string): void {
  if (textAt(claim, 'status', 'phase') === phase) return;
  replaceStatus(port, resources.persistentVolumeClaim, claim, { phase });
}

// The controller repeats such an Event at each resync; one is enough to be read.
function sayOnce(
  port: ClusterPort,
  claim: KubeObject,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  recordEventOnce(port, claim, { type, reason, message, component: controller });
}
