import { textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import { agentComponent, componentLabel, drbdOperatorNamespace } from '../../../model/drbd-operator/installation.ts';
import type { ClusterPort } from '../behaviour.ts';
import type { PodRuntime } from '../behaviours/node/pod-runtime.ts';

/** What of an agent is no object: whether its containers run, and whether they stand still. */
export interface AgentProcesses {
  readonly pods: PodRuntime;
  readonly isFrozen: (node: string) => boolean;
}

/** The agent's pod of a node, whatever its state. */
export function agentPodOn(port: ClusterPort, node: string): KubeObject | undefined {
  return port
    .list(resources.pod, drbdOperatorNamespace)
    .find((pod) => isAgentPod(pod) && textAt(pod, 'spec', 'nodeName') === node);
}

export function isAgentPod({ metadata }: KubeObject): boolean {
  return metadata.labels?.[componentLabel] === agentComponent && metadata.namespace === drbdOperatorNamespace;
}

/** UID of the agent that works on a node now; undefined when none does. */
export function workingAgent(port: ClusterPort, { pods, isFrozen }: AgentProcesses, node: string): string | undefined {
  if (!port.nodeIsUp(node) || isFrozen(node)) return undefined;
  const uid = agentPodOn(port, node)?.metadata.uid;
  return uid !== undefined && pods.of(uid)?.stage === 'running' ? uid : undefined;
}
