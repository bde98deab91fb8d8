import type { ResourceType } from '../../../model/kube.ts';
import { builtinStrategy } from './builtin-strategies.ts';
import type { ServedSubresource, ServedType } from './served-resource.ts';

interface BuiltinFeatures {
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly clusterScoped?: boolean;
  readonly subresources?: readonly ServedSubresource[];
  /** Replaces the usual verbs: reviews can only be created. */
  readonly verbs?: readonly string[];
}

export const usualVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

const status = (kind: string): ServedSubresource => ({ name: 'status', kind, verbs: ['get', 'patch', 'update'] });
const scale: ServedSubresource = { name: 'scale', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
const cluster = { clusterScoped: true } as const;
const review = { verbs: ['create'] } as const;
const all = ['all'] as const;

/** The built-in resources that this server has, in the order of `kubectl api-resources` within each group. */
export function builtinResources(): readonly ServedType[] {
  return [...coreResources(), ...storageResources(), ...workloadResources(), ...accessResources(), ...otherResources()];
}

function coreResources(): readonly ServedType[] {
  return [
    served('', 'v1', 'configmaps', 'ConfigMap', { shortNames: ['cm'] }),
    served('', 'v1', 'endpoints', 'Endpoints', { shortNames: ['ep'] }),
    served('', 'v1', 'events', 'Event', { shortNames: ['ev'] }),
    served('', 'v1', 'limitranges', 'LimitRange', { shortNames: ['limits'] }),
    served('', 'v1', 'namespaces', 'Namespace', {
      ...cluster,
      shortNames: ['ns'],
      verbs: usualVerbs.filter((verb) => verb !== 'deletecollection'),
      subresources: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }, status('Namespace')],
    }),
    served('', 'v1', 'nodes', 'Node', { ...cluster, shortNames: ['no'], subresources: [status('Node')] }),
    served('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim', {
      shortNames: ['pvc'],
      subresources: [status('PersistentVolumeClaim')],
    }),
    served('', 'v1', 'persistentvolumes', 'PersistentVolume', {
      ...cluster,
      shortNames: ['pv'],
      subresources: [status('PersistentVolume')],
    }),
    served('', 'v1', 'pods', 'Pod', {
      shortNames: ['po'],
      categories: all,
      subresources: [
        { name: 'binding', kind: 'Binding', verbs: ['create'] },
        { name: 'eviction', kind: 'Eviction', verbs: ['create'] },
        status('Pod'),
      ],
    }),
    served('', 'v1', 'resourcequotas', 'ResourceQuota', {
      shortNames: ['quota'],
      subresources: [status('ResourceQuota')],
    }),
    served('', 'v1', 'secrets', 'Secret'),
    served('', 'v1', 'serviceaccounts', 'ServiceAccount', { shortNames: ['sa'] }),
    served('', 'v1', 'services', 'Service', {
      shortNames: ['svc'],
      categories: all,
      subresources: [status('Service')],
    }),
  ];
}

function storageResources(): readonly ServedType[] {
  const group = 'storage.k8s.io';
  return [
    served(group, 'v1', 'csidrivers', 'CSIDriver', cluster),
    served(group, 'v1', 'csinodes', 'CSINode', cluster),
    served(group, 'v1', 'storageclasses', 'StorageClass', { ...cluster, shortNames: ['sc'] }),
    served(group, 'v1', 'volumeattachments', 'VolumeAttachment', {
      ...cluster,
      subresources: [status('VolumeAttachment')],
    }),
  ];
}

function workloadResources(): readonly ServedType[] {
  const workload = (kind: string, shortName: string) =>
    ({ shortNames: [shortName], categories: all, subresources: [scale, status(kind)] }) as const;
  return [
    served('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
    served('apps', 'v1', 'daemonsets', 'DaemonSet', {
      shortNames: ['ds'],
      categories: all,
      subresources: [status('DaemonSet')],
    }),
    served('apps', 'v1', 'deployments', 'Deployment', workload('Deployment', 'deploy')),
    served('apps', 'v1', 'replicasets', 'ReplicaSet', workload('ReplicaSet', 'rs')),
    served('apps', 'v1', 'statefulsets', 'StatefulSet', workload('StatefulSet', 'sts')),
    served('batch', 'v1', 'jobs', 'Job', { categories: all, subresources: [status('Job')] }),
    served('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget', {
      shortNames: ['pdb'],
      subresources: [status('PodDisruptionBudget')],
    }),
  ];
}

function accessResources(): readonly ServedType[] {
  const rbac = 'rbac.authorization.k8s.io';
  return [
    served('authentication.k8s.io', 'v1', 'selfsubjectreviews', 'SelfSubjectReview', { ...cluster, ...review }),
    served('authentication.k8s.io', 'v1', 'tokenreviews', 'TokenReview', { ...cluster, ...review }),
    served('authorization.k8s.io', 'v1', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', review),
    served('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview', {
      ...cluster,
      ...review,
    }),
    served('authorization.k8s.io', 'v1', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview', {
      ...cluster,
      ...review,
    }),
    served('authorization.k8s.io', 'v1', 'subjectaccessreviews', 'SubjectAccessReview', { ...cluster, ...review }),
    served(rbac, 'v1', 'clusterrolebindings', 'ClusterRoleBinding', cluster),
    served(rbac, 'v1', 'clusterroles', 'ClusterRole', cluster),
    served(rbac, 'v1', 'rolebindings', 'RoleBinding'),
    served(rbac, 'v1', 'roles', 'Role'),
  ];
}

function otherResources(): readonly ServedType[] {
  return [
    served('apiextensions.k8s.io', 'v1', 'customresourcedefinitions', 'CustomResourceDefinition', {
      ...cluster,
      shortNames: ['crd', 'crds'],
      categories: ['api-extensions'],
      subresources: [status('CustomResourceDefinition')],
    }),
    served('apiregistration.k8s.io', 'v1', 'apiservices', 'APIService', {
      ...cluster,
      categories: ['api-extensions'],
      subresources: [status('APIService')],
    }),
    served('coordination.k8s.io', 'v1', 'leases', 'Lease'),
    served('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', { ...cluster, shortNames: ['pc'] }),
  ];
}

function served(
  group: string,
  version: string,
  plural: string,
  kind: string,
  features: BuiltinFeatures = {},
): ServedType {
  const type: ResourceType = { group, version, plural, kind, namespaced: features.clusterScoped !== true };
  const subresources = features.subresources ?? [];
  return {
    type,
    singular: kind.toLowerCase(),
    shortNames: features.shortNames ?? [],
    categories: features.categories ?? [],
    verbs: features.verbs ?? usualVerbs,
    subresources,
    custom: false,
    strategy: builtinStrategy(
      type,
      subresources.some(({ name }) => name === 'status'),
    ),
    storageVersion: version,
  };
}
