import { type Instant, timestamp } from '../../../model/instant.ts';
import { type JsonObject, listAt, textAt } from '../../../model/json.ts';
import { type KubeObject, resources } from '../../../model/kube.ts';
import { satelliteContainer } from '../../../model/satellite.ts';
import type { ApiServer } from '../api-server/api-server.ts';
import type { Behaviour } from '../behaviour.ts';
import { createObject } from '../behaviours/cluster-writes.ts';
import type { PodRuntime } from '../behaviours/node/pod-runtime.ts';

/** Where the Piraeus operator puts everything. */
export const storageNamespace = 'piraeus-datastore';

const componentLabel = 'app.kubernetes.io/component';
const component = 'linstor-satellite';

/**
 * The pod of a node's satellite, as the DaemonSet `linstor-satellite.NODE` makes it (`pkg/resources/satellite` of
 * piraeusdatastore/piraeus-operator). Volumes and init containers are left out.
 */
function satellitePod(node: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `linstor-satellite.${node}-`,
      namespace: storageNamespace,
      labels: {
        'app.kubernetes.io/instance': 'linstorcluster',
        'app.kubernetes.io/name': 'piraeus-datastore',
        [componentLabel]: component,
      },
      annotations: { 'kubectl.kubernetes.io/default-container': satelliteContainer },
    },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      serviceAccountName: 'satellite',
      restartPolicy: 'Always',
      containers: [
        container(satelliteContainer, 'piraeus-server', {
          args: ['startSatellite'],
          securityContext: { privileged: true },
        }),
        container('drbd-reactor', 'drbd-reactor', {}),
      ],
      tolerations: [
        // Those that every DaemonSet has (`pkg/controller/daemon/util` of kubernetes/kubernetes).
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
        { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
        { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
        { key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' },
        { key: 'drbd.linbit.com/force-io-error', effect: 'NoSchedule' },
      ],
    },
  };
}

function container(name: string, image: string, more: JsonObject): JsonObject {
  return { name, image: `quay.io/piraeusdatastore/${image}`, ...more };
}

/** Puts the satellites of a new world there, running: everybody's storage was up before the world began. */
export function installSatellitePods(
  api: ApiServer,
  pods: PodRuntime,
  place: { readonly cluster: string; readonly nodes: readonly string[]; readonly now: Instant },
): void {
  for (const node of place.nodes) {
    const request = { resource: resources.pod, namespace: storageNamespace } as const;
    const { body, status } = api.requestFromInside({ verb: 'create', ...request, body: satellitePod(node) });
    const name = textAt(body, 'metadata', 'name');
    if (status !== 201 || name === undefined) {
      throw new Error(`The world refuses its own satellite: ${JSON.stringify(body)}`);
    }
    const shown = { status: runningStatus(timestamp(place.now)) };
    api.requestFromInside({ verb: 'patch', patch: 'merge', subresource: 'status', ...request, name, body: shown });
    pods.put({
      podUid: textAt(body, 'metadata', 'uid') ?? '',
      cluster: place.cluster,
      node,
      namespace: storageNamespace,
      podName: name,
      disks: [],
      stage: 'running',
      mountFailures: 0,
    });
  }
}

function runningStatus(since: string): JsonObject {
  const condition = (type: string): JsonObject => ({ type, status: 'True', lastTransitionTime: since });
  const types = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return {
    phase: 'Running',
    startTime: since,
    conditions: types.map(condition),
    containerStatuses: [satelliteContainer, 'drbd-reactor'].map((name) => ({
      name,
      state: { running: { startedAt: since } },
      lastState: {},
      ready: true,
      started: true,
      restartCount: 0,
      image: `quay.io/piraeusdatastore/${name}`,
      imageID: `sha256:${'0'.repeat(64)}`,
    })),
  };
}

/**
 * Makes a satellite's pod again when it was deleted, or its node has come back to the cluster, as its DaemonSet would.
 * `nodes`: those that have a satellite.
 */
export function createSatelliteDaemonSets(nodes: readonly string[]): Behaviour {
  return {
    name: 'satellite-daemon-sets',
    watches: [resources.node, resources.pod],
    lag: 1000,
    concerns: ({ type, resource, object }) =>
      resource.kind === 'Pod' ? type === 'DELETED' && isSatellite(object) : type === 'ADDED',
    reconcile(port, key) {
      const present = port.list(resources.pod, storageNamespace).filter(isSatellite);
      for (const node of key.resource.kind === 'Node' ? [key.name] : nodes) {
        const isThere = present.some((pod) => textAt(pod, 'spec', 'nodeName') === node);
        if (isThere || !nodes.includes(node) || port.get(resources.node, '', node) === undefined) continue;
        createObject(port, resources.pod, satellitePod(node));
      }
    },
  };
}

function isSatellite({ metadata }: KubeObject): boolean {
  return metadata.labels?.[componentLabel] === component && metadata.namespace === storageNamespace;
}

/** Whether a pod has a container of that name. */
export function hasContainer(pod: KubeObject, name: string): boolean {
  return listAt(pod, 'spec', 'containers').some((each) => textAt(each, 'name') === name);
}
