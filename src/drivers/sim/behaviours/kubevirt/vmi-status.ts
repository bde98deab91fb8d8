import { timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { conditionHolds, conditionOf, withCondition, withCopiedCondition, withoutCondition } from '../conditions.ts';
import { launcherImage } from './launcher-pod.ts';
import { isMigrationTarget, phaseOf } from './virtual-machine.ts';
import { interfacesOf, volumeStatusOf } from './vmi-volumes.ts';

/** Why the launcher pod of a VMI does not exist, or does not start. */
export interface CreateProblem {
  readonly reason: string;
  readonly message: string;
}

/**
 * The status of a VMI as virt-controller writes it (`updateStatus` in `pkg/virt-controller/watch/vmi/lifecycle.go`).
 * Running, Succeeded and Failed of a VMI that reached its node are written by virt-handler instead.
 */
export function vmiStatusOf(
  port: ClusterPort,
  vmi: KubeObject,
  pods: readonly KubeObject[],
  problem: CreateProblem | undefined,
): JsonObject {
  const pod = newestOf(pods);
  const before = phaseOf(vmi);
  const phase = nextPhase(vmi, before, pod);
  const arrives = phase === 'Scheduled' && before !== 'Scheduled';
  const status = objectAt(vmi, 'status');
  const facts = podFactsOf(vmi, pods, pod);
  const conditions = conditionsOf(port, vmi, phase, pod, problem);
  if (phase === before && pod !== undefined && conditions === status.conditions && isSaid(facts, status)) return status;
  const { activePods: _, ...present } = status;
  return withPhase(port, phase, {
    ...present,
    ...facts,
    conditions,
    ...(arrives
      ? {
          interfaces: interfacesOf(vmi),
          migrationTransport: 'Unix',
          nodeName: textAt(pod, 'spec', 'nodeName'),
          volumeStatus: volumeStatusOf(port, vmi),
        }
      : {}),
  });
}

/** Most looks find nothing new: then the status stays the object that it is. */
function isSaid(facts: JsonObject, status: JsonObject): boolean {
  for (const fact in facts) if (facts[fact] !== status[fact]) return false;
  return true;
}

/** The status with a phase, and the time at which it was entered. */
export function withPhase(port: ClusterPort, phase: string, status: JsonObject): JsonObject {
  if (textAt(status, 'phase') === phase) return status;
  const entered = { phase, phaseTransitionTimestamp: timestamp(port.wallNow) };
  return {
    ...status,
    phase,
    phaseTransitionTimestamps: [...listAt(status, 'phaseTransitionTimestamps'), entered],
  };
}

function newestOf(pods: readonly KubeObject[]): KubeObject | undefined {
  return pods.reduce<KubeObject | undefined>(
    (newest, pod) =>
      newest === undefined || (pod.metadata.creationTimestamp ?? '') > (newest.metadata.creationTimestamp ?? '')
        ? pod
        : newest,
    undefined,
  );
}

function nextPhase(vmi: KubeObject, phase: string, pod: KubeObject | undefined): string {
  switch (phase) {
    case '':
    case 'Pending':
      if (pod !== undefined) return 'Scheduling';
      if (isBeingDeleted(vmi)) return 'Failed';
      return isMigrationTarget(vmi) ? 'WaitingForSync' : 'Pending';
    case 'Scheduling':
      if (pod === undefined || isGoingDown(pod)) return 'Failed';
      return isStarted(pod) && !isBeingDeleted(vmi) ? 'Scheduled' : 'Scheduling';
    case 'WaitingForSync':
      return isBeingDeleted(vmi) ? 'Failed' : phase;
    case 'Scheduled':
    case 'Running':
      return pod === undefined ? 'Failed' : phase;
    default:
      return phase;
  }
}

function podFactsOf(vmi: KubeObject, pods: readonly KubeObject[], pod: KubeObject | undefined): JsonObject {
  if (pod === undefined) return {};
  const qosClass = textAt(pod, 'status', 'qosClass');
  return {
    activePods: activePodsOf(vmi, pods),
    launcherContainerImageVersion: launcherImage,
    memory: withOverhead(objectAt(vmi, 'status', 'memory')),
    ...(qosClass === undefined ? {} : { qosClass }),
  };
}

function withOverhead(memory: JsonObject): JsonObject {
  return memory.memoryOverhead === '288Mi' ? memory : { ...memory, memoryOverhead: '288Mi' };
}

// The same object for as long as it says the same: each name of a pod would make an object of a new kind.
function activePodsOf(vmi: KubeObject, pods: readonly KubeObject[]): JsonObject {
  const present = objectAt(vmi, 'status', 'activePods');
  const nodeOf = (pod: KubeObject): string => textAt(pod, 'spec', 'nodeName') ?? '';
  const isSame = pods.every((pod) => present[pod.metadata.uid ?? ''] === nodeOf(pod));
  if (isSame && Object.keys(present).length === pods.length) return present;
  return Object.fromEntries(pods.map((pod) => [pod.metadata.uid ?? '', nodeOf(pod)]));
}

function conditionsOf(
  port: ClusterPort,
  vmi: KubeObject,
  phase: string,
  pod: KubeObject | undefined,
  problem: CreateProblem | undefined,
): readonly Json[] {
  let conditions = withReady(port, vmi, phase, pod);
  conditions = withPodScheduled(conditions, pod, problem);
  const trouble = phase === 'Scheduling' ? (imageProblemOf(pod) ?? problem) : problem;
  if (trouble === undefined) return withoutCondition(conditions, 'Synchronized');
  return withCondition(
    conditions,
    { type: 'Synchronized', status: 'False', ...trouble },
    { lastProbeTime: null, lastTransitionTime: timestamp(port.wallNow) },
  );
}

function withReady(port: ClusterPort, vmi: KubeObject, phase: string, pod: KubeObject | undefined): readonly Json[] {
  const conditions = listAt(vmi, 'status', 'conditions');
  const says = readinessOf(phase, pod);
  if (says === 'as the pod') return withCopiedCondition(conditions, readyOf(pod));
  const now = timestamp(port.wallNow);
  return withCondition(conditions, says, { lastProbeTime: now, lastTransitionTime: now });
}

function readinessOf(phase: string, pod: KubeObject | undefined): ReturnType<typeof notReady> | 'as the pod' {
  if (pod === undefined) return notReady('PodNotExists', 'virt-launcher pod has not yet been scheduled');
  if (isGoingDown(pod)) return notReady('PodTerminating', 'virt-launcher pod is terminating');
  if (phase !== 'Running') return notReady('GuestNotRunning', 'Guest VM is not reported as running');
  if (conditionOf(pod, 'Ready') !== undefined) return 'as the pod';
  return notReady('PodConditionMissing', 'virt-launcher pod is missing the Ready condition');
}

function notReady(reason: string, message: string) {
  return { type: 'Ready', status: 'False', reason, message } as const;
}

function readyOf(pod: KubeObject | undefined): JsonObject {
  const ready = conditionOf(pod, 'Ready') ?? {};
  return {
    lastProbeTime: null,
    lastTransitionTime: ready.lastTransitionTime,
    ...(ready.message === undefined ? {} : { message: ready.message }),
    ...(ready.reason === undefined ? {} : { reason: ready.reason }),
    status: ready.status,
    type: 'Ready',
  };
}

function withPodScheduled(
  conditions: readonly Json[],
  pod: KubeObject | undefined,
  problem: CreateProblem | undefined,
): readonly Json[] {
  if (problem?.reason === 'FailedPvcNotFound') {
    const says = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: problem.message } as const;
    return withCondition(conditions, says, { lastProbeTime: null, lastTransitionTime: null });
  }
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled !== undefined && scheduled.status === 'False' && scheduled.reason === 'Unschedulable') {
    return withCopiedCondition(conditions, {
      lastProbeTime: null,
      lastTransitionTime: scheduled.lastTransitionTime,
      message: scheduled.message,
      reason: 'Unschedulable',
      status: 'False',
      type: 'PodScheduled',
    });
  }
  // A pod that nobody looked at yet leaves what was said before there was a pod.
  return scheduled?.status === 'True' ? withoutCondition(conditions, 'PodScheduled') : conditions;
}

// The launcher's image cannot be had: `checkForContainerImageError`.
function imageProblemOf(pod: KubeObject | undefined): CreateProblem | undefined {
  for (const container of listAt(pod, 'status', 'containerStatuses')) {
    const reason = textAt(container, 'state', 'waiting', 'reason');
    if (reason !== 'ErrImagePull' && reason !== 'ImagePullBackOff') continue;
    return { reason, message: textAt(container, 'state', 'waiting', 'message') ?? '' };
  }
  return undefined;
}

function isStarted(pod: KubeObject): boolean {
  return textAt(pod, 'status', 'phase') === 'Running' && conditionHolds(pod, 'ContainersReady');
}

function isGoingDown(pod: KubeObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return isBeingDeleted(pod) || phase === 'Succeeded' || phase === 'Failed';
}
