import type { JsonObject } from '../../../model/json.ts';
import {
  agentComponent,
  componentLabel,
  drbdOperatorDriver,
  drbdOperatorNamespace,
  policyParameter,
} from '../../../model/drbd-operator/installation.ts';
import { apiVersionOf, type ResourceType, resources } from '../../../model/kube.ts';
import type { SiteName } from '../../../model/site.ts';
import type { InsideApi } from '../cluster.ts';
import { agentTolerations, type StorageAgents } from '../satellite-shell/agent-pods.ts';

/** StorageClass and policy whose volumes have one copy in each of the two data sites. */
export const operatorReplicatedClass = 'drbd-replicated';
export const replicatedPolicy = 'geo';

/** StorageClass whose volumes have one copy, in the cluster of the claim. */
export const operatorSingleClass = 'drbd-single';

/** Options of the policies of a world, in the words of the schema; what is absent is the operator's choice. */
export interface PolicySettings {
  readonly protocol?: string;
  readonly quorum?: string;
  readonly onNoQuorum?: string;
}

/** Where the copies of a world's replicated volumes are. */
export interface PolicyPlaces extends PolicySettings {
  readonly clusters: readonly SiteName[];
  readonly tiebreaker?: SiteName;
}

/** The agents of DRBD Operator. */
export const operatorAgents: StorageAgents = {
  name: 'drbd-agent-daemon-set',
  namespace: drbdOperatorNamespace,
  component: agentComponent,
  podOf: (node) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'drbd-agent-',
      namespace: drbdOperatorNamespace,
      labels: { 'app.kubernetes.io/name': 'drbd-operator', [componentLabel]: agentComponent },
    },
    spec: {
      nodeName: node,
      serviceAccountName: 'drbd-agent',
      restartPolicy: 'Always',
      containers: [
        {
          name: agentComponent,
          image: 'drbd-operator/drbd-agent',
          securityContext: { privileged: true },
          readinessProbe: { httpGet: { path: '/readyz', port: 8081 }, periodSeconds: 10, failureThreshold: 3 },
        },
      ],
      tolerations: agentTolerations,
    },
  }),
};

/** Installs what the operator brings to a cluster with nodes of its own: its types, its driver, its policies and classes. */
export function installOperatorObjects(
  api: Pick<InsideApi, 'requestFromInside'>,
  cluster: SiteName,
  definitions: readonly JsonObject[],
  places: PolicyPlaces,
): void {
  for (const definition of definitions) put(api, resources.customResourceDefinition, definition);
  put(api, resources.csiDriver, {
    ...named('storage.k8s.io/v1', 'CSIDriver', drbdOperatorDriver),
    spec: { attachRequired: true, podInfoOnMount: true },
  });
  put(api, resources.drbdReplicationPolicy, policy(replicatedPolicy, places));
  put(api, resources.drbdReplicationPolicy, policy('local', { clusters: [cluster] }));
  put(api, resources.storageClass, storageClass(operatorReplicatedClass, replicatedPolicy));
  put(api, resources.storageClass, storageClass(operatorSingleClass, 'local'));
}

function policy(name: string, { clusters, tiebreaker, protocol, quorum, onNoQuorum }: PolicyPlaces): JsonObject {
  const { kind } = resources.drbdReplicationPolicy;
  const given = { tiebreaker, protocol, quorum, onNoQuorum };
  const set = Object.entries(given).flatMap(([field, value]) => (value === undefined ? [] : [[field, value]]));
  return {
    ...named(apiVersionOf(resources.drbdReplicationPolicy), kind, name),
    spec: { clusters, storagePool: 'pool1', ...Object.fromEntries(set) },
  };
}

/** Retain: a deleted claim must never take the copies of both sites with it. */
function storageClass(name: string, policyName: string): JsonObject {
  return {
    ...named('storage.k8s.io/v1', 'StorageClass', name),
    provisioner: drbdOperatorDriver,
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: false,
    parameters: { [policyParameter]: policyName },
  };
}

function named(apiVersion: string, kind: string, name: string): JsonObject {
  return { apiVersion, kind, metadata: { name } };
}

function put(api: Pick<InsideApi, 'requestFromInside'>, resource: ResourceType, body: JsonObject): void {
  const answer = api.requestFromInside({ verb: 'create', resource, body });
  if (answer.status >= 300)
    throw new Error(`The world refuses its own ${resource.kind}: ${JSON.stringify(answer.body)}`);
}
