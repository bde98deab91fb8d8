import { type JsonObject, listAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';

/** Annotations of the binder and the scheduler on claims and volumes. */
export const bindCompleted = 'pv.kubernetes.io/bind-completed';
export const boundByController = 'pv.kubernetes.io/bound-by-controller';
export const selectedNode = 'volume.kubernetes.io/selected-node';

/** One claim that a pod mounts, with the volume behind it as far as both exist. */
export interface MountedClaim {
  readonly volumeName: string;
  readonly claimName: string;
  readonly claim?: KubeObject;
  readonly volume?: KubeObject;
}

/** The claims of a pod's volumes, in order. */
export function claimsOfPod(port: ClusterPort, pod: KubeObject): readonly MountedClaim[] {
  const namespace = pod.metadata.namespace ?? '';
  return claimNamesOf(pod).map((names) => {
    const claim = port.get(resources.persistentVolumeClaim, namespace, names.claimName);
    const bound = claim === undefined ? undefined : boundVolumeOf(claim);
    const volume = bound === undefined ? undefined : port.get(resources.persistentVolume, '', bound);
    return { ...names, ...(claim === undefined ? {} : { claim }), ...(volume === undefined ? {} : { volume }) };
  });
}

/** The volumes of a pod that are claims, in order. */
export function claimNamesOf({ spec }: KubeObject): readonly Pick<MountedClaim, 'volumeName' | 'claimName'>[] {
  if (spec === undefined) return [];
  let names = namesBySpec.get(spec);
  if (names === undefined) {
    names = listAt(spec, 'volumes').flatMap((entry) => {
      const claimName = textAt(entry, 'persistentVolumeClaim', 'claimName');
      return claimName === undefined ? [] : [{ volumeName: textAt(entry, 'name') ?? '', claimName }];
    });
    namesBySpec.set(spec, names);
  }
  return names;
}

/** Several controllers ask this of every pod, whose spec hardly changes. */
const namesBySpec = new WeakMap<JsonObject, ReturnType<typeof claimNamesOf>>();

/** Name of the volume that a claim is bound to, or asks for. */
export function boundVolumeOf({ spec }: KubeObject): string | undefined {
  const name = spec?.['volumeName'];
  return typeof name === 'string' ? name : undefined;
}

/** True when the claim is bound for good and says so. */
export function isBound(claim: KubeObject): boolean {
  return textAt(claim, 'spec', 'volumeName') !== undefined && claim.metadata.annotations?.[bindCompleted] !== undefined;
}

/** The driver's name of the volume; undefined for volumes without a CSI driver. */
export function volumeHandleOf(volume: KubeObject): string | undefined {
  return textAt(volume, 'spec', 'csi', 'volumeHandle');
}

/** The CSI driver of the volume; undefined for volumes without one. */
export function driverOf(volume: KubeObject): string | undefined {
  return textAt(volume, 'spec', 'csi', 'driver');
}

/** True when the pod is Succeeded or Failed. */
export function isTerminated(pod: KubeObject): boolean {
  const phase = pod.status?.['phase'];
  return phase === 'Succeeded' || phase === 'Failed';
}
