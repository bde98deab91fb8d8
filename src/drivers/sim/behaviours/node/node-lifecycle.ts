import { second, timestamp, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import type { Span } from '../../guests.ts';
import { recordEvent } from '../cluster-events.ts';
import { replaceObject, replaceStatus } from '../cluster-writes.ts';
import { conditionHolds, conditionOf, withCopiedCondition } from '../conditions.ts';
import { withTaints } from '../scheduling/taints.ts';
import { isTerminated } from '../storage/persistent-volume.ts';
import { nodeLeaseNamespace } from './heartbeat.ts';

/** Taint key of nodes that fell silent. */
export const unreachable = 'node.kubernetes.io/unreachable';

/** How patient the cluster is with a silent node. */
export interface NodeLifecycleSettings {
  /** Without a sign of life for this long a node counts as unreachable. */
  readonly gracePeriod: Millis;
  /** From there to the taint that evicts pods: evictions are rationed. */
  readonly evictionDelay: Span;
}

export const defaultNodeLifecycleSettings: NodeLifecycleSettings = {
  gracePeriod: 50 * second,
  evictionDelay: { min: 10 * second, max: 28 * second },
};

interface Watched {
  readonly renewTime: string;
  /** World time at which that renewal was seen: the clocks of nodes are not trusted. */
  readonly seenAt: Millis;
  /** World time at which the node gets the evicting taint. */
  readonly evictAt?: Millis;
}

/**
 * Turns silent nodes into unreachable ones, with condition, taints and unready pods, and back.
 * Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go` of kubernetes/kubernetes. When all nodes are silent
 * (full disruption) evictions stop: only the first of them gets the evicting taint.
 */
export function createNodeLifecycle(settings: NodeLifecycleSettings = defaultNodeLifecycleSettings): Behaviour {
  const watched = new Map<string, Watched>();
  return {
    name: 'node-lifecycle-controller',
    watches: [resources.node, resources.lease],
    lag: 100,
    concerns: ({ resource, object }) => resource.kind !== 'Lease' || isNodeLease(object.metadata.namespace),
    reconcile(port, key) {
      if (key.resource.kind === 'Lease' && !isNodeLease(key.namespace)) return;
      const node = port.get(resources.node, '', key.name);
      if (node !== undefined) watch(port, node, settings, watched);
    },
  };
}

function isNodeLease(namespace: string | undefined): boolean {
  return namespace === nodeLeaseNamespace;
}

function watch(
  port: ClusterPort,
  node: KubeObject,
  settings: NodeLifecycleSettings,
  watched: Map<string, Watched>,
): void {
  const name = node.metadata.name;
  const renewTime = textAt(port.get(resources.lease, nodeLeaseNamespace, name), 'spec', 'renewTime') ?? '';
  let state = watched.get(name);
  if (state === undefined || state.renewTime !== renewTime) {
    state = { renewTime, seenAt: port.now };
    watched.set(name, state);
  }
  const key: ObjectKey = { resource: resources.node, namespace: '', name };
  if (conditionHolds(node, 'Ready')) {
    if (port.now < state.seenAt + settings.gracePeriod) {
      removeTaints(port, node);
      return port.wakeAt(state.seenAt + settings.gracePeriod, key);
    }
    return markUnknown(port, node);
  }
  addTaint(port, node, 'NoSchedule');
  markPodsUnready(port, node);
  if (hasTaint(node, 'NoExecute')) return;
  if (state.evictAt === undefined) {
    if (isFullDisruption(port) && port.list(resources.node).some((one) => hasTaint(one, 'NoExecute'))) return;
    state = {
      ...state,
      evictAt: port.now + port.random.integer(settings.evictionDelay.min, settings.evictionDelay.max),
    };
    watched.set(name, state);
  }
  if (port.now < (state.evictAt ?? 0)) return port.wakeAt(state.evictAt ?? 0, key);
  const isTooMany = isFullDisruption(port) && port.list(resources.node).some((one) => hasTaint(one, 'NoExecute'));
  const latest = port.get(resources.node, '', name);
  if (!isTooMany && latest !== undefined) addTaint(port, latest, 'NoExecute');
}

function markUnknown(port: ClusterPort, node: KubeObject): void {
  const ready = conditionOf(node, 'Ready') ?? {};
  const conditions = withCopiedCondition(listAt(node, 'status', 'conditions'), {
    ...ready,
    status: 'Unknown',
    lastTransitionTime: timestamp(port.wallNow),
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  replaceStatus(port, resources.node, node, { ...objectAt(node, 'status'), conditions });
  const message = `Node ${node.metadata.name} status is now: NodeNotReady`;
  recordEvent(port, node, { type: 'Normal', reason: 'NodeNotReady', message, component: 'node-controller' });
}

function isFullDisruption(port: ClusterPort): boolean {
  return port.list(resources.node).every((node) => !conditionHolds(node, 'Ready'));
}

function hasTaint(node: KubeObject, effect: string): boolean {
  return listAt(node, 'spec', 'taints').some((taint) => isOurs(taint) && textAt(taint, 'effect') === effect);
}

function isOurs(taint: Json): boolean {
  return textAt(taint, 'key') === unreachable;
}

function addTaint(port: ClusterPort, node: KubeObject, effect: string): void {
  if (hasTaint(node, effect)) return;
  const taint: JsonObject = { key: unreachable, effect, timeAdded: timestamp(port.wallNow) };
  const taints = [...listAt(node, 'spec', 'taints'), taint];
  replaceObject(port, resources.node, withTaints(node, taints));
}

function removeTaints(port: ClusterPort, node: KubeObject): void {
  const present = listAt(node, 'spec', 'taints');
  const taints = present.filter((taint) => !isOurs(taint));
  if (taints.length < present.length) replaceObject(port, resources.node, withTaints(node, taints));
}

// The pods of a silent node are not ready; nothing else is said of them.
function markPodsUnready(port: ClusterPort, node: KubeObject): void {
  for (const pod of port.list(resources.pod)) {
    if (textAt(pod, 'spec', 'nodeName') !== node.metadata.name || isTerminated(pod)) continue;
    const ready = conditionOf(pod, 'Ready');
    if (ready === undefined || ready.status !== 'True') continue;
    const conditions = withCopiedCondition(listAt(pod, 'status', 'conditions'), {
      ...ready,
      status: 'False',
      lastTransitionTime: timestamp(port.wallNow),
    });
    replaceStatus(port, resources.pod, pod, { ...objectAt(pod, 'status'), conditions });
    recordEvent(port, pod, {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node is not ready',
      component: 'node-controller',
    });
  }
}
