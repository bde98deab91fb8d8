import { isJsonObject, objectAt, textAt, type Json } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { isFinal } from './virtual-machine.ts';

/**
 * Why a running VM would come up differently after a restart; undefined when it would not. Nothing is changed in a running
 * guest here, so every difference between template and VMI counts (`addRestartRequiredIfNeeded` in
 * `pkg/virt-controller/watch/vm/vm.go`).
 */
export function restartReasonOf(vm: KubeObject, vmi: KubeObject): string | undefined {
  if (isFinal(vmi) || isBeingDeleted(vmi) || isAsStarted(vm, vmi)) return undefined;
  if (objectAt(vm, 'spec').instancetype !== undefined) return undefined;
  const wanted = objectAt(vm, 'spec', 'template', 'spec');
  const present = objectAt(vmi, 'spec');
  if (isWithin(wanted, present)) return undefined;
  const memory = textAt(wanted, 'domain', 'memory', 'guest');
  return memory === textAt(present, 'domain', 'memory', 'guest')
    ? 'a non-live-updatable field was changed in the template spec'
    : 'memory updated in template spec. Memory-hotplug is not available for this VM configuration';
}

// The name of the revision ends in the generation of the VM that was started: no later one, no difference.
function isAsStarted(vm: KubeObject, vmi: KubeObject): boolean {
  const revision = textAt(vmi, 'status', 'virtualMachineRevisionName') ?? '';
  return revision.endsWith(`-${vm.metadata.generation ?? 1}`);
}

/** True when everything that is asked for is there; what defaults added does not count. */
function isWithin(wanted: Json | undefined, present: Json | undefined): boolean {
  if (wanted === present || wanted === undefined) return true;
  if (Array.isArray(wanted)) {
    const list = Array.isArray(present) ? (present as readonly Json[]) : [];
    return list.length === wanted.length && wanted.every((item: Json, index) => isWithin(item, list[index]));
  }
  if (!isJsonObject(wanted) || !isJsonObject(present)) return false;
  return Object.keys(wanted).every((field) => isWithin(wanted[field], present[field]));
}
