import type { Json, JsonObject } from './json.ts';

/** A kind of Kubernetes object as the API serves it. `group` is '' for the core group. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly Json[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** A Kubernetes object. Fields beyond `metadata` are read with the functions of `json.ts`. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
  readonly [field: string]: unknown;
}

const kubeType = (group: string, version: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

/** Every resource type that the product itself reads or writes. */
export const resources = {
  namespace: kubeType('', 'v1', 'namespaces', 'Namespace', false),
  node: kubeType('', 'v1', 'nodes', 'Node', false),
  pod: kubeType('', 'v1', 'pods', 'Pod'),
  event: kubeType('', 'v1', 'events', 'Event'),
  secret: kubeType('', 'v1', 'secrets', 'Secret'),
  configMap: kubeType('', 'v1', 'configmaps', 'ConfigMap'),
  persistentVolume: kubeType('', 'v1', 'persistentvolumes', 'PersistentVolume', false),
  persistentVolumeClaim: kubeType('', 'v1', 'persistentvolumeclaims', 'PersistentVolumeClaim'),
  storageClass: kubeType('storage.k8s.io', 'v1', 'storageclasses', 'StorageClass', false),
  volumeAttachment: kubeType('storage.k8s.io', 'v1', 'volumeattachments', 'VolumeAttachment', false),
  csiDriver: kubeType('storage.k8s.io', 'v1', 'csidrivers', 'CSIDriver', false),
  lease: kubeType('coordination.k8s.io', 'v1', 'leases', 'Lease'),
  deployment: kubeType('apps', 'v1', 'deployments', 'Deployment'),
  customResourceDefinition: kubeType(
    'apiextensions.k8s.io',
    'v1',
    'customresourcedefinitions',
    'CustomResourceDefinition',
    false,
  ),
  virtualMachine: kubeType('kubevirt.io', 'v1', 'virtualmachines', 'VirtualMachine'),
  virtualMachineInstance: kubeType('kubevirt.io', 'v1', 'virtualmachineinstances', 'VirtualMachineInstance'),
  protectionGroup: kubeType('siterecovery.trilio.io', 'v1alpha1', 'protectiongroups', 'ProtectionGroup'),
  failover: kubeType('siterecovery.trilio.io', 'v1alpha1', 'failovers', 'Failover'),
  recovery: kubeType('siterecovery.trilio.io', 'v1alpha1', 'recoveries', 'Recovery'),
  serviceAccount: kubeType('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  priorityClass: kubeType('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', false),
  network: kubeType('k8s.cni.cncf.io', 'v1', 'network-attachment-definitions', 'NetworkAttachmentDefinition'),
  instancetype: kubeType(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineinstancetypes',
    'VirtualMachineInstancetype',
  ),
  clusterInstancetype: kubeType(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineclusterinstancetypes',
    'VirtualMachineClusterInstancetype',
    false,
  ),
  preference: kubeType('instancetype.kubevirt.io', 'v1beta1', 'virtualmachinepreferences', 'VirtualMachinePreference'),
  clusterPreference: kubeType(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineclusterpreferences',
    'VirtualMachineClusterPreference',
    false,
  ),
  drbdVolume: kubeType('drbd.io', 'v1alpha1', 'drbdvolumes', 'DRBDVolume', false),
  drbdReplicationPolicy: kubeType('drbd.io', 'v1alpha1', 'drbdreplicationpolicies', 'DRBDReplicationPolicy', false),
  drbdOperation: kubeType('drbd.io', 'v1alpha1', 'drbdoperations', 'DRBDOperation', false),
  linstorCluster: kubeType('piraeus.io', 'v1', 'linstorclusters', 'LinstorCluster', false),
} as const satisfies Record<string, ResourceType>;

/** `group/version`, or just the version in the core group: what an object carries as `apiVersion`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `plural.group`, or just the plural in the core group: the name of a resource in texts and CRD names. */
export function groupResourceOf(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}
