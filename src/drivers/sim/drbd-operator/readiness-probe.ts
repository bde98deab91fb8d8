import { type Millis, second, timestamp } from '../../../model/instant.ts';
import { type Json, listAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../behaviour.ts';
import { replaceStatus } from '../behaviours/cluster-writes.ts';
import { agentPodOn, type AgentProcesses, isAgentPod } from './node-agents.ts';

/** A probe every ten seconds; after three that went unanswered the pod is not Ready, after one answer it is again. */
const failingTime: Millis = 30 * second;
const answeringTime: Millis = 10 * second;

/** The kubelets of a cluster, as far as they probe the agents of DRBD Operator: one that stands still is not Ready. */
export function createReadinessProbe(agents: AgentProcesses): Behaviour {
  let port: ClusterPort | undefined;
  /** Since when each node's agent has been as it is, standing still or not. */
  const since = new Map<string, Millis>();
  agents.onFreeze((node) => {
    const pod = port && agentPodOn(port, node);
    if (port === undefined || pod === undefined) return;
    since.set(node, port.now);
    port.wakeAt(port.now + (agents.isFrozen(node) ? failingTime : answeringTime), keyOf(pod));
  });
  return {
    name: 'drbd-agent-readiness-probe',
    watches: [resources.pod],
    lag: second,
    concerns: ({ type, object }) => type === 'ADDED' && isAgentPod(object),
    reconcile(given, key) {
      port = given;
      const pod = given.get(resources.pod, key.namespace, key.name);
      const node = textAt(pod, 'spec', 'nodeName') ?? '';
      if (pod === undefined || !isAgentPod(pod) || !given.nodeIsUp(node)) return;
      if (agents.pods.of(pod.metadata.uid ?? '')?.stage !== 'running') return;
      const isFrozen = agents.isFrozen(node);
      const left = (since.get(node) ?? 0) + (isFrozen ? failingTime : answeringTime) - given.now;
      if (isFrozen && left > 0) return given.wakeAt(given.now + left, key);
      show(given, pod, !isFrozen);
    },
  };
}

function show(port: ClusterPort, pod: KubeObject, isReady: boolean): void {
  const status = isReady ? 'True' : 'False';
  const before = listAt(pod, 'status', 'conditions');
  const isShown = before.some((each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === status);
  if (isShown) return;
  const conditions = before.map((condition): Json => {
    const type = textAt(condition, 'type');
    if (type !== 'Ready' && type !== 'ContainersReady') return condition;
    return {
      type,
      status,
      lastTransitionTime: timestamp(port.wallNow),
      ...(isReady ? {} : { reason: 'ContainersNotReady' }),
    };
  });
  replaceStatus(port, resources.pod, pod, { ...(pod['status'] as object), conditions });
}

function keyOf({ metadata: { namespace = '', name } }: KubeObject): ObjectKey {
  return { resource: resources.pod, namespace, name };
}
