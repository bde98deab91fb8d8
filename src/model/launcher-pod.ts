import { textAt } from './json.ts';
import type { KubeObject } from './kube.ts';

/**
 * The launcher pods of a VM among the pods of a cluster: those labelled `kubevirt.io=virt-launcher` that carry the VM's name
 * (`vm.kubevirt.io/name`, on newer releases `vmi.kubevirt.io/id`) or were created by the given VMI (`kubevirt.io/created-by` is its uid).
 * Names longer than a label value are cut and hashed by KubeVirt, so the owner reference to the VMI decides as well.
 * Source: kubevirt/kubevirt staging/src/kubevirt.io/api/core/v1/types.go and pkg/virt-controller/services/template.go.
 */
export function launcherPodsOf(
  vm: { readonly namespace: string; readonly name: string },
  vmiUid: string | undefined,
  pods: readonly KubeObject[],
): readonly KubeObject[] {
  return pods.filter((pod) => pod.metadata.namespace === vm.namespace && belongsTo(pod, vm.name, vmiUid));
}

/** True for the pod of some VM instance. */
export function isLauncherPod(pod: KubeObject): boolean {
  return pod.metadata.labels?.['kubevirt.io'] === 'virt-launcher';
}

/** True when no process of the pod is left: phase Succeeded or Failed. A deletion in progress alone says nothing. */
export function podIsFinal(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function belongsTo(pod: KubeObject, vmName: string, vmiUid: string | undefined): boolean {
  if (!isLauncherPod(pod)) return false;
  const labels = pod.metadata.labels ?? {};
  if (vmiUid !== undefined && labels['kubevirt.io/created-by'] === vmiUid) return true;
  if (labels['vm.kubevirt.io/name'] === vmName || labels['vmi.kubevirt.io/id'] === vmName) return true;
  return (pod.metadata.ownerReferences ?? []).some(
    (owner) => owner.kind === 'VirtualMachineInstance' && owner.name === vmName,
  );
}
