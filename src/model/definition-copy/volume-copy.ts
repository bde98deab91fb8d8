import { at, isJsonObject, type JsonObject, objectAt } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { hasNodeAffinity, volumeFitsNode } from '../node-affinity.ts';
import type { SiteName } from '../site.ts';
import { reclaimPolicyOf } from '../volume.ts';
import { copiedMetadata, type DefinitionCopy } from './copied-metadata.ts';

/**
 * A PersistentVolume for the other site. It is created before its claim, so that the claim never reaches a provisioner.
 * - reclaim policy Retain, always: both sites' volumes are one LINSTOR resource, and deleting either destroys both copies
 * - `claimRef` names the claim without uid: reserved, until the claim's own controller binds it
 * - node affinity is kept when it fits a node of the other site (it cannot be changed later), else left out
 * @param claim the claim that the volume belongs to, on any site
 * @param targetNodes Node objects of the other site; none known: no affinity is kept
 */
export function copyVolume(
  volume: KubeObject,
  claim: KubeObject,
  from: SiteName,
  targetNodes: readonly KubeObject[] = [],
): DefinitionCopy {
  const { metadata, dropped } = copiedMetadata(volume, from);
  const { nodeAffinity, claimRef, ...rest } = objectAt(volume, 'spec');
  const keepsAffinity = hasNodeAffinity(volume) && targetNodes.some((node) => volumeFitsNode(volume, node));
  const spec: JsonObject = {
    ...rest,
    ...(keepsAffinity ? { nodeAffinity } : {}),
    persistentVolumeReclaimPolicy: 'Retain',
    claimRef: reservationFor(claim),
  };
  return {
    object: { apiVersion: 'v1', kind: 'PersistentVolume', metadata, spec },
    dropped: [
      ...dropped,
      ...droppedReference(claimRef),
      ...(nodeAffinity === undefined || keepsAffinity
        ? []
        : ['spec.nodeAffinity: no known node of the other site fits it']),
      ...(reclaimPolicyOf(volume) === 'Retain'
        ? []
        : [`spec.persistentVolumeReclaimPolicy: ${reclaimPolicyOf(volume)} becomes Retain`]),
      ...(volume.status === undefined ? [] : ['status']),
    ],
  };
}

/** A claimRef without uid: the volume waits for the claim of that name and is given to nobody else. */
export function reservationFor(claim: KubeObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: claim.metadata.namespace ?? '',
    name: claim.metadata.name,
  };
}

function droppedReference(claimRef: unknown): readonly string[] {
  if (!isJsonObject(claimRef)) return [];
  return ['uid', 'resourceVersion', 'fieldPath']
    .filter((field) => at(claimRef, field) !== undefined)
    .map((field) => `spec.claimRef.${field}`);
}
