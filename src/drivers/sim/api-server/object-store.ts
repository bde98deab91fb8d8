import type { KubeObject, ResourceType } from '../../../model/kube.ts';

/** One committed change of one object. `version` is the resourceVersion that the change made. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: ResourceType;
  readonly object: KubeObject;
  readonly old?: KubeObject;
  readonly version: number;
}

/** One object's place, which its versions fill one after the other. */
interface Place {
  readonly name: string;
  object: KubeObject;
}

/** The objects of one namespace. */
interface Space {
  /** With a slash, as etcd's keys have it: namespaces are in the order of that. */
  readonly prefix: string;
  readonly places: Map<string, Place>;
  /** The same, by name. */
  readonly inOrder: Place[];
  /** The objects in that order; undefined when something has changed since they were asked for. */
  list: readonly KubeObject[] | undefined;
}

const noObjects: readonly KubeObject[] = [];

/**
 * The objects of one resource, in the order of etcd's keys (`namespace/name`; `/name` for cluster scope).
 * Objects are never changed in place, so references may be handed out, and a copy of the collections is a fork.
 */
export class ObjectStore {
  #spaces = new Map<string, Space>();
  /** The same, in order. */
  #inOrder: Space[] = [];
  /** All objects in order; undefined when something has changed since they were asked for. */
  #all: readonly KubeObject[] | undefined;
  #size = 0;
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
    return this.#size;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#spaces.get(namespace)?.places.get(name)?.object;
  }

  /** The objects of a namespace, or of all; the same list until one of them changes. */
  list(namespace: string | undefined): readonly KubeObject[] {
    if (namespace === undefined) return (this.#all ??= this.#listAll());
    const space = this.#spaces.get(namespace);
    return space === undefined ? noObjects : listOf(space);
  }

  commit(change: Change): void {
    const { object, type } = change;
    const { namespace = '', name } = object.metadata;
    const space = this.#spaceOf(namespace);
    if (type === 'DELETED') this.#remove(space, name);
    else this.#put(space, name, object);
    space.list = undefined;
    this.#all = undefined;
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
    const objects = new Map(this.list(undefined).map((object) => [keyOf(object), object]));
    for (const change of changes.toReversed()) {
      if (change.old === undefined) objects.delete(keyOf(change.object));
      else objects.set(keyOf(change.object), change.old);
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
    for (const [namespace, { inOrder }] of this.#spaces) {
      const space = copy.#spaceOf(namespace);
      for (const { name, object } of inOrder) copy.#put(space, name, object);
    }
    copy.#history = [...this.#history];
    return copy;
  }

  #listAll(): readonly KubeObject[] {
    const [first, ...others] = this.#inOrder;
    if (first === undefined) return noObjects;
    return others.length === 0 ? listOf(first) : this.#inOrder.flatMap((space) => listOf(space));
  }

  #spaceOf(namespace: string): Space {
    let space = this.#spaces.get(namespace);
    if (space === undefined) {
      space = { prefix: `${namespace}/`, places: new Map(), inOrder: [], list: undefined };
      this.#spaces.set(namespace, space);
      const { prefix } = space;
      this.#inOrder.splice(
        placeAmong(this.#inOrder, (other) => other.prefix < prefix),
        0,
        space,
      );
    }
    return space;
  }

  #put({ places, inOrder }: Space, name: string, object: KubeObject): void {
    const present = places.get(name);
    if (present !== undefined) {
      present.object = object;
      return;
    }
    const place: Place = { name, object };
    places.set(name, place);
    inOrder.splice(
      placeAmong(inOrder, (other) => other.name < name),
      0,
      place,
    );
    this.#size++;
  }

  #remove({ places, inOrder }: Space, name: string): void {
    if (!places.delete(name)) return;
    inOrder.splice(
      placeAmong(inOrder, (other) => other.name < name),
      1,
    );
    this.#size--;
  }

  #remember(change: Change): void {
    this.#history.push(change);
    // In large steps: each moves what is kept.
    if (this.#history.length < 2 * this.#historyLimit) return;
    this.#forgotten = (this.#history[this.#historyLimit - 1] as Change).version;
    this.#history = this.#history.slice(this.#historyLimit);
  }
}

function listOf(space: Space): readonly KubeObject[] {
  return (space.list ??= space.inOrder.map(({ object }) => object));
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Where the first of the items is that does not come before. */
function placeAmong<Item>(items: readonly Item[], comesBefore: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (comesBefore(items[middle] as Item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
