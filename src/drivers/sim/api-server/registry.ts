import type { KubeObject, ResourceType } from '../../../model/kube.ts';
import { builtinResources } from './builtin-resources.ts';
import { servedTypesOf } from './crd-registration.ts';
import { ObjectStore } from './object-store.ts';
import type { ServedType } from './served-resource.ts';

/** A served version and the store that all versions of its resource share. */
export interface Resource {
  readonly served: ServedType;
  readonly store: ObjectStore;
}

const builtins = builtinResources();

/** Which resources are served, and where their objects are. */
export class Registry {
  #byPath = new Map<string, Resource>();
  #stores = new Map<string, ObjectStore>();
  /** Resources by the very object that callers name them with. */
  #known = new Map<ResourceType, Resource | undefined>();

  #historyLimit: number;

  /** `historyLimit`: changes that each store keeps for watches. */
  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  static withBuiltins(historyLimit: number): Registry {
    const registry = new Registry(historyLimit);
    for (const served of builtins) registry.#serve(served, 0);
    return registry;
  }

  /** The resource, or undefined when nobody serves it. */
  find(type: ResourceType): Resource | undefined {
    const known = this.#known.get(type);
    if (known !== undefined || this.#known.has(type)) return known;
    const found = this.#byPath.get(pathOf(type));
    // Callers name resources by a handful of constants; the bound is for those that build a new one each time.
    if (this.#known.size < 1024) this.#known.set(type, found);
    return found;
  }

  servesVersion(group: string, version: string): boolean {
    return this.all().some(({ type }) => type.group === group && type.version === version);
  }

  all(): readonly ServedType[] {
    return [...this.#byPath.values()].map(({ served }) => served);
  }

  /** One entry per resource, whatever the number of its versions. */
  stores(): readonly Resource[] {
    const seen = new Set<ObjectStore>();
    return [...this.#byPath.values()].filter(({ store }) => !seen.has(store) && seen.add(store));
  }

  /** The served type that an object's apiVersion and kind name. */
  findKind(apiVersion: string, kind: string): Resource | undefined {
    for (const resource of this.#byPath.values()) {
      const { type } = resource.served;
      if (type.kind !== kind) continue;
      if ((type.group === '' ? type.version : `${type.group}/${type.version}`) === apiVersion) return resource;
    }
    return undefined;
  }

  /** Serves what a CustomResourceDefinition defines, in place of what it defined before. `since`: the present version. */
  define(definition: KubeObject, since: number): void {
    this.withdraw(definition);
    for (const served of servedTypesOf(definition)) this.#serve(served, since);
  }

  /** Stops serving a definition's resource. Its objects stay in the store until it is dropped. */
  withdraw(definition: KubeObject): void {
    const { group, plural } = namesOf(definition);
    for (const [path, { served }] of this.#byPath) {
      if (served.custom && served.type.group === group && served.type.plural === plural) this.#byPath.delete(path);
    }
    this.#known.clear();
  }

  dropStore(definition: KubeObject): void {
    const { group, plural } = namesOf(definition);
    this.#stores.delete(`${group}/${plural}`);
  }

  fork(): Registry {
    const copy = new Registry(this.#historyLimit);
    for (const [key, store] of this.#stores) copy.#stores.set(key, store.fork());
    for (const [path, { served }] of this.#byPath) {
      const store = copy.#stores.get(`${served.type.group}/${served.type.plural}`) as ObjectStore;
      copy.#byPath.set(path, { served, store });
    }
    return copy;
  }

  #serve(served: ServedType, since: number): void {
    const { group, plural } = served.type;
    const key = `${group}/${plural}`;
    let store = this.#stores.get(key);
    if (store === undefined) {
      store = new ObjectStore(since, this.#historyLimit);
      this.#stores.set(key, store);
    }
    this.#byPath.set(pathOf(served.type), { served, store });
    this.#known.clear();
  }
}

function namesOf(definition: KubeObject): { readonly group: string; readonly plural: string } {
  const spec = definition.spec as { readonly group: string; readonly names: { readonly plural: string } };
  return { group: spec.group, plural: spec.names.plural };
}

function pathOf({ group, version, plural }: ResourceType): string {
  return `${group}/${version}/${plural}`;
}
