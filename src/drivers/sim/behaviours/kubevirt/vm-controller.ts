import { resources, type KubeObject } from '../../../../model/kube.ts';
import { objectAt, type JsonObject } from '../../../../model/json.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import {
  hasFinalizer,
  isBeingDeleted,
  mergeInto,
  replaceObject,
  replaceStatus,
  withMetadata,
  withoutFinalizer,
} from '../cluster-writes.ts';
import { sameJson } from '../../api-server/same-json.ts';
import {
  claimNamesOf,
  generationAnnotation,
  isControlledBy,
  isFinal,
  observedVersionAnnotations,
  templateVolumesOf,
  vmFinalizer,
} from './virtual-machine.ts';
import { keepRevisions } from './instancetype-revision.ts';
import { restartReasonOf } from './restart-required.ts';
import { firstStatusOf, isMissingObservedVersions, vmStatusOf } from './vm-status.ts';
import { stopInstance, syncPower } from './vm-power.ts';

/**
 * virt-controller's VM part: turns the power fields of VirtualMachines into VirtualMachineInstances and reports on both.
 * Source: `pkg/virt-controller/watch/vm/vm.go` of kubevirt/kubevirt.
 */
export function createVmController(): Behaviour {
  return {
    name: 'virt-controller-vm',
    watches: [resources.virtualMachine, resources.virtualMachineInstance, resources.persistentVolumeClaim],
    lag: 40,
    reconcile,
  };
}

function reconcile(port: ClusterPort, key: ObjectKey): void {
  if (key.resource.kind !== 'PersistentVolumeClaim') return reconcileVm(port, key.namespace, key.name);
  for (const vm of port.list(resources.virtualMachine, key.namespace)) {
    if (claimNamesOf(templateVolumesOf(vm)).includes(key.name)) reconcileVm(port, key.namespace, vm.metadata.name);
  }
}

function reconcileVm(port: ClusterPort, namespace: string, name: string): void {
  const vm = port.get(resources.virtualMachine, namespace, name);
  if (vm === undefined) return;
  if (!isBeingDeleted(vm) && isBeingPrepared(port, vm)) return;
  const found = port.get(resources.virtualMachineInstance, namespace, name);
  const vmi = found !== undefined && isControlledBy(found, vm.metadata.uid) ? found : undefined;
  if (isBeingDeleted(vm)) return finishDeletion(port, vm, vmi);
  if (found !== undefined && vmi === undefined) {
    if (hasFinalizer(found, vmFinalizer) && !isBeingDeleted(found)) adopt(port, vm, found);
    else writeStatus(port, vm, firstStatusOf(port, vm));
    return;
  }
  if (keepRevisions(port, vm)) return;
  if (vmi !== undefined) noteGeneration(port, vm, vmi);
  const step = syncPower(port, vm, vmi);
  writeStatus(port, vm, vmStatusOf(port, vm, vmi, step));
  if (vmi !== undefined) releaseFinished(port, vmi);
}

// A new VM is written three times before it is acted upon; each write is seen by watchers.
function isBeingPrepared(port: ClusterPort, vm: KubeObject): boolean {
  if (vm.status === undefined) writeStatus(port, vm, firstStatusOf(port, vm));
  else if (isMissingObservedVersions(vm)) {
    mergeInto(port, resources.virtualMachine, vm, { metadata: { annotations: observedVersionAnnotations } });
  } else if (!hasFinalizer(vm, vmFinalizer)) {
    const finalizers = [...(vm.metadata.finalizers ?? []), vmFinalizer];
    replaceObject(port, resources.virtualMachine, withMetadata(vm, { finalizers }));
  } else return false;
  return true;
}

// A VMI left behind by a VM of the same name (deleted with orphaned dependents) becomes this VM's.
function adopt(port: ClusterPort, vm: KubeObject, vmi: KubeObject): void {
  const owner = {
    apiVersion: 'kubevirt.io/v1',
    blockOwnerDeletion: true,
    controller: true,
    kind: 'VirtualMachine',
    name: vm.metadata.name,
    uid: vm.metadata.uid ?? '',
  };
  replaceObject(port, resources.virtualMachineInstance, withMetadata(vmi, { ownerReferences: [owner] }));
}

function finishDeletion(port: ClusterPort, vm: KubeObject, vmi: KubeObject | undefined): void {
  // A VM that was deleted with its dependents orphaned leaves its guest running.
  if (vmi === undefined || hasFinalizer(vm, 'orphan')) {
    if (hasFinalizer(vm, vmFinalizer)) replaceObject(port, resources.virtualMachine, withoutFinalizer(vm, vmFinalizer));
    return;
  }
  stopInstance(port, vm, vmi);
  writeStatus(port, vm, vmStatusOf(port, vm, vmi, { startIsUnderWay: false }));
  releaseFinished(port, vmi);
}

function noteGeneration(port: ClusterPort, vm: KubeObject, vmi: KubeObject): void {
  const generation = String(vm.metadata.generation ?? 0);
  if (vmi.metadata.annotations?.[generationAnnotation] === generation || isFinal(vmi) || isBeingDeleted(vmi)) return;
  if (restartReasonOf(vm, vmi) !== undefined) return;
  mergeInto(port, resources.virtualMachineInstance, vmi, {
    metadata: { annotations: { [generationAnnotation]: generation } },
  });
}

function releaseFinished(port: ClusterPort, seen: KubeObject): void {
  if (!isFinal(seen) || !hasFinalizer(seen, vmFinalizer)) return;
  const vmi = port.get(resources.virtualMachineInstance, seen.metadata.namespace ?? '', seen.metadata.name);
  if (vmi === undefined || vmi.metadata.uid !== seen.metadata.uid) return;
  replaceObject(port, resources.virtualMachineInstance, withoutFinalizer(vmi, vmFinalizer));
}

function writeStatus(port: ClusterPort, vm: KubeObject, status: JsonObject): void {
  if (!sameJson(objectAt(vm, 'status'), status)) replaceStatus(port, resources.virtualMachine, vm, status);
}
