import { timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import { rejectionOf } from '../../../../model/scheduling/node-filters.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import { isBeingDeleted, mergeInto, replaceStatus } from '../cluster-writes.ts';
import { conditionOf, withCondition } from '../conditions.ts';
import { selectedNode } from '../storage/persistent-volume.ts';
import { isTerminated } from '../storage/persistent-volume.ts';
import { volumeNeedsOf, type VolumeNeeds } from './volume-needs.ts';

/**
 * kube-scheduler, without resources and preemption: taints, node selectors, node affinity of pods and volumes, and the
 * state of claims. Texts as `pkg/scheduler/framework/types.go` of kubernetes/kubernetes puts them together.
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
  const needs = volumeNeedsOf(port, pod);
  if (needs.kind === 'unresolvable')
    return reject(port, pod, `0/${nodes.length} nodes are available: ${needs.text}. not found`);
  const rejected = new Map<string, number>();
  const feasible = nodes.filter((node) => {
    const why = rejectionOf(pod, node, needs.volumes);
    if (why !== undefined) rejected.set(why, (rejected.get(why) ?? 0) + 1);
    return why === undefined;
  });
  if (feasible.length === 0) return reject(port, pod, summaryOf(nodes.length, rejected));
  const chosen = leastLoaded(port, feasible);
  if (needs.toProvision.length > 0) return awaitProvisioning(port, needs, chosen);
  place(port, pod, chosen);
}

function summaryOf(count: number, rejected: ReadonlyMap<string, number>): string {
  if (count === 0) return 'no nodes available to schedule pods';
  const reasons = [...rejected].map(([why, times]) => `${times} ${why}`).sort();
  const preemption = `preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`;
  return `0/${count} nodes are available: ${reasons.join(', ')}. no new claims to deallocate, ${preemption}`;
}

function leastLoaded(port: ClusterPort, feasible: readonly KubeObject[]): string {
  const load = new Map<string, number>();
  for (const pod of port.list(resources.pod)) {
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
