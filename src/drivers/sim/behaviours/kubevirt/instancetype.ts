import { at, objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject, ResourceType } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { clusterResources } from '../resource-types.ts';

/** What a VM's instancetype and preference come to. */
export type Instancetype =
  /** The size that the VM gets from its instancetype, where it has one. */
  | { readonly spec: JsonObject | undefined }
  /** One of them cannot be found: the VM is neither started nor stopped. */
  | { readonly failure: { readonly reason: string; readonly message: string } };

const none: Instancetype = { spec: undefined };

/**
 * Looks up what `spec.instancetype` and `spec.preference` name, in their ControllerRevision where they name one.
 * Source: `checkResourcesExist` in `pkg/instancetype/controller/vm/controller.go`.
 */
export function instancetypeOf(port: ClusterPort, vm: KubeObject): Instancetype {
  if (at(vm, 'spec', 'instancetype') === undefined && at(vm, 'spec', 'preference') === undefined) return none;
  const instancetype = find(port, vm, 'instancetype');
  if (typeof instancetype === 'string') return failed('FailedFindInstancetype', instancetype);
  const preference = find(port, vm, 'preference');
  if (typeof preference === 'string') return failed('FailedFindPreference', preference);
  return { spec: instancetype === undefined ? undefined : objectAt(instancetype, 'spec') };
}

/** The object, or what the API server says of a missing one. */
function find(port: ClusterPort, vm: KubeObject, what: 'instancetype' | 'preference'): unknown {
  const revision = textAt(vm, 'spec', what, 'revisionName');
  if (revision !== undefined) {
    const found = get(port, vm, clusterResources.controllerRevision, revision);
    return typeof found === 'string' ? found : objectAt(found, 'data');
  }
  const name = textAt(vm, 'spec', what, 'name');
  if (name === undefined) return undefined;
  const kind = textAt(vm, 'spec', what, 'kind')?.toLowerCase() ?? '';
  return get(
    port,
    vm,
    /^virtualmachine(instancetype|preference)s?$/.test(kind) ? namespaced[what] : clusterWide[what],
    name,
  );
}

const namespaced = { instancetype: clusterResources.instancetype, preference: clusterResources.preference } as const;
const clusterWide = {
  instancetype: clusterResources.clusterInstancetype,
  preference: clusterResources.clusterPreference,
} as const;

function get(port: ClusterPort, vm: KubeObject, resource: ResourceType, name: string): KubeObject | string {
  const found = port.get(resource, resource.namespaced ? (vm.metadata.namespace ?? '') : '', name);
  return found ?? `${resource.plural}.${resource.group} "${name}" not found`;
}

function failed(reason: string, message: string): Instancetype {
  return { failure: { reason, message } };
}
