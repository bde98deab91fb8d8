import type { KubeObject, OwnerReference } from '../../../model/kube.ts';
import { establish } from './crd-registration.ts';
import type { RequestContext, ServerCore } from './server-core.ts';
import { deleteObject, finishDeletion, foregroundFinalizer, orphanFinalizer } from './deleting.ts';
import type { Change } from './object-store.ts';
import type { Resource } from './registry.ts';

interface Place {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
}

/**
 * What Kubernetes does about objects by itself, done at once after the request that gives cause: garbage collection
 * by owner references, the end of namespaces, the serving of CustomResourceDefinitions, default service accounts.
 */
export class Housekeeping {
  readonly #core: ServerCore;
  readonly #pending: (() => void)[] = [];
  /** Objects by the uid of an owner that they name. */
  readonly #dependents = new Map<string, Map<string, Place>>();
  #running = false;

  constructor(core: ServerCore) {
    this.#core = core;
    for (const resource of core.registry.stores()) {
      for (const object of resource.store.list(undefined)) this.#noteDependent(resource, object);
    }
  }

  /** Takes note of a committed change; `run` acts on it. */
  note(resource: Resource, change: Change): void {
    const { kind, group } = resource.served.type;
    if (change.object.metadata.ownerReferences !== undefined || change.old?.metadata.ownerReferences !== undefined) {
      this.#noteOwners(resource, change);
    }
    if (group === 'apiextensions.k8s.io' && kind === 'CustomResourceDefinition') this.#noteDefinition(resource, change);
    if (group === '' && kind === 'Namespace') this.#noteNamespace(resource, change);
    if (change.type === 'DELETED') this.#noteGone(change.object);
    else if (change.object.metadata.deletionTimestamp !== undefined) this.#noteMarked(resource, change.object);
  }

