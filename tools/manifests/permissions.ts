import { piraeus } from '../../src/drivers/real/linstor-discovery.ts';
import { groupResourceOf, type ResourceType, resources } from '../../src/model/kube.ts';

/** Some verbs on some resources of a cluster; `subresource` of each of them. */
export interface Grant {
  readonly verbs: readonly string[];
  readonly resources: readonly ResourceType[];
  readonly subresource?: string;
  /** Only those of these names. */
  readonly resourceNames?: readonly string[];
}

/** What somebody may ask of a cluster, and why that is all of it. */
export interface RoleSpec {
  readonly name: string;
  readonly about: string;
  readonly grants: readonly Grant[];
}

const grant = (verbs: string, types: readonly ResourceType[], subresource?: string): Grant => ({
  verbs: verbs.split(' '),
  resources: types,
  ...(subresource === undefined ? {} : { subresource }),
});

const { protectionGroup, failover, recovery, lease, pod, node, secret, configMap, namespace } = resources;
const { virtualMachine, virtualMachineInstance, persistentVolume, persistentVolumeClaim } = resources;
const { volumeAttachment, storageClass } = resources;

/** KubeVirt's subresources are an API of their own. */
const virtualMachineActions: ResourceType = { ...virtualMachine, group: 'subresources.kubevirt.io' };

/** What a definition of a VM may refer to, so that it is worth nothing on a site without it. */
const referredTo: readonly ResourceType[] = [
  secret,
  configMap,
  resources.serviceAccount,
  resources.priorityClass,
  resources.network,
  resources.instancetype,
  resources.clusterInstancetype,
  resources.preference,
  resources.clusterPreference,
];
const storage: readonly ResourceType[] = [persistentVolumeClaim, persistentVolume, volumeAttachment, storageClass];

const service: ResourceType = { group: '', version: 'v1', plural: 'services', kind: 'Service', namespaced: true };

/** LINSTOR's REST API through the API server, which makes verbs of HTTP's methods. */
const linstorProxy = (verbs: string): Grant => ({
  ...grant(verbs, [service], 'proxy'),
  resourceNames: [`${piraeus.controllerService}:${piraeus.controllerPort}`],
});

/**
 * How LINSTOR is found where the configuration does not say it, and read through the API server where there is no other way
 * in (`src/drivers/real/linstor-discovery.ts`).
 */
const linstorReads: readonly Grant[] = [
  grant('list', [resources.linstorCluster]),
  { ...grant('get', [resources.deployment]), resourceNames: [piraeus.csiController] },
  linstorProxy('get'),
];

/** What checks and overviews read where DRBD Operator keeps the volumes. */
const operatorReads: readonly Grant[] = [grant('list', [resources.drbdVolume, resources.drbdReplicationPolicy])];

/** What an operation needs of either of its sites. */
const onBothSites: readonly Grant[] = [
  grant('get list watch', [protectionGroup, lease]),
  grant('list watch', [failover, recovery, virtualMachine, virtualMachineInstance, pod]),
  grant('list', [...storage, node, ...referredTo]),
  grant('create patch', [lease]),
  grant('create get', [pod], 'exec'),
  grant('patch', [protectionGroup]),
  // Snapshots of what is given up.
  linstorProxy('create'),
];

const groupController = {
  own: {
    name: 'site-recovery-protection-group-controller',
    about: 'the Protection Group Controller on its own cluster',
    grants: [
      grant('get list watch', [protectionGroup]),
      grant('list watch', [failover, recovery, virtualMachine, virtualMachineInstance, pod, ...storage, node]),
      grant('patch', [protectionGroup, virtualMachine]),
      grant('patch', [protectionGroup], 'status'),
      grant('update', [virtualMachineActions], 'start'),
      grant('create patch', [resources.event]),
    ],
  },
  peer: {
    name: 'site-recovery-protection-group-controller-peer',
    about: 'the Protection Group Controller of another cluster',
    grants: [grant('get list watch', [protectionGroup]), grant('list watch', [recovery])],
  },
} as const satisfies Record<string, RoleSpec>;

