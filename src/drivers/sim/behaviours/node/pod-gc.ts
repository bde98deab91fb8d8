import { second, timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort } from '../../behaviour.ts';
import { deleteObject, isBeingDeleted, replaceStatus } from '../cluster-writes.ts';
import { conditionHolds, withCondition, type ConditionSays } from '../conditions.ts';
import { isTerminated } from '../storage/persistent-volume.ts';

/**
 * Removes the objects of pods that no node will ever report on: of nodes that are gone, and those being deleted on nodes
 * declared out of service. Source: `pkg/controller/podgc/gc_controller.go` of kubernetes/kubernetes.
 */
export function createPodGarbageCollector(): Behaviour {
  return {
    name: 'pod-garbage-collector',
    watches: [resources.node, resources.pod],
    lag: 10 * second,
    reconcile(port, key) {
      if (key.resource.kind === 'Pod') {
        const pod = port.get(resources.pod, key.namespace, key.name);
        if (pod !== undefined) collect(port, pod);
        return;
      }
      for (const pod of port.list(resources.pod)) if (textAt(pod, 'spec', 'nodeName') === key.name) collect(port, pod);
    },
  };
}

function collect(port: ClusterPort, pod: KubeObject): void {
  const nodeName = textAt(pod, 'spec', 'nodeName');
  if (nodeName === undefined) return;
  const node = port.get(resources.node, '', nodeName);
  if (node === undefined) remove(port, pod, nodeIsGone);
  else if (isBeingDeleted(pod) && isOutOfService(node)) remove(port, pod);
}

const nodeIsGone = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
} as const;

// A pod that did not end counts as failed before its object goes (`markFailedAndDeletePodWithCondition`).
function remove(port: ClusterPort, pod: KubeObject, says?: ConditionSays): void {
  if (!isTerminated(pod)) {
    const present = listAt(pod, 'status', 'conditions');
    const times = { lastTransitionTime: timestamp(port.wallNow) };
    const conditions = says === undefined ? present : withCondition(present, says, times);
    replaceStatus(port, resources.pod, pod, { ...objectAt(pod, 'status'), phase: 'Failed', conditions });
  }
  deleteObject(port, resources.pod, pod, 0);
}

function isOutOfService(node: KubeObject): boolean {
  const isTainted = listAt(node, 'spec', 'taints').some(
    (taint) => textAt(taint, 'key') === 'node.kubernetes.io/out-of-service',
  );
  return isTainted && !conditionHolds(node, 'Ready');
}
