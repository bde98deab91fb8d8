import { timestamp, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import { deleteObject, isBeingDeleted, replaceStatus } from '../cluster-writes.ts';
import { withCondition } from '../conditions.ts';
import { toleratedFor } from '../scheduling/taints.ts';
import { isTerminated } from '../storage/persistent-volume.ts';

/**
 * Deletes the pods of nodes with taints of effect NoExecute, when what they tolerate has passed.
 * Source: `pkg/controller/tainteviction` of kubernetes/kubernetes.
 */
export function createTaintEviction(): Behaviour {
  // World time at which each pod was first seen under an evicting taint.
  const since = new Map<string, Millis>();
  return {
    name: 'taint-eviction-controller',
    watches: [resources.node, resources.pod],
    lag: 50,
    reconcile(port, key) {
      if (key.resource.kind === 'Pod') {
        const pod = port.get(resources.pod, key.namespace, key.name);
        if (pod !== undefined) evictWhenDue(port, pod, since);
        return;
      }
      for (const pod of port.list(resources.pod)) {
        if (textAt(pod, 'spec', 'nodeName') === key.name) evictWhenDue(port, pod, since);
      }
    },
  };
}

function evictWhenDue(port: ClusterPort, pod: KubeObject, since: Map<string, Millis>): void {
  const { uid = '', name, namespace = '' } = pod.metadata;
  if (isBeingDeleted(pod) || isTerminated(pod)) {
    since.delete(uid);
    return;
  }
  const node = port.get(resources.node, '', textAt(pod, 'spec', 'nodeName') ?? '');
  const limit = node === undefined ? undefined : stayOf(pod, node);
  if (limit === undefined) {
    since.delete(uid);
    return;
  }
  const seenAt = since.get(uid) ?? port.now;
  since.set(uid, seenAt);
  if (port.now < seenAt + limit) return port.wakeAt(seenAt + limit, { resource: resources.pod, namespace, name });
  evict(port, pod);
}

// How long the pod may stay; undefined for ever.
function stayOf(pod: KubeObject, node: KubeObject): Millis | undefined {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const limits = listAt(node, 'spec', 'taints')
    .filter((taint) => textAt(taint, 'effect') === 'NoExecute')
    .map((taint) => toleratedFor(tolerations, taint))
    .filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function evict(port: ClusterPort, pod: KubeObject): void {
  const { namespace = '', name } = pod.metadata;
  const message = `Marking for deletion Pod ${namespace}/${name}`;
  recordEvent(port, pod, {
    type: 'Normal',
    reason: 'TaintManagerEviction',
    message,
    component: 'taint-eviction-controller',
  });
  const conditions = withCondition(
    listAt(pod, 'status', 'conditions'),
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    },
    { lastProbeTime: null, lastTransitionTime: timestamp(port.wallNow) },
  );
  replaceStatus(port, resources.pod, pod, { ...objectAt(pod, 'status'), conditions });
  const latest = port.get(resources.pod, namespace, name);
  if (latest !== undefined) deleteObject(port, resources.pod, latest);
}
