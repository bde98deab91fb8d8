import { timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { conditionIn, withCondition, type ConditionSays } from '../conditions.ts';

/** The pod was accepted by its node; its containers wait (`generateAPIPodStatus` in pkg/kubelet/kubelet_pods.go). */
export function creatingStatus(port: ClusterPort, pod: KubeObject, hostAddress: string): JsonObject {
  const names = listAt(pod, 'spec', 'containers').map((container) => textAt(container, 'name') ?? '');
  const unready = `containers with unready status: [${names.join(' ')}]`;
  return {
    ...objectAt(pod, 'status'),
    phase: 'Pending',
    conditions: conditionsWith(port, pod, [
      { type: 'PodReadyToStartContainers', status: 'False' },
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: unready },
      { type: 'ContainersReady', status: 'False', reason: 'ContainersNotReady', message: unready },
    ]),
    hostIP: hostAddress,
    hostIPs: [{ ip: hostAddress }],
    startTime: timestamp(port.wallNow),
    containerStatuses: containerStatuses(pod, { waiting: { reason: 'ContainerCreating' } }, false),
  };
}

/** Every container waits, for this reason. */
export function waitingStatus(pod: KubeObject, reason: string, message: string): JsonObject {
  return {
    ...objectAt(pod, 'status'),
    containerStatuses: containerStatuses(pod, { waiting: { message, reason } }, false),
  };
}

/** Every container runs. */
export function runningStatus(port: ClusterPort, pod: KubeObject, podAddress: string): JsonObject {
  const state = { running: { startedAt: timestamp(port.wallNow) } };
  return {
    ...objectAt(pod, 'status'),
    phase: 'Running',
    conditions: conditionsWith(port, pod, [
      { type: 'PodReadyToStartContainers', status: 'True' },
      readinessOf(pod),
      { type: 'ContainersReady', status: 'True' },
    ]),
    containerStatuses: containerStatuses(pod, state, true),
    podIP: podAddress,
    podIPs: [{ ip: podAddress }],
  };
}

/**
 * The conditions of a running pod, with its readiness gates looked at again; the same list when nothing differs. `answers`: whether its
 * containers answer their readiness probes.
 */
export function readyConditions(port: ClusterPort, pod: KubeObject, answers = true): readonly Json[] {
  if (answers) return conditionsWith(port, pod, [readinessOf(pod), { type: 'ContainersReady', status: 'True' }]);
  const unready = { status: 'False', reason: 'ContainersNotReady' } as const;
  return conditionsWith(port, pod, [
    { type: 'Ready', ...unready },
    { type: 'ContainersReady', ...unready },
  ]);
}

/** Every container ended with this code: 0 is success. */
export function endedStatus(port: ClusterPort, pod: KubeObject, exitCode: number): JsonObject {
  const isGood = exitCode === 0;
  const reason = isGood ? 'PodCompleted' : 'PodFailed';
  const now = timestamp(port.wallNow);
  const started = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'running', 'startedAt') ?? now;
  const terminated = {
    exitCode,
    reason: isGood ? 'Completed' : exitCode === 137 ? 'ContainerStatusUnknown' : 'Error',
    startedAt: started,
    finishedAt: now,
  };
  return {
    ...objectAt(pod, 'status'),
    phase: isGood ? 'Succeeded' : 'Failed',
    conditions: conditionsWith(port, pod, [
      { type: 'PodReadyToStartContainers', status: 'False' },
      { type: 'Initialized', status: 'True', ...(isGood ? { reason } : {}) },
      { type: 'Ready', status: 'False', reason },
      { type: 'ContainersReady', status: 'False', reason },
    ]),
    containerStatuses: containerStatuses(pod, { terminated }, false),
  };
}

function readinessOf(pod: KubeObject): ConditionSays {
  const conditions = listAt(pod, 'status', 'conditions');
  for (const gate of listAt(pod, 'spec', 'readinessGates')) {
    const type = textAt(gate, 'conditionType') ?? '';
    const status = textAt(conditionIn(conditions, type), 'status');
    if (status === 'True') continue;
    const message =
      status === undefined
        ? `corresponding condition of pod readiness gate "${type}" does not exist.`
        : `the status of pod readiness gate "${type}" is not "True", but ${status}`;
    return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message };
  }
  return { type: 'Ready', status: 'True' };
}

function conditionsWith(port: ClusterPort, pod: KubeObject, says: readonly ConditionSays[]): readonly Json[] {
  const now = timestamp(port.wallNow);
  return says.reduce(
    (conditions, one) => {
      const present = conditionIn(conditions, one.type);
      const since = textAt(present, 'status') === one.status ? textAt(present, 'lastTransitionTime') : undefined;
      return withCondition(conditions, one, { lastTransitionTime: since ?? now });
    },
    listAt(pod, 'status', 'conditions'),
  );
}

function containerStatuses(pod: KubeObject, state: JsonObject, isReady: boolean): readonly Json[] {
  return listAt(pod, 'spec', 'containers').map((container) => ({
    name: textAt(container, 'name') ?? '',
    state,
    lastState: {},
    ready: isReady,
    restartCount: 0,
    image: textAt(container, 'image') ?? '',
    imageID: isReady ? `sha256:${'0'.repeat(64)}` : '',
    started: isReady,
  }));
}
