import { textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import { agentComponent, componentLabel, drbdOperatorNamespace } from '../../../model/drbd-operator/installation.ts';
import type { ClusterPort, ObjectKey } from '../behaviour.ts';
import type { PodRuntime } from '../behaviours/node/pod-runtime.ts';

/** What of an agent is no object: whether its containers run, and whether they stand still. */
export interface AgentProcesses {
  readonly pods: PodRuntime;
  readonly isFrozen: (node: string) => boolean;
  /** Tells of a node whose agent stands still from now on, or goes on. */
  readonly onFreeze: (listener: (node: string) => void) => void;
}

/** Calls for a look when the agent of one of the cluster's nodes goes on: what it missed it has to see. */
export function whenGoingOn(
  { onFreeze, isFrozen }: AgentProcesses,
  port: () => ClusterPort | undefined,
  look: (port: ClusterPort, pod: ObjectKey) => void,
): void {
  onFreeze((node) => {
    const cluster = port();
    const pod = cluster && agentPodOn(cluster, node);
    if (cluster === undefined || pod === undefined || isFrozen(node)) return;
    look(cluster, { resource: resources.pod, namespace: drbdOperatorNamespace, name: pod.metadata.name });
  });
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
