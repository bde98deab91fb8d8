import { type Millis, second } from '../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../behaviour.ts';
import { readyConditions } from '../behaviours/node/pod-status.ts';
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
    concerns: ({ type, object }) => type !== 'DELETED' && isAgentPod(object),
    reconcile(given, key) {
      port = given;
      const pod = given.get(resources.pod, key.namespace, key.name);
      const node = textAt(pod, 'spec', 'nodeName') ?? '';
      if (pod === undefined || !isAgentPod(pod) || !given.nodeIsUp(node)) return;
      if (agents.pods.of(pod.metadata.uid ?? '')?.stage !== 'running') return;
      const isFrozen = agents.isFrozen(node);
      const left = (since.get(node) ?? 0) + (isFrozen ? failingTime : answeringTime) - given.now;
      if (isFrozen && left > 0) return given.wakeAt(given.now + left, key);
      agents.pods.setAnswers(pod.metadata.uid ?? '', !isFrozen);
      const conditions = readyConditions(given, pod, !isFrozen);
      if (conditions === listAt(pod, 'status', 'conditions')) return;
      replaceStatus(given, resources.pod, pod, { ...objectAt(pod, 'status'), conditions });
    },
  };
}

function keyOf({ metadata: { namespace = '', name } }: KubeObject): ObjectKey {
  return { resource: resources.pod, namespace, name };
}
