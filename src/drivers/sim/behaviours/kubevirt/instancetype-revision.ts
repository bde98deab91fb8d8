import { at, objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { asJson, createObject, replaceStatus } from '../cluster-writes.ts';
import { clusterResources } from '../resource-types.ts';
import { instancetypeOf, namedObject, revisionNameOf, type Matcher } from './instancetype.ts';

/**
 * Keeps a copy of a VM's instancetype and preference the first time that they are found, so that a later change or removal of
 * them means nothing to it. True when something was written. Source: `Store` in `pkg/instancetype/revision/store.go`.
 */
export function keepRevisions(port: ClusterPort, vm: KubeObject): boolean {
  if (at(vm, 'spec', 'instancetype') === undefined && at(vm, 'spec', 'preference') === undefined) return false;
  const wanted = (['instancetype', 'preference'] as const).filter(
    (what) => at(vm, 'spec', what) !== undefined && revisionNameOf(vm, what) === undefined,
  );
  if (wanted.length === 0 || 'failure' in instancetypeOf(port, vm)) return false;
  const kept = wanted.flatMap((what) => keep(port, vm, what));
  if (kept.length === 0) return false;
  replaceStatus(port, resources.virtualMachine, vm, { ...objectAt(vm, 'status'), ...Object.fromEntries(kept) });
  return true;
}

/** The reference to the copy, as an entry of the status. */
function keep(port: ClusterPort, vm: KubeObject, what: Matcher): readonly (readonly [string, JsonObject])[] {
  const found = namedObject(port, vm, what);
  if (found === undefined || typeof found === 'string') return [];
  const revision = revisionOf(vm, found);
  createObject(port, clusterResources.controllerRevision, revision);
  const controllerRevisionRef = { name: textAt(revision, 'metadata', 'name') ?? '' };
  const kind = textAt(vm, 'spec', what, 'kind') ?? found.kind;
  return [[`${what}Ref`, { controllerRevisionRef, kind, name: found.metadata.name }]];
}

function revisionOf(vm: KubeObject, found: KubeObject): JsonObject {
  const { name, uid = '', generation = 1 } = found.metadata;
  const version = found.apiVersion.split('/')[1] ?? '';
  const { managedFields: _, ...metadata } = objectAt(asJson(found), 'metadata');
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${vm.metadata.name}-${name}-${version}-${uid}-${generation}`,
      namespace: vm.metadata.namespace ?? '',
      labels: {
        'instancetype.kubevirt.io/object-generation': String(generation),
        'instancetype.kubevirt.io/object-kind': found.kind,
        'instancetype.kubevirt.io/object-name': name,
        'instancetype.kubevirt.io/object-uid': uid,
        'instancetype.kubevirt.io/object-version': version,
      },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachine',
          name: vm.metadata.name,
          uid: vm.metadata.uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    data: { apiVersion: found.apiVersion, kind: found.kind, metadata, spec: objectAt(found, 'spec') },
    revision: 0,
  };
}
