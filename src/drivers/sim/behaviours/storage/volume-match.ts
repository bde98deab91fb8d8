import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { quantityValue } from '../../api-server/quantity.ts';
import { isBeingDeleted } from '../cluster-writes.ts';

/** The volume for a claim that names none: one reserved for it, else the smallest free one that fits. */
export function findVolumeFor(port: ClusterPort, claim: KubeObject): KubeObject | undefined {
  const candidates = port
    .list(resources.persistentVolume)
    .filter((volume) => !isBeingDeleted(volume) && fits(claim, volume));
  const reserved = candidates.find((volume) => isReservedFor(volume, claim));
  if (reserved !== undefined) return reserved;
  return candidates
    .filter((volume) => volume.spec?.claimRef === undefined && textAt(volume, 'status', 'phase') === 'Available')
    .sort((a, b) => capacityOf(a) - capacityOf(b))[0];
}

/** True when the volume's claimRef names this claim, and no other object of its name. */
export function isReservedFor(volume: KubeObject, claim: KubeObject): boolean {
  const { name, namespace, uid = '' } = objectAt(volume, 'spec', 'claimRef');
  const isNamed = name === claim.metadata.name && namespace === claim.metadata.namespace;
  return isNamed && (uid === '' || uid === claim.metadata.uid);
}

/** True when the volume has what the claim asks for. */
export function fits(claim: KubeObject, volume: KubeObject): boolean {
  return mismatchOf(claim, volume) === undefined;
}

/** What the volume lacks, in the words of `checkVolumeSatisfyClaim`. */
export function mismatchOf(claim: KubeObject, volume: KubeObject): string | undefined {
  const wanted = quantityValue(textAt(claim, 'spec', 'resources', 'requests', 'storage')) || 0;
  if (capacityOf(volume) < wanted) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (modeOf(volume) !== modeOf(claim)) return 'incompatible volumeMode';
  const offered = listAt(volume, 'spec', 'accessModes');
  const hasModes = listAt(claim, 'spec', 'accessModes').every((mode) => offered.includes(mode));
  return hasModes ? undefined : 'incompatible accessMode';
}

function capacityOf(volume: KubeObject): number {
  return quantityValue(textAt(volume, 'spec', 'capacity', 'storage')) || 0;
}

function classOf(object: KubeObject): string {
  return textAt(object, 'spec', 'storageClassName') ?? '';
}

function modeOf(object: KubeObject): string {
  return textAt(object, 'spec', 'volumeMode') ?? 'Filesystem';
}
