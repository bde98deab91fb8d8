import { objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { second } from '../../../../model/instant.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { recordEvent, recordEventOnce } from '../cluster-events.ts';
import {
  createObject,
  deleteObject,
  hasFinalizer,
  isBeingDeleted,
  isSuccess,
  mergeInto,
  objectOf,
  replaceObject,
  withoutFinalizer,
} from '../cluster-writes.ts';
import { sameJson } from '../../api-server/same-json.ts';
import { syncLauncherPod } from './launcher-pod-sync.ts';
import { launcherPodOf } from './launcher-pod.ts';
import {
  claimNamesOf,
  createdByLabel,
  isFinal,
  isLauncherPod,
  isMigrationTarget,
  nodeNameLabel,
  observedVersionAnnotations,
  phaseOf,
  vmiFinalizer,
  vmiNameOfPodName,
} from './virtual-machine.ts';
import { volumesOf } from './vmi-volumes.ts';
import { vmiStatusOf, type CreateProblem } from './vmi-status.ts';
import { isMissingObservedVersions } from './vm-status.ts';

/**
 * virt-controller's VMI part: one launcher pod per VirtualMachineInstance, and the phases up to the hand-over to the node.
 * Source: `pkg/virt-controller/watch/vmi` of kubevirt/kubevirt.
 */
export function createVmiController(): Behaviour {
  return {
    name: 'virt-controller-vmi',
    watches: [resources.virtualMachineInstance, resources.pod, resources.persistentVolumeClaim],
    lag: 30,
    reconcile,
  };
}

function reconcile(port: ClusterPort, key: ObjectKey): void {
  if (key.resource.kind === 'VirtualMachineInstance') return reconcileVmi(port, key.namespace, key.name);
  if (key.resource.kind === 'Pod') {
    const vmiName = vmiNameOfPodName(key.name);
    if (vmiName !== undefined) reconcileVmi(port, key.namespace, vmiName);
    return;
  }
  for (const vmi of port.list(resources.virtualMachineInstance, key.namespace)) {
    const waits = phaseOf(vmi) === 'Pending';
    if (waits && claimNamesOf(volumesOf(vmi)).includes(key.name)) reconcileVmi(port, key.namespace, vmi.metadata.name);
  }
}

function reconcileVmi(port: ClusterPort, namespace: string, name: string): void {
  const vmi = port.get(resources.virtualMachineInstance, namespace, name);
  if (vmi === undefined) return;
  if (isMissingObservedVersions(vmi)) {
    mergeInto(port, resources.virtualMachineInstance, vmi, { metadata: { annotations: observedVersionAnnotations } });
    return;
  }
  const pods = port
    .list(resources.pod, namespace)
    .filter((pod) => isLauncherPod(pod) && pod.metadata.labels?.[createdByLabel] === vmi.metadata.uid);
  if (isBeingDeleted(vmi)) {
    if (deletePods(port, vmi, pods)) return;
    if (pods.length === 0 && isFinal(vmi)) return release(port, vmi);
  }
  const problem = createPodWhenMissing(port, vmi, pods);
  if (problem === 'created') return;
  if (!writeStatus(port, vmi, pods, problem)) for (const pod of pods) syncLauncherPod(port, vmi, pod);
}

// True when a pod was asked to go: what follows is done when that is seen.
function deletePods(port: ClusterPort, vmi: KubeObject, pods: readonly KubeObject[]): boolean {
  const present = pods.filter((pod) => !isBeingDeleted(pod));
  for (const pod of present) {
    deleteObject(port, resources.pod, pod);
    const message = `Deleted virtual machine pod ${pod.metadata.name}`;
    recordEvent(port, vmi, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message,
      component: 'virtualmachine-controller',
    });
  }
  return present.length > 0;
}

function release(port: ClusterPort, vmi: KubeObject): void {
  if (!hasFinalizer(vmi, vmiFinalizer)) return;
  replaceObject(port, resources.virtualMachineInstance, withoutFinalizer(vmi, vmiFinalizer));
}

function createPodWhenMissing(
  port: ClusterPort,
  vmi: KubeObject,
  pods: readonly KubeObject[],
): CreateProblem | 'created' | undefined {
  const isWaitingForPod = phaseOf(vmi) === 'Pending' || phaseOf(vmi) === '';
  if (!isWaitingForPod || pods.length > 0 || isBeingDeleted(vmi) || isMigrationTarget(vmi)) return undefined;
  const namespace = vmi.metadata.namespace ?? '';
  const missing = claimNamesOf(volumesOf(vmi)).find(
    (claim) => port.get(resources.persistentVolumeClaim, namespace, claim) === undefined,
  );
  if (missing !== undefined) {
    const message = `PVC ${namespace}/${missing} does not exist, waiting for it to appear`;
    const reason = 'FailedPvcNotFound';
    if (textAt(vmi, 'status', 'phase') !== undefined && !alreadySays(vmi, message)) {
      recordEvent(port, vmi, { type: 'Normal', reason, message, component: 'virtualmachine-controller' });
    }
    return { reason, message };
  }
  const answer = createObject(port, resources.pod, launcherPodOf(port, vmi));
  if (!isSuccess(answer)) {
    const message = `failed to create virtual machine pod: ${textAt(answer.body, 'message') ?? ''}`;
    recordEventOnce(port, vmi, {
      type: 'Warning',
      reason: 'FailedCreate',
      message: `Error creating pod: ${textAt(answer.body, 'message') ?? ''}`,
      component: 'virtualmachine-controller',
    });
    // A quota says nothing when it has room again.
    const key = { resource: resources.virtualMachineInstance, namespace, name: vmi.metadata.name };
    port.wakeAt(port.now + 10 * second, key);
    return { reason: 'FailedCreate', message };
  }
  const message = `Created virtual machine pod ${objectOf(answer).metadata.name}`;
  recordEvent(port, vmi, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message,
    component: 'virtualmachine-controller',
  });
  return 'created';
}

function alreadySays(vmi: KubeObject, message: string): boolean {
  return JSON.stringify(objectAt(vmi, 'status').conditions ?? null).includes(message);
}

function writeStatus(
  port: ClusterPort,
  vmi: KubeObject,
  pods: readonly KubeObject[],
  problem: CreateProblem | undefined,
): boolean {
  const status: JsonObject = vmiStatusOf(port, vmi, pods, problem);
  if (sameJson(objectAt(vmi, 'status'), status)) return false;
  const nodeName = textAt(status, 'nodeName');
  const isLabelled = nodeName === undefined || vmi.metadata.labels?.[nodeNameLabel] === nodeName;
  const metadata = isLabelled
    ? vmi.metadata
    : { ...vmi.metadata, labels: { ...vmi.metadata.labels, [nodeNameLabel]: nodeName } };
  replaceObject(port, resources.virtualMachineInstance, { ...vmi, metadata, status });
  return true;
}
