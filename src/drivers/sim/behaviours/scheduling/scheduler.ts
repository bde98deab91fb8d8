import { second, timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import { rejectionsOf } from '../../../../model/scheduling/node-filters.ts';
import { roomOnNodes, shortages } from '../../../../model/scheduling/node-room.ts';
import { amountsIn, requestsOfPod } from '../../../../model/scheduling/pod-requests.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import { isBeingDeleted, mergeInto, replaceStatus } from '../cluster-writes.ts';
import { conditionOf, withCondition } from '../conditions.ts';
import { selectedNode } from '../storage/persistent-volume.ts';
import { isTerminated } from '../storage/persistent-volume.ts';
import { volumeNeedsOf, type VolumeNeeds } from './volume-needs.ts';

/**
 * kube-scheduler, without preemption: taints, node selectors, node affinity of pods and volumes, room on nodes, and the state
 * of claims. Texts as `pkg/scheduler/framework/types.go` of kubernetes/kubernetes puts them together.
 */
export function createScheduler(): Behaviour {
  return {
    name: 'default-scheduler',
    watches: [
      resources.pod,
      resources.node,
      resources.persistentVolumeClaim,
      resources.persistentVolume,
      resources.storageClass,
    ],
    lag: 10,
    concerns: ({ resource, object }) => resource.kind !== 'Pod' || isWaiting(object),
    reconcile,
  };
}

function reconcile(port: ClusterPort, key: ObjectKey): void {
  if (key.resource.kind === 'Pod') {
    const pod = port.get(resources.pod, key.namespace, key.name);
    if (pod !== undefined && isWaiting(pod)) schedule(port, pod);
    return;
  }
  for (const pod of port.list(resources.pod)) if (isWaiting(pod)) schedule(port, pod);
}

function isWaiting(pod: KubeObject): boolean {
  const isOurs = (textAt(pod, 'spec', 'schedulerName') ?? 'default-scheduler') === 'default-scheduler';
  return isOurs && textAt(pod, 'spec', 'nodeName') === undefined && !isBeingDeleted(pod) && !isTerminated(pod);
}

function schedule(port: ClusterPort, pod: KubeObject): void {
  const nodes = port.list(resources.node);
  const { namespace = '', name } = pod.metadata;
  const needs = volumeNeedsOf(port, pod);
  if (needs.kind === 'unresolvable')
    return reject(port, pod, `0/${nodes.length} nodes are available: ${needs.text}. not found`);
  const pods = port.list(resources.pod);
  const rooms = roomOnNodes(nodes, pods);
  const rejected: Rejection[] = [];
  const feasible = nodes.filter((node) => {
    const left = rooms.get(node.metadata.name);
    const reasons = rejectionsOf(pod, node, needs.volumes, left);
    if (reasons.length > 0) rejected.push({ reasons, isForRoom: isForRoom(pod, node, reasons) });
    return reasons.length === 0;
  });
  if (feasible.length === 0) {
    // Room that becomes free is not watched for: a pod that waits for it is looked at again.
    if (rejected.some((each) => each.isForRoom))
      port.wakeAt(port.now + roomPatience, { resource: resources.pod, namespace, name });
    return reject(port, pod, summaryOf(nodes.length, rejected));
  }
  const chosen = leastLoaded(port, pods, feasible);
  if (needs.toProvision.length > 0) return awaitProvisioning(port, needs, chosen);
  place(port, pod, chosen);
}

/** Why one node does not take a pod. */
interface Rejection {
  readonly reasons: readonly string[];
  /** It would, if other pods were not there. */
  readonly isForRoom: boolean;
}

const roomPatience = second;

/** `NodeResourcesFit` (`pkg/scheduler/framework/plugins/noderesources/fit.go`): not when the whole node would be too small. */
function isForRoom(pod: KubeObject, node: KubeObject, reasons: readonly string[]): boolean {
  const isShort = reasons.some((reason) => reason === 'Too many pods' || reason.startsWith('Insufficient '));
  const whole = amountsIn(objectAt(node, 'status', 'allocatable'));
  return isShort && shortages(requestsOfPod(pod), whole).length === 0;
}

function summaryOf(count: number, rejected: readonly Rejection[]): string {
  if (count === 0) return 'no nodes available to schedule pods';
  const reasons = counted(rejected.flatMap((each) => each.reasons));
  const preemption = counted(
    rejected.map((each) =>
      each.isForRoom ? 'No preemption victims found for incoming pod' : 'Preemption is not helpful for scheduling',
    ),
  );
  return `0/${count} nodes are available: ${reasons}. no new claims to deallocate, preemption: 0/${count} nodes are available: ${preemption}.`;
}

/** `2 first, 1 second`, sorted as texts. */
function counted(texts: readonly string[]): string {
  const times = Object.entries(Object.groupBy(texts, (text) => text)).map(
    ([text, all = []]) => `${all.length} ${text}`,
  );
  return times.sort().join(', ');
}

function leastLoaded(port: ClusterPort, pods: readonly KubeObject[], feasible: readonly KubeObject[]): string {
  const load = new Map<string, number>();
  for (const pod of pods) {
    const node = textAt(pod, 'spec', 'nodeName');
    if (node !== undefined && !isTerminated(pod)) load.set(node, (load.get(node) ?? 0) + 1);
  }
  const loads = feasible.map((node) => load.get(node.metadata.name) ?? 0);
  const least = Math.min(...loads);
  return port.random.pick(feasible.filter((_, index) => loads[index] === least)).metadata.name;
}

// The choice of the node lets the claim be provisioned there; the pod waits without a condition until it is bound.
function awaitProvisioning(port: ClusterPort, needs: VolumeNeeds & { kind: 'resolvable' }, node: string): void {
  for (const claim of needs.toProvision) {
    if (claim.metadata.annotations?.[selectedNode] !== undefined) continue;
    mergeInto(port, resources.persistentVolumeClaim, claim, { metadata: { annotations: { [selectedNode]: node } } });
  }
}

function place(port: ClusterPort, pod: KubeObject, node: string): void {
  const { name, namespace = '', uid } = pod.metadata;
  port.request({
    verb: 'create',
    resource: resources.pod,
    subresource: 'binding',
    namespace,
    name,
    body: {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace, ...(uid === undefined ? {} : { uid }) },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    },
  });
  const message = `Successfully assigned ${namespace}/${name} to ${node}`;
  recordEvent(port, pod, {
    type: 'Normal',
    reason: 'Scheduled',
    message,
    component: 'default-scheduler',
    action: 'Binding',
  });
}

function reject(port: ClusterPort, pod: KubeObject, message: string): void {
  if (textAt(conditionOf(pod, 'PodScheduled'), 'message') === message) return;
  const remark = { type: 'Warning', reason: 'FailedScheduling', message, component: 'default-scheduler' } as const;
  recordEvent(port, pod, { ...remark, action: 'Scheduling' });
  const conditions = withCondition(
    listAt(pod, 'status', 'conditions'),
    { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
    {
      lastTransitionTime: timestamp(port.wallNow),
      observedGeneration: pod.metadata.generation ?? 1,
    },
  );
  replaceStatus(port, resources.pod, pod, { ...objectAt(pod, 'status'), conditions });
}
