import { microTimestamp, second, timestamp, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { createObject, mergeInto, replaceObject, replaceStatus } from '../cluster-writes.ts';
import { conditionHolds, conditionOf, withCopiedCondition } from '../conditions.ts';
import { readyCondition } from './node-object.ts';

/** Where the Leases of the nodes are, named after them. */
export const nodeLeaseNamespace = 'kube-node-lease';
const leaseSeconds = 40;

/** How often nodes show that they live. */
export interface HeartbeatSettings {
  /** Between two renewals of a node's Lease. */
  readonly leaseRenewal: Millis;
  /** Between two marks of virt-handler on the Node. */
  readonly virtHandlerMark: Millis;
}

export const defaultHeartbeatSettings: HeartbeatSettings = { leaseRenewal: 10 * second, virtHandlerMark: 60 * second };

/**
 * The signs of life of the nodes that are up: kubelet's Lease and Ready condition, virt-handler's annotation.
 * Source: `pkg/kubelet/nodestatus` and `component-helpers/apimachinery/lease` of kubernetes/kubernetes, `pkg/virt-handler/heartbeat`.
 */
export function createHeartbeat(settings: HeartbeatSettings = defaultHeartbeatSettings): Behaviour {
  // World times of the last signs of each node, which its processes keep to themselves.
  const lastSigns = new Map<string, { readonly lease: Millis; readonly mark: Millis }>();
  return {
    name: 'node-heartbeat',
    watches: [resources.node],
    lag: 50,
    reconcile: (port, key) => reconcile(port, key, settings, lastSigns),
  };
}

function reconcile(
  port: ClusterPort,
  key: ObjectKey,
  settings: HeartbeatSettings,
  lastSigns: Map<string, { readonly lease: Millis; readonly mark: Millis }>,
): void {
  const node = port.get(resources.node, '', key.name);
  if (node === undefined) return;
  const last = lastSigns.get(key.name);
  const leaseDue = last === undefined ? port.now : last.lease + settings.leaseRenewal;
  if (port.nodeIsUp(key.name)) {
    const markDue = last === undefined ? port.now + settings.virtHandlerMark : last.mark + settings.virtHandlerMark;
    const renews = port.now >= leaseDue;
    const marks = port.now >= markDue;
    if (renews) renewLease(port, node);
    if (marks) mark(port, node);
    // A renewal that was missed means that the node was away: its kubelet starts with a report.
    const wasAway = last !== undefined && port.now > leaseDue;
    if (wasAway || !conditionHolds(node, 'Ready')) reportReady(port, key.name);
    lastSigns.set(key.name, {
      lease: renews ? port.now : (last?.lease ?? port.now),
      mark: marks || last === undefined ? port.now : last.mark,
    });
  }
  port.wakeAt(Math.max(leaseDue, port.now) + (port.now >= leaseDue ? settings.leaseRenewal : 0), key);
}

function renewLease(port: ClusterPort, node: KubeObject): void {
  const { name, uid } = node.metadata;
  const lease = port.get(resources.lease, nodeLeaseNamespace, name);
  const renewTime = microTimestamp(port.wallNow);
  if (lease !== undefined) {
    replaceObject(port, resources.lease, { ...lease, spec: { ...lease.spec, renewTime } });
    return;
  }
  createObject(port, resources.lease, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: nodeLeaseNamespace,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: uid ?? '' }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime },
  });
}

function mark(port: ClusterPort, node: KubeObject): void {
  if (node.metadata.annotations?.['kubevirt.io/heartbeat'] === undefined) return;
  const annotations = { 'kubevirt.io/heartbeat': timestamp(port.wallNow) };
  mergeInto(port, resources.node, node, { metadata: { annotations, labels: { 'kubevirt.io/schedulable': 'true' } } });
}

// The node is back: the lifecycle controller takes its taints away when it sees this.
function reportReady(port: ClusterPort, name: string): void {
  const node = port.get(resources.node, '', name);
  if (node === undefined) return;
  const now = timestamp(port.wallNow);
  const since = conditionHolds(node, 'Ready') ? conditionOf(node, 'Ready')?.lastTransitionTime : now;
  const ready = { ...readyCondition(now), lastTransitionTime: since };
  const conditions = withCopiedCondition(listAt(node, 'status', 'conditions'), ready);
  replaceStatus(port, resources.node, node, { ...objectAt(node, 'status'), conditions });
}
