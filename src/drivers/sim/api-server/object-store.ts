import type { KubeObject, ResourceType } from '../../../model/kube.ts';

/** One committed change of one object. `version` is the resourceVersion that the change made. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceType;
  readonly object: KubeObject;
  readonly old?: KubeObject;
  readonly version: number;
}

const noObjects: readonly KubeObject[] = [];

/**
 * The objects of one resource, in the order of etcd's keys (`namespace/name`; `/name` for cluster scope).
 * Objects are never changed in place, so references may be handed out, and a copy of the collections is a fork.
 */
export class ObjectStore {
  /** The objects by namespace and name. */
  #spaces = new Map<string, Map<string, KubeObject>>();
  /** Their keys, and the objects in the same order. */
  #keys: string[] = [];
  #objects: KubeObject[] = [];
  /** Lists that were asked for since the last change, by namespace; `*` for all. */
  #lists = new Map<string, readonly KubeObject[]>();
  #history: Change[] = [];
  #historyLimit: number;
  /** The newest version that is no longer in the history. */
  #forgotten: number;

  /** `since`: the cluster's version when this resource began to be served; `historyLimit`: changes kept for watches, at least 1. */
  constructor(since: number, historyLimit: number) {
    this.#forgotten = since;
    this.#historyLimit = historyLimit;
  }

  get size(): number {
    return this.#keys.length;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#spaces.get(namespace)?.get(name);
  }

  list(namespace: string | undefined): readonly KubeObject[] {
    if (this.#keys.length === 0) return noObjects;
    const cacheKey = namespace ?? '*';
    const cached = this.#lists.get(cacheKey);
    if (cached !== undefined) return cached;
    const found = namespace === undefined ? [...this.#objects] : this.#objectsOf(namespace);
    this.#lists.set(cacheKey, found);
    return found;
  }

  commit(change: Change): void {
    const { object } = change;
    const { namespace = '', name } = object.metadata;
    const key = `${namespace}/${name}`;
    const position = positionOf(this.#keys, key);
    if (change.type === 'DELETED') {
      this.#spaces.get(namespace)?.delete(name);
      this.#keys.splice(position, 1);
      this.#objects.splice(position, 1);
    } else {
      this.#put(namespace, name, object);
      if (change.type === 'ADDED') {
        this.#keys.splice(position, 0, key);
        this.#objects.splice(position, 0, object);
      } else this.#objects[position] = object;
    }
    if (this.#lists.size > 0) {
      this.#lists.delete(namespace);
      this.#lists.delete('*');
    }
    this.#remember(change);
  }

  /** Changes after `version`, oldest first; `gone` when some of them are forgotten. */
  changesSince(version: number): readonly Change[] | 'gone' {
    if (version < this.#forgotten) return 'gone';
    const history = this.#history;
    let start = history.length;
    while (start > 0 && (history[start - 1] as Change).version > version) start--;
    return start === history.length ? [] : history.slice(start);
  }

  /** All objects as they were at a version, in key order; `gone` when that is forgotten. */
  asOf(version: number): readonly KubeObject[] | 'gone' {
    const changes = this.changesSince(version);
    if (changes === 'gone') return 'gone';
    const objects = new Map(this.#keys.map((key, index) => [key, this.#objects[index] as KubeObject]));
    for (const change of changes.toReversed()) {
      const key = `${change.object.metadata.namespace ?? ''}/${change.object.metadata.name}`;
      if (change.old === undefined) objects.delete(key);
      else objects.set(key, change.old);
    }
    const keys = [...objects.keys()].sort((a, b) => (a < b ? -1 : 1));
    return keys.map((key) => objects.get(key) as KubeObject);
  }

  /** Forgets the history up to a version, as etcd's compaction does. */
  compact(version: number): void {
    this.#history = this.#history.filter((change) => change.version > version);
    this.#forgotten = Math.max(this.#forgotten, version);
  }

  fork(): ObjectStore {
    const copy = new ObjectStore(this.#forgotten, this.#historyLimit);
    for (const [namespace, objects] of this.#spaces) copy.#spaces.set(namespace, new Map(objects));
    copy.#keys = [...this.#keys];
    copy.#objects = [...this.#objects];
    copy.#history = [...this.#history];
    return copy;
  }

  #put(namespace: string, name: string, object: KubeObject): void {
    const objects = this.#spaces.get(namespace);
    if (objects === undefined) this.#spaces.set(namespace, new Map([[name, object]]));
    else objects.set(name, object);
  }

  #objectsOf(namespace: string): readonly KubeObject[] {
    // '0' follows '/' in ASCII: the range of all keys that start with `namespace/`.
    return this.#objects.slice(positionOf(this.#keys, `${namespace}/`), positionOf(this.#keys, `${namespace}0`));
  }

  #remember(change: Change): void {
    this.#history.push(change);
    // In large steps: each moves what is kept.
    if (this.#history.length < 2 * this.#historyLimit) return;
    this.#forgotten = (this.#history[this.#historyLimit - 1] as Change).version;
    this.#history = this.#history.slice(this.#historyLimit);
  }
}

function positionOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
