import type { ResourceType } from '../../../model/kube.ts';

const typeOf = (group: string, version: string, plural: string, kind: string, namespaced = true): ResourceType => ({
  group,
  version,
  plural,
  kind,
  namespaced,
});

/** Resource types that only the clusters' own components read or write; the product's are in `model/kube.ts`. */
export const clusterResources = {
  replicaSet: typeOf('apps', 'v1', 'replicasets', 'ReplicaSet'),
  controllerRevision: typeOf('apps', 'v1', 'controllerrevisions', 'ControllerRevision'),
  instancetype: typeOf(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineinstancetypes',
    'VirtualMachineInstancetype',
  ),
  clusterInstancetype: typeOf(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineclusterinstancetypes',
    'VirtualMachineClusterInstancetype',
    false,
  ),
  preference: typeOf('instancetype.kubevirt.io', 'v1beta1', 'virtualmachinepreferences', 'VirtualMachinePreference'),
  clusterPreference: typeOf(
    'instancetype.kubevirt.io',
    'v1beta1',
    'virtualmachineclusterpreferences',
    'VirtualMachineClusterPreference',
    false,
  ),
} as const satisfies Record<string, ResourceType>;
