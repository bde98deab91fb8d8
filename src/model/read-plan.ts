import { drbdReportRequest } from './drbd-report.ts';
import { groupLabel } from './failover.ts';
import { type ResourceType, resources } from './kube.ts';
import { groupLeaseName } from './lease.ts';
import type { ApiRequest, KubeRequest, LinstorRequest } from './request.ts';
import { type Satellite, satelliteSelector } from './satellite.ts';
import type { SiteName } from './site.ts';
import type { StorageBackend } from './storage-backend.ts';

/** What can be read of a site, each by one request. */
const subjectTypes = {
  group: resources.protectionGroup,
  groups: resources.protectionGroup,
  operation: resources.failover,
  operations: resources.failover,
  recovery: resources.recovery,
  recoveries: resources.recovery,
  groupOperations: resources.failover,
  groupRecoveries: resources.recovery,
  lease: resources.lease,
  namespace: resources.namespace,
  virtualMachines: resources.virtualMachine,
  instances: resources.virtualMachineInstance,
  pods: resources.pod,
  clusterPods: resources.pod,
  claims: resources.persistentVolumeClaim,
  volumes: resources.persistentVolume,
  attachments: resources.volumeAttachment,
  nodes: resources.node,
  storageClasses: resources.storageClass,
  secrets: resources.secret,
  configMaps: resources.configMap,
  serviceAccounts: resources.serviceAccount,
  priorityClasses: resources.priorityClass,
  networks: resources.network,
  instancetypes: resources.instancetype,
  clusterInstancetypes: resources.clusterInstancetype,
  preferences: resources.preference,
  clusterPreferences: resources.clusterPreference,
  satellites: resources.pod,
  drbdVolumes: resources.drbdVolume,
  replicationPolicies: resources.drbdReplicationPolicy,
} as const satisfies Record<string, ResourceType>;

export type Subject = keyof typeof subjectTypes;

/** Pods that take up room on their nodes, in all namespaces: as `kubectl describe node` asks for them. */
const unfinishedPods = 'status.phase!=Succeeded,status.phase!=Failed';

/** Subjects that name one object; every other subject lists. */
const singleSubjects: ReadonlySet<Subject> = new Set<Subject>(['group', 'operation', 'recovery', 'lease', 'namespace']);

/** Subjects that are read of all namespaces, whichever is meant. */
export const clusterWideSubjects: ReadonlySet<Subject> = new Set<Subject>(['satellites', 'clusterPods']);

/** What can be read of LINSTOR. */
export type StorageSubject =
  | 'linstorResources'
  | 'linstorDefinitions'
  | 'linstorGroups'
  | 'linstorNodes'
  | 'linstorProperties'
  | 'linstorSnapshots';

const storagePaths: Readonly<Record<StorageSubject, string>> = {
  linstorResources: '/v1/view/resources',
  linstorDefinitions: '/v1/resource-definitions',
  linstorGroups: '/v1/resource-groups',
  linstorNodes: '/v1/nodes',
  linstorProperties: '/v1/controller/properties',
  linstorSnapshots: '/v1/view/snapshots',
};

/** The namespace of a scope that means all of them, as Kubernetes' clients have it. */
export const allNamespaces = '';

/** Names the objects that the single subjects read. */
export interface ReadScope {
  /** `allNamespaces`: what is listed is of all of them, and no single subject can be read. */
  readonly namespace: string;
  readonly group: string;
  readonly operation?: string;
}

/** One read of an observation: what for, and the request. */
export interface PlannedRead {
  readonly site?: SiteName;
  readonly subject: Subject | StorageSubject | 'drbd';
  /** With `drbd`: the node that is asked. */
  readonly node?: string;
  readonly request: ApiRequest;
}

export type ReadPlan = readonly PlannedRead[];

/** The reads of some subjects of one site. */
export function planSiteReads(site: SiteName, subjects: readonly Subject[], scope: ReadScope): ReadPlan {
  return subjects.map((subject) => ({ site, subject, request: siteRequest(site, subject, scope) }));
}

/** The reads of some LINSTOR subjects. */
export function planStorageReads(subjects: readonly StorageSubject[]): ReadPlan {
  return subjects.map((subject) => {
    const request: LinstorRequest = { api: 'linstor', method: 'GET', path: storagePaths[subject] };
    return { subject, request };
  });
}

/**
 * What tells of the volumes of a group with copies on some sites: LINSTOR knows of all nodes; of DRBD Operator each site is asked
 * for what its agents have written, and which of them still answer.
 */
export function planVolumeReads(backend: StorageBackend, sites: readonly SiteName[], scope: ReadScope): ReadPlan {
  if (backend === 'drbd-operator') {
    return sites.flatMap((site) => planSiteReads(site, ['drbdVolumes', 'satellites'], scope));
  }
  return planStorageReads([
    'linstorResources',
    'linstorDefinitions',
    'linstorGroups',
    'linstorProperties',
    'linstorNodes',
  ]);
}

/**
 * What DRBD says of some resources, or of all, on the nodes of some satellites: one read a node, or one a site, where agents have
 * written it down. The pods of the latter have to be read beside it.
 */
export function planDrbdReads(satellites: readonly Satellite[], resources: readonly string[] = []): ReadPlan {
  const written = new Set(satellites.flatMap(({ site, agent }) => (agent === undefined ? [] : [site])));
  return [
    ...satellites.flatMap((satellite): ReadPlan => {
      const { site, node, agent } = satellite;
      if (agent !== undefined) return [];
      return [{ site, subject: 'drbd', node, request: drbdReportRequest(satellite, resources) }];
    }),
    ...[...written].flatMap((site) => planSiteReads(site, ['drbdVolumes'], { namespace: '', group: '' })),
  ];
}

function siteRequest(site: SiteName, subject: Subject, scope: ReadScope): KubeRequest {
  const resource = subjectTypes[subject];
  const isPlaced = resource.namespaced && scope.namespace !== allNamespaces;
  const place = isPlaced ? { namespace: scope.namespace } : {};
  if (subject === 'groupOperations' || subject === 'groupRecoveries') {
    const options = { labelSelector: `${groupLabel}=${scope.group}` };
    return { api: 'kube', site, verb: 'list', resource, ...place, options };
  }
  if (subject === 'satellites')
    return { api: 'kube', site, verb: 'list', resource, options: { labelSelector: satelliteSelector } };
  if (subject === 'clusterPods')
    return { api: 'kube', site, verb: 'list', resource, options: { fieldSelector: unfinishedPods } };
  if (!singleSubjects.has(subject)) return { api: 'kube', site, verb: 'list', resource, ...place };
  return { api: 'kube', site, verb: 'get', resource, ...place, name: singleName(subject, scope) };
}

function singleName(subject: Subject, scope: ReadScope): string {
  if (subject === 'lease') return groupLeaseName(scope.group);
  if (subject === 'namespace') return scope.namespace;
  return subject === 'operation' || subject === 'recovery' ? (scope.operation ?? '') : scope.group;
}
