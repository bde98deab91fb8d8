import type { KubeObject, ResourceType } from '../../../model/kube.ts';

/** One committed change of one object. `version` is the resourceVersion that the change made. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceType;
  readonly object: KubeObject;
  readonly old?: KubeObject;
  readonly version: number;
}

/** Changes kept per resource for watches that resume. A real server keeps five minutes' worth. */
const historyLimit = 4096;

const noObjects: readonly KubeObject[] = [];

/**
 * The objects of one resource, in the order of etcd's keys (`namespace/name`; `/name` for cluster scope).
 * Objects are never changed in place, so references may be handed out, and a copy of the maps is a fork.
 */
export class ObjectStore {
  #objects = new Map<string, KubeObject>();
  #keys: string[] = [];
  /** Lists that were asked for since the last change, by namespace; `*` for all. */
  #lists = new Map<string, readonly KubeObject[]>();
  #history: Change[] = [];
  /** The newest version that is no longer in the history. */
  #forgotten: number;

  /** `since`: the cluster's version when this resource began to be served. */
  constructor(since: number) {
    this.#forgotten = since;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${namespace}/${name}`);
  }

  list(namespace: string | undefined): readonly KubeObject[] {
    if (this.#objects.size === 0) return noObjects;
    const cacheKey = namespace ?? '*';
    const cached = this.#lists.get(cacheKey);
    if (cached !== undefined) return cached;
    const keys = namespace === undefined ? this.#keys : this.#keysOf(namespace);
    const found = keys.map((key) => this.#objects.get(key) as KubeObject);
    this.#lists.set(cacheKey, found);
    return found;
  }

  commit(change: Change): void {
    const { metadata } = change.object;
    const namespace = metadata.namespace ?? '';
    const key = `${namespace}/${metadata.name}`;
    if (change.type === 'ADDED') this.#keys.splice(positionOf(this.#keys, key), 0, key);
    if (change.type === 'DELETED') {
      this.#objects.delete(key);
      this.#keys.splice(positionOf(this.#keys, key), 1);
    } else {
      this.#objects.set(key, change.object);
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
    const objects = new Map(this.#objects);
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
    const copy = new ObjectStore(this.#forgotten);
    copy.#objects = new Map(this.#objects);
    copy.#keys = [...this.#keys];
    copy.#history = [...this.#history];
    return copy;
  }

  #keysOf(namespace: string): readonly string[] {
    // '0' follows '/' in ASCII: the range of all keys that start with `namespace/`.
    return this.#keys.slice(positionOf(this.#keys, `${namespace}/`), positionOf(this.#keys, `${namespace}0`));
  }

  #remember(change: Change): void {
    this.#history.push(change);
    if (this.#history.length < 2 * historyLimit) return;
    this.#forgotten = (this.#history[historyLimit - 1] as Change).version;
    this.#history = this.#history.slice(historyLimit);
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
