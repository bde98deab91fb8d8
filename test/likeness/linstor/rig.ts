import { isObject } from '../difference.ts';
import { type Exchange, exchangesOf, jsonOf } from './exchange.ts';
import {
  definitionsInTraces,
  definitionsMade,
  isReplicaMade,
  nodesAsked,
  replicasInTraces,
  vanished,
} from './traces.ts';
import type { RigNode, RigPool, SeenReplica } from './rig-parts.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What was there before the first step of a recording, as far as answers show it: the set-up between recordings is not
 * recorded. An object that the recording itself makes first is not part of it.
 */
export class Rig {
  readonly #own: readonly Exchange[];
  readonly #others: readonly Exchange[];
  readonly #all: readonly Exchange[];

  /** `more`: exchanges of other recordings of the same rig, in addition to those in `siblings`. */
  constructor(own: readonly Exchange[], siblings: readonly unknown[], more: readonly Exchange[] = []) {
    this.#own = own;
    const others = siblings.flatMap((each) => {
      try {
        return exchangesOf(each);
      } catch {
        return [];
      }
    });
    this.#others = [...others, ...more];
    this.#all = [...own, ...this.#others];
  }

  /** Nodes that an answer of this recording speaks of before a request makes them; described by the first description anywhere. */
  nodes(): readonly RigNode[] {
    const made = firstMakings(this.#own, /^\/v1\/nodes$/, 'name');
    const names = new Set<string>();
    this.#own.forEach(({ answer }, index) => {
      for (const [, name = ''] of answer.matchAll(/"node_name":"([\w-]+)"/g))
        if (!isMade(made, name, index)) names.add(name);
      for (const [, name = ''] of answer.matchAll(/"description":"satellite:([\w-]+)"/g)) names.add(name);
      for (const [, name = ''] of answer.matchAll(/"message":"\(([\w-]+)\) /g))
        if (!isMade(made, name, index)) names.add(name);
    });
    this.#own.forEach((exchange, index) => {
      for (const each of this.#objects([exchange], isNode)) {
        if (!isMade(made, String(each.name), index)) names.add(String(each.name));
      }
    });
    const described = new Set(this.#objects(this.#all, isNode).map((each) => String(each.name)));
    this.#own.forEach((exchange, index) => {
      for (const name of nodesAsked([exchange], described)) if (!isMade(made, name, index)) names.add(name);
    });
    for (const each of this.definitions()) {
      for (const { node } of this.replicasOf(String(each.name))) names.add(node);
    }
    const listed = this.#listedNodes();
    if (listed !== undefined) for (const name of names) if (!listed.has(name)) names.delete(name);
    const known = [...names].filter((name) => described.size === 0 || described.has(name));
    return known.sort().map((name) => this.#node(name));
  }

  /** Nodes in the lists of all nodes, where the recording has one. */
  #listedNodes(): ReadonlySet<string> | undefined {
    const lists = this.#own.filter(({ method, path }) => method === 'GET' && /^\/v1\/nodes\/?$/.test(path));
    const shown = lists.flatMap(({ answer }) => objectsIn(jsonOf(answer), isNode));
    return lists.length === 0 ? undefined : new Set(shown.map((each) => String(each.name)));
  }

  controllerProperties(): Readonly<Record<string, string>> {
    const found = this.#own.find(({ method, path }) => method === 'GET' && path === '/v1/controller/properties');
    const body = found === undefined ? undefined : jsonOf(found.answer);
    return isObject(body) ? (body as Readonly<Record<string, string>>) : {};
  }

  /** Groups seen in this recording before it makes them. */
  groups(): readonly Fields[] {
    const isGroup = (each: Fields): boolean => 'select_filter' in each && 'name' in each;
    const shown = this.#preexisting(/^\/v1\/resource-groups$/, 'name', isGroup);
    const made = firstMakings(this.#own, /^\/v1\/resource-groups$/, 'name');
    const known = new Set(shown.map((each) => each.name));
    const elsewhere = this.#elsewhere('resource-groups', made, known, isGroup);
    for (const each of elsewhere) known.add(each.name);
    const members = new Set(this.definitions().map((each) => each.resource_group_name));
    const bare = [...members].filter((name) => typeof name === 'string' && !known.has(name) && name !== 'DfltRscGrp');
    return [...shown, ...elsewhere, ...bare.map((name) => ({ name, select_filter: { place_count: 2 } }))];
  }

  definitions(): readonly Fields[] {
    const shown = this.#preexisting(/./, 'name', (each) => 'resource_group_name' in each && 'name' in each);
    const names = new Set(shown.map((each) => each.name));
    const made = this.#madeDefinitions();
    const told = definitionsInTraces(this.#own).filter(({ name, index }) => !isMade(made, name, index));
    const others = new Set([...this.#replicas().keys(), ...told.map(({ name }) => name)]);
    const bare = [...others].filter((name) => !names.has(name)).map((name) => ({ name }));
    const known = new Set([...shown, ...bare].map((each) => each.name));
    const isDefinition = (each: Fields): boolean => 'resource_group_name' in each && 'name' in each;
    return [
      ...shown,
      ...bare,
      ...this.#elsewhere('resource-definitions', this.#madeDefinitions(), known, isDefinition),
    ];
  }

  /** What requests of this recording use with success although neither it nor an answer in it brings it: as siblings show it. */
  #elsewhere(
    collection: string,
    made: ReadonlyMap<string, number>,
    known: ReadonlySet<unknown>,
    is: (each: Fields) => boolean,
  ): readonly Fields[] {
    const used = new Set<string>();
    this.#own.forEach(({ path, status }, index) => {
      const name = new RegExp(`^/v1/${collection}/([^/?]+)`).exec(path)?.[1];
      if (name === undefined || status === undefined || status === 404 || isMade(made, name, index)) return;
      if (!known.has(name)) used.add(name);
    });
    return [...used].flatMap((name): readonly Fields[] => {
      const shown = this.#all.flatMap(({ method, answer }) => (method === 'GET' ? objectsIn(jsonOf(answer), is) : []));
      return shown.filter((each) => each.name === name).slice(0, 1);
    });
  }

  replicasOf(definition: string): readonly SeenReplica[] {
    const replicas = [
      () => this.#replicas().get(definition) ?? [],
      () => replicasInTraces(this.#own, definition),
      () => this.#replicasElsewhere(definition),
      () => replicasInTraces(this.#others, definition),
    ].reduce<readonly SeenReplica[]>((found, look) => (found.length > 0 ? found : look()), []);
    return replicas.toSorted((a, b) => Number(a.kind !== 'diskful') - Number(b.kind !== 'diskful'));
  }

  /** Definitions that somebody has removed between two steps, with the last step that speaks of them. */
  vanished(): ReadonlyMap<string, number> {
    return vanished(this.#own);
  }

  /** True where the spawning of a group shows that it has templates of volumes. */
  hasVolumeGroups(group: string): boolean {
    return this.#own.some(
      ({ method, path, answer, status }) =>
        method === 'POST' &&
        path === `/v1/resource-groups/${group}/spawn` &&
        status === 201 &&
        !answer.includes("doesn't have any volume-groups"),
    );
  }

  /** Numbers of the volumes that the replicas of a definition show. */
  volumesOf(definition: string): readonly number[] {
    for (const { method, answer } of this.#all) {
      const shown = method === 'GET' ? objectsIn(jsonOf(answer), isReplica) : [];
      const own = shown.find((each) => each.name === definition);
      const drbd = isObject(own?.layer_object) ? own.layer_object.drbd : undefined;
      const volumes = isObject(drbd) && Array.isArray(drbd.drbd_volumes) ? drbd.drbd_volumes : [];
      if (volumes.length > 0)
        return volumes.map((each) => Number(fieldOf(each, 'drbd_volume_definition', 'volume_number')));
    }
    return [0];
  }

  #replicasElsewhere(definition: string): readonly SeenReplica[] {
    for (const { method, answer } of this.#others) {
      const shown = method === 'GET' ? objectsIn(jsonOf(answer), isReplica) : [];
      const own = shown.filter((each) => each.name === definition);
      if (own.length > 1) return own.map(seenReplica);
    }
    return [];
  }

  /** Replicas that the recording does not make, each as the first answer with it shows it. */
  #replicas(): Map<string, SeenReplica[]> {
    const made = this.#madeDefinitions();
    const found = new Map<string, SeenReplica[]>();
    this.#own.forEach(({ method, answer }, index) => {
      if (method !== 'GET') return;
      for (const each of objectsIn(jsonOf(answer), isReplica)) {
        const [name, node] = [String(each.name), String(each.node_name)];
        const known = found.get(name) ?? [];
        if (isMade(made, name, index) || known.some((other) => other.node === node)) continue;
        if (!isReplicaMade(this.#own.slice(0, index), name, node)) found.set(name, [...known, seenReplica(each)]);
      }
    });
    return found;
  }

  #preexisting(path: RegExp, key: string, is: (each: Fields) => boolean): readonly Fields[] {
    const made = path.source === '.' ? this.#madeDefinitions() : firstMakings(this.#own, path, key);
    const found = new Map<string, Fields>();
    this.#own.forEach(({ method, answer }, index) => {
      if (method !== 'GET') return;
      for (const each of objectsIn(jsonOf(answer), is)) {
        const name = String(each[key]);
        if (!isMade(made, name, index) && !found.has(name)) found.set(name, each);
      }
    });
    return [...found.values()];
  }

  #madeDefinitions(): Map<string, number> {
    return definitionsMade(this.#own);
  }

  #node(name: string): RigNode {
    const own = this.#objects(this.#own, isNode).find((each) => each.name === name);
    const any = own ?? this.#objects(this.#all, isNode).find((each) => each.name === name);
    return {
      name,
      properties: isObject(any?.props) ? (any.props as Readonly<Record<string, string>>) : {},
      pools: this.#poolsOf(name),
      layers: this.#layersOf(name),
      online: any === undefined || any.connection_status === 'ONLINE',
    };
  }

  /** Pools that the recording does not make itself. */
  #poolsOf(node: string): readonly RigPool[] {
    const made = this.#own.flatMap(({ method, path, body = '' }) =>
      method === 'POST' && path === `/v1/nodes/${node}/storage-pools`
        ? [/"storage_pool_name": ?"([^"]+)"/.exec(body)?.[1]]
        : [],
    );
    const found = new Map<string, RigPool>();
    // Where the recording lists pools, others were taken away before; a node without DRBD has one only where it shows.
    const own = this.#objects(this.#own, isPool);
    const isTold = own.length > 0 || this.#own.some(({ path }) => path.includes(`/${node}/storage-pools`));
    if (!isTold && !this.#layersOf(node).includes('DRBD')) return [];
    for (const each of own.length > 0 ? own : this.#objects(this.#all, isPool)) {
      const name = String(each.storage_pool_name);
      if (each.node_name !== node || each.provider_kind === 'DISKLESS' || made.includes(name)) continue;
      if (!found.has(name)) found.set(name, { name, properties: isObject(each.props) ? each.props : {} });
    }
    return [...found.values()];
  }

  /** What a host can do is told while its satellite is online. */
  #layersOf(node: string): readonly string[] {
    const shown = this.#objects(this.#all, isNode).find(
      (each) => each.name === node && each.connection_status === 'ONLINE',
    );
    if (shown !== undefined) return Array.isArray(shown.resource_layers) ? shown.resource_layers.map(String) : [];
    const isKnown = this.#objects(this.#all, isNode).some((each) => each.name === node);
    return isKnown ? ['STORAGE'] : ['DRBD', 'STORAGE'];
  }

  /** Where a node that a recording registers has a satellite: it is seen online somewhere. */
  satelliteAt(node: string): { readonly layers: readonly string[] } | undefined {
    const shown = this.#objects(this.#all, isNode).some(
      (each) => each.name === node && each.connection_status === 'ONLINE',
    );
    return shown ? { layers: this.#layersOf(node) } : undefined;
  }

  #objects(exchanges: readonly Exchange[], is: (each: Fields) => boolean): readonly Fields[] {
    return exchanges
      .filter(({ method }) => method === 'GET')
      .flatMap(({ path, answer }) => (/nodes|pools|resources|view/.test(path) ? objectsIn(jsonOf(answer), is) : []));
  }
}

