import type { JsonObject } from '../json.ts';
import { at } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { claimPhaseOf, claimReferenceOf, reclaimPolicyOf, volumeNameOf } from '../volume.ts';

/**
 * What makes a claim of the other site bound to its volume.
 * - `none`: it is bound, or will bind by itself
 * - `patchVolume`, `patchClaim`: a merge patch, bound to the resourceVersion seen
 * - `createVolume`: its volume is missing and must be created with this claimRef
 * - `impossible`: no patch heals it
 */
export type ClaimRepair =
  | { readonly kind: 'none' }
  | { readonly kind: 'patchVolume'; readonly patch: JsonObject; readonly why: string }
  | { readonly kind: 'patchClaim'; readonly patch: JsonObject; readonly why: string }
  | { readonly kind: 'createVolume'; readonly claimRef: JsonObject; readonly why: string }
  | { readonly kind: 'impossible'; readonly reason: ImpossibleRepair; readonly why: string };

/**
 * - `NamesNoVolume`: bound once, and its volume name is gone: it cannot be set again
 * - `NamesAnotherVolume`: its volume name cannot be changed
 * - `VolumeOfAnotherClaim`: the volume is bound to or reserved for a claim of another name
 */
export type ImpossibleRepair = 'NamesNoVolume' | 'NamesAnotherVolume' | 'VolumeOfAnotherClaim';

/**
 * The repair of an existing claim. A claim that was bound before (annotation `bind-completed`) heals only with a volume whose
 * claimRef is absent or has the claim's uid; a claimRef without uid, as a fresh reservation has, leaves it Lost for ever.
 * The uid is set rather than the claimRef removed, so that nobody else gets the volume meanwhile.
 * Source: kubernetes/kubernetes pkg/controller/volume/persistentvolume/pv_controller.go (syncBoundClaim, syncUnboundClaim).
 * @param volume the volume that the claim is to have; undefined: it does not exist on that site
 * @param volumeName name of that volume, whether it exists or not
 */
export function claimRepair(claim: KubeObject, volume: KubeObject | undefined, volumeName: string): ClaimRepair {
  const wasBound = claim.metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;
  const named = volumeNameOf(claim);
  if (named === undefined) return repairOfNameless(claim, volumeName, wasBound);
  if (named !== volumeName) {
    const why = `Claim ${claim.metadata.name} names volume ${named}, not ${volumeName}.`;
    return { kind: 'impossible', reason: 'NamesAnotherVolume', why };
  }
  if (volume === undefined) {
    const why = `Volume ${volumeName} of claim ${claim.metadata.name} does not exist.`;
    return { kind: 'createVolume', claimRef: referenceTo(claim, wasBound), why };
  }
  return repairOfReference(claim, volume, wasBound);
}

function repairOfNameless(claim: KubeObject, volumeName: string, wasBound: boolean): ClaimRepair {
  if (wasBound) {
    const why = `Claim ${claim.metadata.name} was bound before and names no volume any more.`;
    return { kind: 'impossible', reason: 'NamesNoVolume', why };
  }
  const why = `Claim ${claim.metadata.name} names no volume, and may be given a new, empty one.`;
  return { kind: 'patchClaim', patch: { metadata: precondition(claim), spec: { volumeName } }, why };
}

function repairOfReference(claim: KubeObject, volume: KubeObject, wasBound: boolean): ClaimRepair {
  const reference = claimReferenceOf(volume);
  const isHealthy = wasBound ? claimPhaseOf(claim) === 'Bound' : false;
  if (reference === undefined) return { kind: 'none' };
  const { namespace = '', name, uid } = claim.metadata;
  if (reference.namespace !== namespace || reference.name !== name) {
    const why = `Volume ${volume.metadata.name} belongs to claim ${reference.namespace}/${reference.name}.`;
    return { kind: 'impossible', reason: 'VolumeOfAnotherClaim', why };
  }
  if (reference.uid === uid || isHealthy) return { kind: 'none' };
  if (reference.uid === undefined && !wasBound) return { kind: 'none' };
  const stale = reference.uid === undefined ? 'no uid' : 'the uid of an earlier claim';
  return {
    kind: 'patchVolume',
    patch: {
      metadata: precondition(volume),
      spec: {
        claimRef: { ...referenceTo(claim, true), resourceVersion: null },
        // A released volume under policy Delete is destroyed on both sites.
        ...(reclaimPolicyOf(volume) === 'Retain' ? {} : { persistentVolumeReclaimPolicy: 'Retain' }),
      },
    },
    why: `The claimRef of volume ${volume.metadata.name} has ${stale}; claim ${name} does not bind to it.`,
  };
}

function referenceTo(claim: KubeObject, withUid: boolean): JsonObject {
  const uid = at(claim, 'metadata', 'uid');
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: claim.metadata.namespace ?? '',
    name: claim.metadata.name,
    ...(withUid && uid !== undefined ? { uid } : {}),
  };
}

function precondition(object: KubeObject): JsonObject {
  const { resourceVersion } = object.metadata;
  return resourceVersion === undefined ? {} : { resourceVersion };
}
