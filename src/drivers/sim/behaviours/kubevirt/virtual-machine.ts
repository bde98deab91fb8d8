import { flagAt, listAt, textAt, type Json } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';

/** Finalizers and annotations as KubeVirt writes them: `staging/src/kubevirt.io/api/core/v1/types.go`. */
export const vmFinalizer = 'kubevirt.io/virtualMachineControllerFinalize';
export const vmiFinalizer = 'kubevirt.io/foregroundDeleteVirtualMachine';
export const generationAnnotation = 'kubevirt.io/vm-generation';
/** Of a VMI that a VM with `WaitAsReceiver` made. */
export const migrationTargetAnnotation = 'kubevirt.io/create-migration-target';
export const nodeNameLabel = 'kubevirt.io/nodeName';
export const createdByLabel = 'kubevirt.io/created-by';
export const launcherLabel = 'virt-launcher';

/** Both API versions annotations, which virt-controller adds in a write of its own. */
export const observedVersionAnnotations = {
  'kubevirt.io/latest-observed-api-version': 'v1',
  'kubevirt.io/storage-observed-api-version': 'v1',
} as const;

/** Values of `spec.runStrategy`. */
export type RunStrategy = 'Always' | 'Halted' | 'Manual' | 'RerunOnFailure' | 'Once' | 'WaitAsReceiver';

/** What the power fields of a VM ask for: `spec.running` counts as Always or Halted. Undefined when neither is set. */
export function runStrategyOf(vm: KubeObject): RunStrategy | undefined {
  const running = flagAt(vm, 'spec', 'running');
  if (running !== undefined) return running ? 'Always' : 'Halted';
  return textAt(vm, 'spec', 'runStrategy') as RunStrategy | undefined;
}

/** Names of the claims that the volumes of a VM or VMI spec mount, in the order of the volumes. */
export function claimNamesOf(volumes: readonly Json[]): readonly string[] {
  return volumes.map(claimNameOf).filter((name) => name !== undefined);
}

/** The claim of one volume. Without CDI a `dataVolume` volume is the claim of the same name. */
export function claimNameOf(volume: Json): string | undefined {
  return (
    textAt(volume, 'persistentVolumeClaim', 'claimName') ??
    textAt(volume, 'dataVolume', 'name') ??
    textAt(volume, 'ephemeral', 'persistentVolumeClaim', 'claimName')
  );
}

/** Volumes of a VirtualMachine's template. */
export function templateVolumesOf(vm: KubeObject): readonly Json[] {
  return listAt(vm, 'spec', 'template', 'spec', 'volumes');
}

/** Phase of a VMI; '' before it has one. */
export function phaseOf(vmi: KubeObject): string {
  const phase = vmi.status?.['phase'];
  return typeof phase === 'string' ? phase : '';
}

/** True for a VMI that ended, well or badly. */
export function isFinal(vmi: KubeObject): boolean {
  const phase = phaseOf(vmi);
  return phase === 'Succeeded' || phase === 'Failed';
}

/** True for a VMI that waits for a guest from elsewhere instead of starting one. */
export function isMigrationTarget(vmi: KubeObject): boolean {
  return vmi.metadata.annotations?.[migrationTargetAnnotation] === 'true';
}

/** True when the object is controlled by the owner of that uid. */
export function isControlledBy(object: KubeObject, uid: string | undefined): boolean {
  return object.metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid) ?? false;
}

/** True for a pod in which a VM runs, or ran. */
export function isLauncherPod(pod: KubeObject): boolean {
  return pod.metadata.labels?.['kubevirt.io'] === launcherLabel;
}

const podPrefix = 'virt-launcher-';
const podSuffix = /^-[a-z0-9]{5}$/;

/** Name of the VMI that a launcher pod serves, from the pod's name alone, for when the pod is gone. */
export function vmiNameOfPodName(podName: string): string | undefined {
  if (!podName.startsWith(podPrefix)) return undefined;
  const name = podName.slice(podPrefix.length, -6);
  return name !== '' && podSuffix.test(podName.slice(-6)) ? name : undefined;
}
