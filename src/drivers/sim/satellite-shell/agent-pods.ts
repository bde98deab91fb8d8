import { type Instant, timestamp } from '../../../model/instant.ts';
import { componentLabel } from '../../../model/drbd-operator/installation.ts';
import { type Json, type JsonObject, listAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import type { Behaviour } from '../behaviour.ts';
import { createObject } from '../behaviours/cluster-writes.ts';
import type { PodRuntime } from '../behaviours/node/pod-runtime.ts';

/** The pods of which each node that takes part in the storage has one: LINSTOR's satellites, or DRBD Operator's agents. */
export interface StorageAgents {
  /** Name of the behaviour that makes them again. */
  readonly name: string;
  readonly namespace: string;
  /** Value of their component label. */
  readonly component: string;
  readonly podOf: (node: string) => JsonObject;
}

/** Those that every DaemonSet has (`pkg/controller/daemon/util` of kubernetes/kubernetes), and those of the quorum taints. */
export const agentTolerations: readonly Json[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' },
  { key: 'drbd.linbit.com/force-io-error', effect: 'NoSchedule' },
];

/** Puts the agents of a new world there, running: everybody's storage was up before the world began. */
export function installAgentPods(
  api: ApiServer,
  pods: PodRuntime,
  { namespace, podOf }: StorageAgents,
  place: { readonly cluster: string; readonly nodes: readonly string[]; readonly now: Instant },
): void {
  for (const node of place.nodes) {
    const request = { resource: resources.pod, namespace } as const;
    const { body, status } = api.requestFromInside({ verb: 'create', ...request, body: podOf(node) });
    const name = textAt(body, 'metadata', 'name');
    if (status !== 201 || name === undefined) {
      throw new Error(`The world refuses its own storage agent: ${JSON.stringify(body)}`);
    }
    const shown = { status: runningStatus(listAt(body, 'spec', 'containers'), timestamp(place.now)) };
    api.requestFromInside({ verb: 'patch', patch: 'merge', subresource: 'status', ...request, name, body: shown });
    pods.put({
      podUid: textAt(body, 'metadata', 'uid') ?? '',
      cluster: place.cluster,
      node,
      namespace,
      podName: name,
      disks: [],
      stage: 'running',
      mountFailures: 0,
    });
  }
}

function runningStatus(containers: readonly Json[], since: string): JsonObject {
  const condition = (type: string): JsonObject => ({ type, status: 'True', lastTransitionTime: since });
  const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return {
    phase: 'Running',
    startTime: since,
    conditions: types.map(condition),
    containerStatuses: containers.map((container) => ({
      name: textAt(container, 'name') ?? '',
      state: { running: { startedAt: since } },
      lastState: {},
      ready: true,
      started: true,
      restartCount: 0,
      image: textAt(container, 'image') ?? '',
      imageID: `sha256:${'0'.repeat(64)}`,
    })),
  };
}

/**
 * Makes the pod of an agent again when it was deleted, or its node has come back to the cluster, as its DaemonSet would.
 * `nodes`: those that have one.
 */
export function createAgentDaemonSets(agents: StorageAgents, nodes: readonly string[]): Behaviour {
  return {
    name: agents.name,
    watches: [resources.node, resources.pod],
    lag: 1000,
    concerns: ({ type, resource, object }) =>
      resource.kind === 'Pod' ? type === 'DELETED' && isAgent(agents, object) : type === 'ADDED',
    reconcile(port, key) {
      const present = port.list(resources.pod, agents.namespace).filter((pod) => isAgent(agents, pod));
      for (const node of key.resource.kind === 'Node' ? [key.name] : nodes) {
        const isThere = present.some((pod) => textAt(pod, 'spec', 'nodeName') === node);
        if (isThere || !nodes.includes(node) || port.get(resources.node, '', node) === undefined) continue;
        createObject(port, resources.pod, agents.podOf(node));
      }
    },
  };
}

/** True for one of these pods. */
export function isAgent({ namespace, component }: StorageAgents, { metadata }: KubeObject): boolean {
  return metadata.labels?.[componentLabel] === component && metadata.namespace === namespace;
}

/** Whether a pod has a container of that name. */
export function hasContainer(pod: KubeObject, name: string): boolean {
  return listAt(pod, 'spec', 'containers').some((each) => textAt(each, 'name') === name);
}