function firstMakings(exchanges: readonly Exchange[], path: RegExp, key: string): Map<string, number> {
  const made = new Map<string, number>();
  exchanges.forEach((exchange, index) => {
    if (exchange.method !== 'POST' || !path.test(exchange.path.split('?')[0] ?? '')) return;
    const name = new RegExp(`"${key}": ?"([^"]+)"`).exec(exchange.body ?? '')?.[1];
    if (name !== undefined && !made.has(name)) made.set(name, index);
  });
  return made;
}

function isMade(made: ReadonlyMap<string, number>, name: string, index: number): boolean {
  const at = made.get(name);
  return at !== undefined && at <= index;
}

function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => (isObject(found) ? found[name] : undefined), value);
}

function isNode(each: Fields): boolean {
  return 'connection_status' in each && 'net_interfaces' in each;
}

function isPool(each: Fields): boolean {
  return 'storage_pool_name' in each && 'node_name' in each && 'provider_kind' in each;
}

function isReplica(each: Fields): boolean {
  return 'node_name' in each && 'layer_object' in each;
}

function seenReplica(each: Fields): SeenReplica {
  const flags = Array.isArray(each.flags) ? (each.flags as readonly unknown[]) : [];
  const kind = flags.includes('TIE_BREAKER') ? 'tiebreaker' : flags.includes('DISKLESS') ? 'client' : 'diskful';
  const named = isObject(each.props) ? each.props.StorPoolName : undefined;
  const pool = typeof named === 'string' ? named : '';
  return { node: String(each.node_name), kind, pool, properties: isObject(each.props) ? each.props : {} };
}

/** Every object in a JSON value that is of a kind, itself included. */
export function objectsIn(value: unknown, is: (each: Fields) => boolean): readonly Fields[] {
  if (Array.isArray(value)) return (value as readonly unknown[]).flatMap((each) => objectsIn(each, is));
  return isObject(value) && is(value) ? [value] : [];
}
