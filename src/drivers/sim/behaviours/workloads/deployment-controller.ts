import { timestamp } from '../../../../model/instant.ts';
import { listAt, numberAt, objectAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import { sameJson } from '../../api-server/same-json.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { createObject, deleteObject, isBeingDeleted, replaceStatus } from '../cluster-writes.ts';
import { conditionHolds, withCondition } from '../conditions.ts';
import { isControlledBy } from '../kubevirt/virtual-machine.ts';
import { clusterResources } from '../resource-types.ts';
import { isTerminated } from '../storage/persistent-volume.ts';

const hashLabel = 'pod-template-hash';
const revisionAnnotation = 'deployment.kubernetes.io/revision';

/**
 * Deployments with their ReplicaSets: the wanted number of pods of the newest template, older ones go when the new ones
 * are ready. Much simpler than `pkg/controller/deployment` of kubernetes/kubernetes: no surge, no history limit.
 */
export function createDeploymentController(): Behaviour {
  return {
    name: 'deployment-controller',
    watches: [resources.deployment, clusterResources.replicaSet, resources.pod],
    lag: 50,
    concerns: ({ resource, object: { metadata } }) =>
      resource.kind !== 'Pod' || metadata.ownerReferences?.some(({ kind }) => kind === 'ReplicaSet') === true,
    reconcile,
  };
}

function reconcile(port: ClusterPort, key: ObjectKey): void {
  if (key.resource.kind === 'Deployment') {
    const deployment = port.get(resources.deployment, key.namespace, key.name);
    if (deployment !== undefined && !isBeingDeleted(deployment)) sync(port, deployment);
    return;
  }
  // Names of the dependents begin with the name of their Deployment.
  for (const deployment of port.list(resources.deployment, key.namespace)) {
    if (key.name.startsWith(`${deployment.metadata.name}-`) && !isBeingDeleted(deployment)) sync(port, deployment);
  }
}

function sync(port: ClusterPort, deployment: KubeObject): void {
  const { namespace = '' } = deployment.metadata;
  const hash = hashOf(objectAt(deployment, 'spec', 'template'));
  const owned = port
    .list(clusterResources.replicaSet, namespace)
    .filter((one) => isControlledBy(one, deployment.metadata.uid));
  const current = owned.find((one) => one.metadata.labels?.[hashLabel] === hash);
  if (current === undefined) {
    createObject(port, clusterResources.replicaSet, replicaSetFor(deployment, hash, owned.length + 1));
    return;
  }
  const pods = port.list(resources.pod, namespace);
  const wanted = numberAt(deployment, 'spec', 'replicas') ?? 1;
  const living = syncPods(port, current, pods, wanted);
  const ready = living.filter((pod) => conditionHolds(pod, 'Ready')).length;
  for (const old of owned) if (old !== current) retire(port, old, pods, ready >= wanted);
  writeSetStatus(port, current, living.length, ready);
  writeStatus(port, deployment, living.length, ready, wanted);
}

function replicaSetFor(deployment: KubeObject, hash: string, revision: number): JsonObject {
  const template = objectAt(deployment, 'spec', 'template');
  const labels = { ...objectAt(template, 'metadata', 'labels'), [hashLabel]: hash };
  const selector = objectAt(deployment, 'spec', 'selector');
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: { [revisionAnnotation]: String(revision) },
      ownerReferences: [ownerOf(deployment, 'Deployment')],
    },
    spec: {
      replicas: numberAt(deployment, 'spec', 'replicas') ?? 1,
      selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), [hashLabel]: hash } },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  };
}

function syncPods(
  port: ClusterPort,
  set: KubeObject,
  pods: readonly KubeObject[],
  wanted: number,
): readonly KubeObject[] {
  const living = pods.filter(
    (pod) => isControlledBy(pod, set.metadata.uid) && !isBeingDeleted(pod) && !isTerminated(pod),
  );
  for (let missing = wanted - living.length; missing > 0; missing--) {
    const template = objectAt(set, 'spec', 'template');
    createObject(port, resources.pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...objectAt(template, 'metadata'),
        generateName: `${set.metadata.name}-`,
        namespace: set.metadata.namespace ?? '',
        ownerReferences: [ownerOf(set, 'ReplicaSet')],
      },
      spec: objectAt(template, 'spec'),
    });
  }
  for (const pod of living.slice(wanted)) deleteObject(port, resources.pod, pod);
  return living.slice(0, wanted);
}

function retire(port: ClusterPort, set: KubeObject, pods: readonly KubeObject[], isReplaced: boolean): void {
  const living = pods.filter((pod) => isControlledBy(pod, set.metadata.uid) && !isBeingDeleted(pod));
  if (isReplaced) for (const pod of living) deleteObject(port, resources.pod, pod);
  else writeSetStatus(port, set, living.length, living.filter((pod) => conditionHolds(pod, 'Ready')).length);
}

function writeSetStatus(port: ClusterPort, set: KubeObject, replicas: number, ready: number): void {
  const status = {
    replicas,
    ...(replicas === 0 ? {} : { fullyLabeledReplicas: replicas }),
    ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
    observedGeneration: set.metadata.generation ?? 1,
  };
  if (!sameJson(objectAt(set, 'status'), status)) replaceStatus(port, clusterResources.replicaSet, set, status);
}

function writeStatus(port: ClusterPort, deployment: KubeObject, living: number, ready: number, wanted: number): void {
  const now = timestamp(port.wallNow);
  const says =
    ready >= wanted
      ? ({
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        } as const)
      : ({
          type: 'Available',
          status: 'False',
          reason: 'MinimumReplicasUnavailable',
          message: 'Deployment does not have minimum availability.',
        } as const);
  const conditions = withCondition(listAt(deployment, 'status', 'conditions'), says, {
    lastTransitionTime: now,
    lastUpdateTime: now,
  });
  const status = {
    ...(ready === 0 ? {} : { availableReplicas: ready, readyReplicas: ready }),
    conditions,
    observedGeneration: deployment.metadata.generation ?? 1,
    ...(living === 0 ? {} : { replicas: living, updatedReplicas: living }),
    ...(wanted > ready ? { unavailableReplicas: wanted - ready } : {}),
  };
  if (!sameJson(objectAt(deployment, 'status'), status)) replaceStatus(port, resources.deployment, deployment, status);
}

function ownerOf(object: KubeObject, kind: string): JsonObject {
  const { name, uid = '' } = object.metadata;
  return { apiVersion: 'apps/v1', kind, name, uid, controller: true, blockOwnerDeletion: true };
}

// Ten letters of the alphabet that Kubernetes uses for such hashes, from the content of the template.
function hashOf(template: JsonObject): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(template)) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  let text = '';
  for (let index = 0; index < 10; index++) {
    text += alphabet[hash % alphabet.length];
    hash = Math.imul(hash ^ (hash >>> 13), 0x5bd1e995) >>> 0;
  }
  return text;
}
