import { clusterRoles, electionRole, linstorRole, permissionsOfRole } from '../../../tools/manifests/permissions.ts';

const { groupController, failoverController, people } = clusterRoles;

/** What each account of the product may do, as `deploy/controllers` gives it to them. */
export const grantedRights: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    'protection-group-controller': [groupController.own, linstorRole, electionRole],
    'failover-controller': [failoverController.own, linstorRole, electionRole],
    'site-recovery-peer': [groupController.peer, failoverController.peer, linstorRole],
    operator: [people.operator],
    viewer: [people.viewer],
  }).map(([account, roles]) => [account, new Set(roles.flatMap(permissionsOfRole))]),
);

/** What a viewer goes without: `describe` says so, and leaves it out. */
export const withheldFromViewers: readonly string[] = ['list secrets', 'get pods/exec'];

/** Rights that failovers of sound groups on these clusters do not need, by what does; `test/deploy/permissions.test.ts` holds them against it. */
export const rightsOnOccasion: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    // Commands in pods, which no kubelet runs here, and snapshots through a Service.
    'copies are brought together, or compared': [
      'create pods/exec',
      'get pods/exec',
      'create services/proxy',
      'create recoveries.siterecovery.trilio.io',
      'patch recoveries.siterecovery.trilio.io',
      'patch recoveries.siterecovery.trilio.io/status',
    ],
    'more operations have ended than are kept': [
      'get failovers.siterecovery.trilio.io',
      'delete failovers.siterecovery.trilio.io',
      'get recoveries.siterecovery.trilio.io',
      'delete recoveries.siterecovery.trilio.io',
    ],
    'a node has a quorum taint': ['patch nodes'],
    'a VM starts by command only': ['update virtualmachines.subresources.kubevirt.io/start'],
    'an operation is cancelled': ['patch failovers.siterecovery.trilio.io'],
    'the copy of a definition is not up to date, or the definition refers to more than disks': [
      'create configmaps',
      'create namespaces',
      'create secrets',
      'patch configmaps',
      'patch persistentvolumeclaims',
      'patch persistentvolumes',
      'patch secrets',
      'patch virtualmachines.kubevirt.io',
    ],
    'a site comes back that was given up': ['patch protectiongroups.siterecovery.trilio.io'],
    // These clusters have LINSTOR.
    'the storage is that of the DRBD Operator': [...grantedRights.values()]
      .flatMap((rights) => [...rights])
      .filter((permission) => /\.drbd\.io(\/\w+)?$/.test(permission)),
    'something happens to an object again': ['patch events'],
  }),
);