const failoverController = {
  own: {
    name: 'site-recovery-failover-controller',
    about: 'the Failover Controller on its own cluster',
    grants: [
      ...onBothSites,
      grant('get delete', [failover, recovery]),
      grant('patch', [failover, recovery], 'status'),
      grant('patch', [node]),
      grant('create patch', [resources.event]),
    ],
  },
  peer: {
    name: 'site-recovery-failover-controller-peer',
    about: 'the Failover Controller of another cluster, also on the quorum cluster',
    grants: [...onBothSites, grant('create', [failover, recovery]), grant('patch', [failover, recovery], 'status')],
  },
} as const satisfies Record<string, RoleSpec>;

/** Every controller looks at LINSTOR, wherever that is. */
export const linstorRole: RoleSpec = {
  name: 'site-recovery-linstor',
  about: 'controllers that find LINSTOR here, and read it through the API server',
  grants: linstorReads,
};

/** In the deployment model without LINSTOR: Protection Group Controllers follow what DRBD Operator's agents have written. */
export const drbdOperatorRole: RoleSpec = {
  name: 'site-recovery-drbd-operator',
  about:
    "Protection Group Controllers that follow what DRBD Operator's agents have written here, and which of them answer",
  grants: [grant('list watch', [resources.drbdVolume, pod])],
};

/** Operations look at it as they go; what is forced or given up is ordered of it. */
export const drbdOrdersRole: RoleSpec = {
  name: 'site-recovery-drbd-operator-orders',
  about: "Failover Controllers that read what DRBD Operator's agents have written here, and order DRBD Operator",
  grants: [grant('list', [resources.drbdVolume]), grant('create', [resources.drbdOperation])],
};

/** The Leases of leader election are in the namespace of the controllers. */
export const electionRole: RoleSpec = {
  name: 'site-recovery-leader-election',
  about: 'both controllers, to work one process at a time',
  grants: [grant('get create patch', [lease])],
};

const people = {
  viewer: {
    name: 'site-recovery-viewer',
    about:
      'who looks: pgctl get, describe, history. Without Secrets and commands in pods, whose part of describe is missing then',
    grants: [
      grant('get list', [protectionGroup]),
      grant('list', [failover, recovery]),
      grant('get', [lease]),
      grant('list', [virtualMachine, virtualMachineInstance, pod, ...storage, node]),
      grant(
        'list',
        referredTo.filter((type) => type !== secret),
      ),
      ...linstorReads,
      ...operatorReads,
    ],
  },
  operator: {
    name: 'site-recovery-operator',
    about: 'who works with pgctl',
    grants: [
      grant('get list', [protectionGroup, failover, recovery]),
      grant('get', [lease]),
      grant('list', [virtualMachine, virtualMachineInstance, pod, ...storage, node, ...referredTo]),
      grant('get create', [namespace]),
      grant('create patch', [lease, protectionGroup, failover, recovery]),
      grant('create patch', [virtualMachine, persistentVolumeClaim, persistentVolume, secret, configMap]),
      grant('delete', [protectionGroup]),
      grant('patch', [failover, recovery], 'status'),
      grant('patch', [node]),
      grant('create get', [pod], 'exec'),
      ...linstorReads,
      linstorProxy('create'),
      ...operatorReads,
      grant('create', [resources.drbdOperation]),
    ],
  },
} as const satisfies Record<string, RoleSpec>;

/** Every ClusterRole: one table, which `deploy/controllers` is written from. */
export const clusterRoles = { groupController, failoverController, people } as const;

/** `patch protectiongroups.siterecovery.trilio.io/status`: each permission of a role in one line. */
export function permissionsOfRole({ grants }: RoleSpec): readonly string[] {
  const lines = grants.flatMap(({ verbs, resources: types, subresource }) =>
    verbs.flatMap((verb) =>
      types.map((type) => `${verb} ${groupResourceOf(type)}${subresource === undefined ? '' : `/${subresource}`}`),
    ),
  );
  return [...new Set(lines)].toSorted();
}
