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

type Reader = Pick<ClusterPort, 'get'>;

/** What a VM may name besides its template. */
export type Matcher = 'instancetype' | 'preference';

const none: Instancetype = { spec: undefined };

/**
 * Looks up what `spec.instancetype` and `spec.preference` name, in the ControllerRevision that was kept of it where there is
 * one. Source: `checkResourcesExist` in `pkg/instancetype/controller/vm/controller.go`.
 */
export function instancetypeOf(port: Reader, vm: KubeObject): Instancetype {
  if (at(vm, 'spec', 'instancetype') === undefined && at(vm, 'spec', 'preference') === undefined) return none;
  const instancetype = find(port, vm, 'instancetype');
  if (typeof instancetype === 'string') return failed('FailedFindInstancetype', instancetype);
  const preference = find(port, vm, 'preference');
  if (typeof preference === 'string') return failed('FailedFindPreference', preference);
  return { spec: instancetype === undefined ? undefined : objectAt(instancetype, 'spec') };
}

/** The name of the ControllerRevision that counts for a VM: the one that it names, or the one that was kept. */
export function revisionNameOf(vm: KubeObject, what: Matcher): string | undefined {
  const named = textAt(vm, 'spec', what, 'revisionName');
  if (named !== undefined) return named;
  const kept = objectAt(vm, 'status', `${what}Ref`);
  return kept.name === textAt(vm, 'spec', what, 'name') ? textAt(kept, 'controllerRevisionRef', 'name') : undefined;
}

/** The object that a VM names; undefined when it names none, a text when the API server has none of that name. */
export function namedObject(port: Reader, vm: KubeObject, what: Matcher): KubeObject | string | undefined {
  const name = textAt(vm, 'spec', what, 'name');
  if (name === undefined) return undefined;
  const kind = textAt(vm, 'spec', what, 'kind')?.toLowerCase() ?? '';
  const isNamespaced = /^virtualmachine(instancetype|preference)s?$/.test(kind);
  return get(port, vm, isNamespaced ? namespaced[what] : clusterWide[what], name);
}

function find(port: Reader, vm: KubeObject, what: Matcher): unknown {
  const revision = revisionNameOf(vm, what);
  if (revision === undefined) return namedObject(port, vm, what);
  const found = get(port, vm, clusterResources.controllerRevision, revision);
  return typeof found === 'string' ? found : objectAt(found, 'data');
}

const namespaced = { instancetype: clusterResources.instancetype, preference: clusterResources.preference } as const;
const clusterWide = {
  instancetype: clusterResources.clusterInstancetype,
  preference: clusterResources.clusterPreference,
} as const;

function get(port: Reader, vm: KubeObject, resource: ResourceType, name: string): KubeObject | string {
  const found = port.get(resource, resource.namespaced ? (vm.metadata.namespace ?? '') : '', name);
  return found ?? `${resource.plural}.${resource.group} "${name}" not found`;
}

function failed(reason: string, message: string): Instancetype {
  return { failure: { reason, message } };
}
