import type { KubeObject } from '../../model/kube.ts';

/** What became of one object between two looks at the server. */
export interface ObjectChange {
  readonly type: 'added' | 'modified' | 'deleted';
  /** For a deletion: the last state that was seen. */
  readonly object: KubeObject;
  readonly old?: KubeObject;
}

/** The objects of one list-watch by namespace and name. Every change is answered with what it changes here, or nothing. */
export class ObjectCache {
  /** By namespace ('' for objects without one), then by name. */
  readonly #namespaces = new Map<string, Map<string, KubeObject>>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** The objects of a namespace, or of all. */
  list(namespace?: string): readonly KubeObject[] {
    if (namespace !== undefined) return [...(this.#namespaces.get(namespace)?.values() ?? [])];
    return [...this.#namespaces.values()].flatMap((objects) => [...objects.values()]);
  }

  /** Takes over the newest state of one object. */
  put(object: KubeObject): readonly ObjectChange[] {
    const { namespace = '', name } = object.metadata;
    const old = this.get(namespace, name);
    if (old !== undefined && isSame(old, object)) return [];
    const objects = this.#namespaces.get(namespace) ?? new Map<string, KubeObject>();
    this.#namespaces.set(namespace, objects.set(name, object));
    if (old === undefined) return [{ type: 'added', object }];
    // Another uid is another object of that name: the first one's end went unseen.
    if (old.metadata.uid !== object.metadata.uid)
      return [
        { type: 'deleted', object: old },
        { type: 'added', object },
      ];
    return [{ type: 'modified', object, old }];
  }

  remove(object: KubeObject): readonly ObjectChange[] {
    const { namespace = '', name } = object.metadata;
    const old = this.get(namespace, name);
    if (old === undefined || old.metadata.uid !== object.metadata.uid) return [];
    const objects = this.#namespaces.get(namespace);
    objects?.delete(name);
    if (objects?.size === 0) this.#namespaces.delete(namespace);
    return [{ type: 'deleted', object, old }];
  }

  /** Takes over a whole list, object by object as it is iterated: what is not on it is gone. */
  *replace(objects: readonly KubeObject[]): Iterable<ObjectChange> {
    const listed = new Set(objects.map(keyOf));
    for (const old of this.list()) if (!listed.has(keyOf(old))) yield* this.remove(old);
    for (const object of objects) yield* this.put(object);
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const isSame = (one: KubeObject, other: KubeObject): boolean =>
  one.metadata.uid === other.metadata.uid && one.metadata.resourceVersion === other.metadata.resourceVersion;
