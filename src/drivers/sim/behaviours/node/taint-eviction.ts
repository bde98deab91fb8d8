import { timestamp, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import { deleteObject, replaceStatus } from '../cluster-writes.ts';
import { withCondition } from '../conditions.ts';
import { toleratedFor } from '../scheduling/taints.ts';

/**
 * Deletes the pods of nodes with taints of effect NoExecute, when what they tolerate has passed.
 * Source: `pkg/controller/tainteviction` of kubernetes/kubernetes.
 */
export function createTaintEviction(): Behaviour {
  // By namespace and name: when each pod was first seen under an evicting taint.
  const since: Since = new Map();
  return {
    name: 'taint-eviction-controller',
    watches: [resources.node, resources.pod],
    lag: 50,
    // `PodUpdated`: where a pod is, and what it tolerates.
    concerns: ({ resource, type, object, old }) =>
      resource.kind !== 'Pod' || type !== 'MODIFIED' || object.spec !== old?.spec,
    reconcile(port, key) {
      if (key.resource.kind === 'Pod') {
        const pod = port.get(resources.pod, key.namespace, key.name);
        if (pod === undefined) cancel(port, key.namespace, key.name, since);
        else evictWhenDue(port, pod, since);
        return;
      }
      for (const pod of port.list(resources.pod)) {
        if (textAt(pod, 'spec', 'nodeName') === key.name) evictWhenDue(port, pod, since);
      }
    },
  };
}

/** World times; `evicted` once that was done. */
type Since = Map<string, Millis | 'evicted'>;

// Pods that ended, or are being deleted by somebody else, are no exception.
function evictWhenDue(port: ClusterPort, pod: KubeObject, since: Since): void {
  const { name, namespace = '' } = pod.metadata;
  const node = port.get(resources.node, '', textAt(pod, 'spec', 'nodeName') ?? '');
  const limit = node === undefined ? undefined : stayOf(pod, node);
  if (limit === undefined) return cancel(port, namespace, name, since);
  const place = `${namespace}/${name}`;
  const seenAt = since.get(place) ?? port.now;
  if (seenAt === 'evicted') return;
  if (port.now < seenAt + limit) {
    since.set(place, seenAt);
    return port.wakeAt(seenAt + limit, { resource: resources.pod, namespace, name });
  }
  since.set(place, 'evicted');
  evict(port, pod);
}

// The taint or the pod went before the time was over.
function cancel(port: ClusterPort, namespace: string, name: string, since: Since): void {
  const place = `${namespace}/${name}`;
  const seenAt = since.size === 0 ? undefined : since.get(place);
  if (seenAt === undefined) return;
  since.delete(place);
  if (seenAt === 'evicted') return;
  const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } };
  recordEvent(port, pod, { ...remark, message: `Cancelling deletion of Pod ${place}` });
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

const remark = { type: 'Normal', reason: 'TaintManagerEviction', component: 'taint-eviction-controller' } as const;

function evict(port: ClusterPort, pod: KubeObject): void {
  const { namespace = '', name } = pod.metadata;
  const message = `Marking for deletion Pod ${namespace}/${name}`;
  recordEvent(port, pod, { ...remark, message });
  const conditions = withCondition(
    listAt(pod, 'status', 'conditions'),
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    },
    { lastTransitionTime: timestamp(port.wallNow) },
  );
  replaceStatus(port, resources.pod, pod, { ...objectAt(pod, 'status'), conditions });
  const latest = port.get(resources.pod, namespace, name);
  if (latest !== undefined) deleteObject(port, resources.pod, latest);
}
