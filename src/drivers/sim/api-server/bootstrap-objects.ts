import type { JsonObject } from '../../../model/json.ts';
import type { ResourceType } from '../../../model/kube.ts';

/** An object that a new cluster has before anybody asks for it. */
export interface BootstrapObject {
  readonly resource: ResourceType;
  readonly namespace?: string;
  readonly body: JsonObject;
}

const type = (group: string, plural: string, kind: string, namespaced = false): ResourceType => ({
  group,
  version: 'v1',
  plural,
  kind,
  namespaced,
});

const rbac = 'rbac.authorization.k8s.io';
const bootstrapLabels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const reading = ['get', 'list', 'watch'];
const writing = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const coreObjects = [
  'configmaps',
  'events',
  'persistentvolumeclaims',
  'pods',
  'secrets',
  'serviceaccounts',
  'services',
];
const viewable = coreObjects.filter((plural) => plural !== 'secrets');
const workloads = ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'];

/** `plugin/pkg/auth/authorizer/rbac/bootstrappolicy` of kubernetes/kubernetes, as far as people and this product meet it. */
export const bootstrapObjects: readonly BootstrapObject[] = [
  ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) => ({
    resource: type('', 'namespaces', 'Namespace'),
    body: { metadata: { name } },
  })),
  clusterRole('cluster-admin', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
  clusterRole('system:discovery', [{ verbs: ['get'], nonResourceURLs: discoveryPaths() }]),
  clusterRole('system:public-info-viewer', [
    { verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] },
  ]),
  clusterRole('system:basic-user', [
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
    { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
  ]),
  aggregatedRole('admin', 'edit', [
    { verbs: [...reading, ...writing], apiGroups: [rbac], resources: ['rolebindings', 'roles'] },
    { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'] },
  ]),
  aggregatedRole('edit', 'view', [
    { verbs: ['get', 'list', 'watch', ...writing], apiGroups: [''], resources: coreObjects },
    { verbs: writing, apiGroups: ['apps'], resources: workloads },
    { verbs: [...reading, ...writing], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    { verbs: writing, apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
  ]),
  aggregatedRole('view', undefined, [
    { verbs: reading, apiGroups: [''], resources: [...viewable, 'namespaces', 'pods/status', 'pods/log'] },
    { verbs: reading, apiGroups: ['apps'], resources: workloads },
    { verbs: reading, apiGroups: ['policy'], resources: ['poddisruptionbudgets'] },
  ]),
  binding('cluster-admin', 'system:masters'),
  binding('system:basic-user', 'system:authenticated'),
  binding('system:discovery', 'system:authenticated'),
  binding('system:public-info-viewer', 'system:authenticated', 'system:unauthenticated'),
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
  priorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
  {
    resource: type('', 'services', 'Service', true),
    namespace: 'default',
    body: {
      metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1'],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
    },
  },
];

function discoveryPaths(): readonly string[] {
  const paths = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz'];
  return [...paths, '/version', '/version/'];
}

function clusterRole(
  name: string,
  rules: readonly JsonObject[],
  more: JsonObject = {},
  labels: JsonObject = {},
): BootstrapObject {
  return {
    resource: type(rbac, 'clusterroles', 'ClusterRole'),
    body: {
      metadata: {
        name,
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
        labels: { ...bootstrapLabels, ...labels },
      },
      rules,
      ...more,
    },
  };
}

/** A role for people: others add to it by the label `rbac.authorization.k8s.io/aggregate-to-<name>`. */
function aggregatedRole(name: string, includes: string | undefined, rules: readonly JsonObject[]): BootstrapObject {
  const label = (role: string): JsonObject => ({ [`${rbac}/aggregate-to-${role}`]: 'true' });
  const wider: Readonly<Record<string, string>> = { view: 'edit', edit: 'admin' };
  const into = wider[name];
  const selectors = [
    { matchLabels: label(name) },
    ...(includes === undefined ? [] : [{ matchLabels: label(includes) }]),
  ];
  return clusterRole(
    name,
    rules,
    { aggregationRule: { clusterRoleSelectors: selectors } },
    into === undefined ? {} : label(into),
  );
}

function binding(role: string, ...groups: readonly string[]): BootstrapObject {
  return {
    resource: type(rbac, 'clusterrolebindings', 'ClusterRoleBinding'),
    body: {
      metadata: {
        name: role,
        annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
        labels: bootstrapLabels,
      },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: groups.map((name) => ({ apiGroup: rbac, kind: 'Group', name })),
    },
  };
}

function priorityClass(name: string, value: number, description: string): BootstrapObject {
  return {
    resource: type('scheduling.k8s.io', 'priorityclasses', 'PriorityClass'),
    body: { metadata: { name }, value, description, preemptionPolicy: 'PreemptLowerPriority' },
  };
}