  run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let task = this.#pending.shift(); task !== undefined; task = this.#pending.shift()) task();
    } finally {
      this.#running = false;
    }
  }

  #noteOwners(resource: Resource, { type, object, old }: Change): void {
    const { namespace = '', name, uid } = object.metadata;
    const key = `${resource.served.type.group}/${resource.served.type.plural}/${namespace}/${name}`;
    if (old?.metadata.ownerReferences === object.metadata.ownerReferences && type === 'MODIFIED') return;
    for (const owner of old?.metadata.ownerReferences ?? []) this.#dependents.get(owner.uid)?.delete(key);
    if (type === 'DELETED') return;
    this.#noteDependent(resource, object);
    this.#pending.push(() => this.#collect({ resource, namespace, name }, uid));
  }

  #noteDependent(resource: Resource, { metadata }: KubeObject): void {
    const { namespace = '', name, ownerReferences } = metadata;
    if (ownerReferences === undefined) return;
    const key = `${resource.served.type.group}/${resource.served.type.plural}/${namespace}/${name}`;
    const place: Place = { resource, namespace, name };
    for (const owner of ownerReferences) {
      let dependents = this.#dependents.get(owner.uid);
      if (dependents === undefined) {
        dependents = new Map();
        this.#dependents.set(owner.uid, dependents);
      }
      dependents.set(key, place);
    }
  }

  // The garbage collector: an object goes once none of the owners that it names exists.
  #collect(place: Place, uid: string | undefined): void {
    const object = place.resource.store.get(place.namespace, place.name);
    const owners = object?.metadata.ownerReferences ?? [];
    if (object === undefined || object.metadata.uid !== uid || owners.length === 0) return;
    if (owners.some((owner) => this.#exists(owner, place.namespace))) return;
    this.#delete(place.resource, object);
  }

  #exists({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): boolean {
    const resource = this.#core.registry.findKind(apiVersion, kind);
    const owner = resource?.store.get(resource.served.type.namespaced ? namespace : '', name);
    return owner?.metadata.uid === uid;
  }

  #noteGone({ metadata }: KubeObject): void {
    const uid = metadata.uid ?? '';
    for (const place of this.#dependents.get(uid)?.values() ?? []) {
      this.#pending.push(() => {
        this.#collect(place, place.resource.store.get(place.namespace, place.name)?.metadata.uid);
        this.#releaseOwners(place);
      });
    }
    this.#pending.push(() => this.#releaseForeground(metadata.ownerReferences ?? [], metadata.namespace ?? ''));
    const { namespace } = metadata;
    if (namespace !== undefined) this.#pending.push(() => this.#finishNamespace(namespace));
  }

  // An object that lost one of several owners keeps the others only.
  #releaseOwners({ resource, namespace, name }: Place): void {
    const object = resource.store.get(namespace, name);
    if (object === undefined) return;
    const owners = object.metadata.ownerReferences ?? [];
    const present = owners.filter((owner) => this.#exists(owner, namespace));
    if (present.length === owners.length || present.length === 0) return;
    this.#write(resource, object, { ...object, metadata: { ...object.metadata, ownerReferences: present } });
  }

  #noteMarked(resource: Resource, object: KubeObject): void {
    const finalizers = object.metadata.finalizers ?? [];
    if (finalizers.includes(orphanFinalizer)) this.#pending.push(() => this.#orphan(resource, object));
    if (finalizers.includes(foregroundFinalizer)) this.#pending.push(() => this.#deleteDependents(resource, object));
  }

  #orphan(resource: Resource, { metadata }: KubeObject): void {
    for (const place of Array.from(this.#dependents.get(metadata.uid ?? '')?.values() ?? [])) {
      const dependent = place.resource.store.get(place.namespace, place.name);
      if (dependent === undefined) continue;
      const { ownerReferences = [], ...rest } = dependent.metadata;
      const kept = ownerReferences.filter(({ uid }) => uid !== metadata.uid);
      const orphaned = { ...rest, ...(kept.length === 0 ? {} : { ownerReferences: kept }) };
      this.#write(place.resource, dependent, { ...dependent, metadata: orphaned });
    }
    this.#removeFinalizer(resource, metadata.namespace ?? '', metadata.name, orphanFinalizer);
  }

  #deleteDependents(resource: Resource, owner: KubeObject): void {
    for (const place of Array.from(this.#dependents.get(owner.metadata.uid ?? '')?.values() ?? [])) {
      const dependent = place.resource.store.get(place.namespace, place.name);
      if (dependent === undefined || dependent.metadata.deletionTimestamp !== undefined) continue;
      this.#delete(place.resource, dependent, 'Foreground');
    }
    this.#finishForeground(resource, owner.metadata.namespace ?? '', owner.metadata.name);
  }

  #releaseForeground(owners: readonly OwnerReference[], namespace: string): void {
    for (const { apiVersion, kind, name } of owners) {
      const resource = this.#core.registry.findKind(apiVersion, kind);
      if (resource !== undefined)
        this.#finishForeground(resource, resource.served.type.namespaced ? namespace : '', name);
    }
  }

  #finishForeground(resource: Resource, namespace: string, name: string): void {
    const owner = resource.store.get(namespace, name);
    if (owner?.metadata.deletionTimestamp === undefined) return;
    if (owner.metadata.finalizers?.includes(foregroundFinalizer) !== true) return;
    const blocking = [...(this.#dependents.get(owner.metadata.uid ?? '')?.values() ?? [])].some((place) =>
      place.resource.store
        .get(place.namespace, place.name)
        ?.metadata.ownerReferences?.some(
          ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
        ),
    );
    if (!blocking) this.#removeFinalizer(resource, namespace, name, foregroundFinalizer);
  }

  #removeFinalizer(resource: Resource, namespace: string, name: string, finalizer: string): void {
    const object = resource.store.get(namespace, name);
    if (object?.metadata.finalizers?.includes(finalizer) !== true) return;
    const { finalizers, ...rest } = object.metadata;
    const kept = finalizers.filter((other) => other !== finalizer);
    const metadata = kept.length === 0 ? rest : { ...rest, finalizers: kept };
    this.#write(resource, object, { ...object, metadata });
  }

  #noteDefinition(resource: Resource, { type, object, old }: Change): void {
    if (type === 'DELETED') {
      this.#core.registry.withdraw(object);
      this.#core.registry.dropStore(object);
      return;
    }
    if (object.spec === old?.spec && object.metadata.deletionTimestamp === undefined) return;
    if (object.metadata.deletionTimestamp !== undefined) {
      this.#pending.push(() => this.#emptyDefinition(resource, object));
      return;
    }
    this.#core.registry.define(object, this.#core.version());
    this.#pending.push(() => {
      const present = resource.store.get('', object.metadata.name);
      if (present !== undefined && present.status?.['conditions'] === undefined) {
        this.#write(resource, present, establish(present, this.#core.wallNow()));
      }
    });
  }

  #emptyDefinition(resource: Resource, definition: KubeObject): void {
    const spec = definition.spec as { readonly group: string; readonly names: { readonly plural: string } };
    const served = this.#core.registry
      .stores()
      .find((other) => other.served.type.group === spec.group && other.served.type.plural === spec.names.plural);
    for (const object of served?.store.list(undefined) ?? []) {
      if (served !== undefined && object.metadata.deletionTimestamp === undefined) this.#delete(served, object);
    }
    if (served === undefined || served.store.size === 0) {
      this.#removeFinalizer(resource, '', definition.metadata.name, definitionFinalizer);
    }
  }

  #noteNamespace(resource: Resource, { type, object }: Change): void {
    const { name, deletionTimestamp } = object.metadata;
    if (type === 'ADDED') this.#pending.push(() => this.#addServiceAccount(name));
    if (type === 'MODIFIED' && deletionTimestamp !== undefined)
      this.#pending.push(() => this.#emptyNamespace(resource, name));
  }

  #addServiceAccount(namespace: string): void {
    const resource = this.#core.registry.findKind('v1', 'ServiceAccount');
    if (resource === undefined || resource.store.get(namespace, 'default') !== undefined) return;
    const metadata = { name: 'default', namespace, uid: this.#core.random.uuid() };
    this.#core.commit(resource, 'ADDED', { apiVersion: 'v1', kind: 'ServiceAccount', metadata }, undefined);
  }

  #emptyNamespace(resource: Resource, name: string): void {
    const namespace = resource.store.get('', name);
    if (namespace === undefined) return;
    if (namespace.status?.['phase'] !== 'Terminating') {
      this.#write(resource, namespace, { ...namespace, status: { ...namespace.status, phase: 'Terminating' } });
      return;
    }
    for (const contents of this.#core.registry.stores()) {
      if (!contents.served.type.namespaced) continue;
      for (const object of contents.store.list(name)) {
        if (object.metadata.deletionTimestamp === undefined) this.#delete(contents, object);
      }
    }
    this.#finishNamespace(name);
  }

  #finishNamespace(name: string): void {
    const resource = this.#core.registry.findKind('v1', 'Namespace');
    const namespace = resource?.store.get('', name);
    if (resource === undefined || namespace?.metadata.deletionTimestamp === undefined) return;
    const spec = namespace.spec as { readonly finalizers?: readonly string[] } | undefined;
    if (spec?.finalizers?.includes('kubernetes') !== true) return;
    const isEmpty = this.#core.registry
      .stores()
      .every(({ served, store }) => !served.type.namespaced || store.list(name).length === 0);
    if (!isEmpty) return;
    const finalizers = spec.finalizers.filter((finalizer) => finalizer !== 'kubernetes');
    this.#write(resource, namespace, { ...namespace, spec: finalizers.length === 0 ? {} : { finalizers } });
  }

  #write(resource: Resource, old: KubeObject, object: KubeObject): void {
    if (finishDeletion(this.#core, resource, object, old) === undefined) {
      this.#core.commit(resource, 'MODIFIED', object, old);
    }
  }

  #delete(resource: Resource, object: KubeObject, propagationPolicy: 'Background' | 'Foreground' = 'Background'): void {
    const { namespace = '', name } = object.metadata;
    const context: RequestContext = {
      request: { verb: 'delete', resource: resource.served.type, name, options: { propagationPolicy } },
      user: undefined,
      resource,
      subresource: '',
      namespace,
      name,
      dryRun: false,
      isTrusted: true,
      warn: () => undefined,
    };
    deleteObject(this.#core, context, object);
  }
}

export const definitionFinalizer = 'customresourcecleanup.apiextensions.k8s.io';
