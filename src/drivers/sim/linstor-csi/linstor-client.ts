import { minute, second, type Millis } from '../../../model/instant.ts';
import { listAt, textAt, type Json } from '../../../model/json.ts';
import type { LinstorController } from '../linstor/controller.ts';
import { codeOf } from '../linstor/ret-codes.ts';
import { findByName, sorted, volumesOf, type ResourceGroup } from '../linstor/store.ts';

/** How long the driver goes on believing what it has read (`--resource-cache-timeout`, `--node-cache-timeout`). */
export interface CacheTimes {
  readonly resources: Millis;
  readonly nodes: Millis;
}

export const defaultCacheTimes: CacheTimes = { resources: 30 * second, nodes: minute };

export interface LinstorClientSettings {
  readonly linstor: LinstorController;
  /** World time. */
  readonly now: () => Millis;
  readonly caches?: CacheTimes;
  /** Is told of every request before it is sent, reads included; `path` with its query. */
  readonly onRequest?: (method: string, path: string, body: Json | undefined) => void;
}

export interface SeenDefinition {
  readonly name: string;
  readonly group: string;
  readonly deleting: boolean;
  readonly properties: ReadonlyMap<string, string>;
}

export interface SeenVolume {
  readonly sizeKib: number;
  readonly properties: ReadonlyMap<string, string>;
}

/** A replica as the view showed it when it was read. */
export interface SeenReplica {
  readonly name: string;
  readonly node: string;
  readonly diskful: boolean;
  /** Undefined: its satellite has not told. */
  readonly inUse: boolean | undefined;
  readonly score: number | undefined;
  readonly devicePath: string | undefined;
}

export interface SeenNode {
  readonly name: string;
  readonly online: boolean;
  readonly properties: ReadonlyMap<string, string>;
}

export interface SeenPool {
  readonly node: string;
  readonly name: string;
  readonly diskless: boolean;
  readonly freeKib: number;
}

/** Why LINSTOR did not do what it was asked. */
export interface LinstorFailure {
  /** The error as golinstor prints it. */
  readonly text: string;
  readonly notFound: boolean;
  /** Codes of the messages, without their masks: 997 for a resource in use. */
  readonly codes: readonly number[];
}

/**
 * What linstor-csi knows of LINSTOR: golinstor with the caches of its package `cache`. The views of resources and nodes are
 * read whole, believed for a while, and forgotten when this client itself changes a resource; what another cluster's driver
 * did meanwhile is not seen. Reads take LINSTOR's records as golinstor would decode them, without the JSON in between.
 * Sources: `cache/cache.go`, `cache/resource.go`, `cache/node.go`, `client/apicallerror.go` of LINBIT/golinstor.
 */
export class LinstorClient {
  readonly #settings: LinstorClientSettings;
  readonly #caches: CacheTimes;
  #replicas: Cached<SeenReplica> | undefined;
  #nodes: Cached<SeenNode> | undefined;
  #pools: Cached<SeenPool> | undefined;
  /** Definitions that have snapshots. */
  #snapped: Cached<string> | undefined;

  constructor(settings: LinstorClientSettings) {
    this.#settings = settings;
    this.#caches = settings.caches ?? defaultCacheTimes;
  }

  definition(name: string): SeenDefinition | undefined {
    this.#tell('GET', `/v1/resource-definitions/${name}`);
    return findByName(this.#store.definitions, name);
  }

  /** Every definition that has one volume, which is what the driver makes. */
  volumes(): readonly { readonly name: string; readonly sizeKib: number }[] {
    this.#tell('GET', '/v1/resource-definitions?with_volume_definitions=true');
    return sorted(this.#store.definitions).flatMap((definition) => {
      const [volume, ...others] = volumesOf(definition);
      return volume === undefined || others.length > 0 ? [] : [{ name: definition.name, sizeKib: volume.sizeKib }];
    });
  }

  /** Undefined: there is no such definition. */
  volumeDefinitions(name: string): readonly SeenVolume[] | undefined {
    this.#tell('GET', `/v1/resource-definitions/${name}/volume-definitions`);
    const definition = findByName(this.#store.definitions, name);
    return definition === undefined ? undefined : volumesOf(definition);
  }

  volumeDefinition(name: string): SeenVolume | undefined {
    this.#tell('GET', `/v1/resource-definitions/${name}/volume-definitions/0`);
    return findByName(this.#store.definitions, name)?.volumes.get(0);
  }

  group(name: string): ResourceGroup | undefined {
    this.#tell('GET', `/v1/resource-groups/${name}`);
    return findByName(this.#store.groups, name);
  }

  /** Replicas of a definition, in the order of their nodes; those that are being deleted are not shown. */
  replicasOf(name: string): readonly SeenReplica[] {
    return this.allReplicas().filter((replica) => replica.name === name);
  }

  allReplicas(): readonly SeenReplica[] {
    const { now } = this;
    if (isStale(this.#replicas, now, this.#caches.resources)) {
      this.#tell('GET', `/v1/view/resources${cachedQuery}`);
      this.#replicas = { readAt: now, items: this.#readReplicas() };
    }
    return this.#replicas.items;
  }

  nodes(): readonly SeenNode[] {
    const { now } = this;
    if (isStale(this.#nodes, now, this.#caches.nodes)) {
      this.#tell('GET', `/v1/nodes${cachedQuery}`);
      const items = sorted(this.#store.nodes).map(({ name, connection, properties }) => {
        return { name, online: connection !== 'OFFLINE', properties };
      });
      this.#nodes = { readAt: now, items };
    }
    return this.#nodes.items;
  }

  pools(): readonly SeenPool[] {
    const { now } = this;
    if (isStale(this.#pools, now, this.#caches.nodes)) {
      this.#tell('GET', `/v1/view/storage-pools${cachedQuery}`);
      const items = sorted(this.#store.nodes).flatMap((node) => [
        { node: node.name, name: disklessPool, diskless: true, freeKib: 0 },
        ...sorted(node.pools).map(({ name, freeKib }) => ({ node: node.name, name, diskless: false, freeKib })),
      ]);
      this.#pools = { readAt: now, items };
    }
    return this.#pools.items;
  }

  hasSnapshots(name: string): boolean {
    const { now } = this;
    if (isStale(this.#snapped, now, this.#caches.resources)) {
      this.#tell('GET', `/v1/view/snapshots${cachedQuery}`);
      const items = sorted(this.#store.definitions).filter((each) => each.snapshots.size > 0);
      this.#snapped = { readAt: now, items: items.map((each) => each.name) };
    }
    return this.#snapped.items.includes(name);
  }

  /** Looks for a snapshot wherever the driver could have put one: it takes none here. */
  lookForSnapshot(): void {
    this.hasSnapshots('');
    this.#tell('GET', '/v1/key-value-store/csi-backup-mapping');
    this.#tell('GET', '/v1/remotes');
  }

  /** Changes something that is in no cache: groups, definitions, volume definitions. Undefined: done. `path`: one query parameter at most. */
  change(method: string, path: string, body?: Json): LinstorFailure | undefined {
    this.#tell(method, path, body);
    const [plain = '', search] = path.split('?');
    const [name = '', value = ''] = search?.split('=') ?? [];
    const query = search === undefined ? {} : { query: { [name]: value } };
    const { linstor } = this.#settings;
    const answer = linstor.request({ method, path: plain, ...query, ...(body === undefined ? {} : { body }) });
    return answer.status < 300 ? undefined : failureOf(answer.status, answer.body);
  }

  /** Changes a resource: whatever comes of it, the view is read again when it is needed next. */
  changeResources(method: string, path: string, body?: Json): LinstorFailure | undefined {
    const failure = this.change(method, path, body);
    this.#replicas = undefined;
    return failure;
  }

  get now(): Millis {
    return this.#settings.now();
  }

  get #store(): LinstorController['store'] {
    return this.#settings.linstor.store;
  }

  #tell(method: string, path: string, body?: Json): void {
    this.#settings.onRequest?.(method, path, body);
  }

  #readReplicas(): readonly SeenReplica[] {
    const seen: SeenReplica[] = [];
    for (const definition of sorted(this.#store.definitions)) {
      const volume = definition.volumes.get(0);
      const devicePath = volume === undefined ? undefined : `/dev/drbd${volume.minor}`;
      for (const { node, kind, deleting, report } of sorted(definition.resources)) {
        if (deleting) continue;
        const { name } = definition;
        const diskful = kind === 'diskful';
        seen.push({ name, node, diskful, inUse: report?.inUse, score: report?.score, devicePath });
      }
    }
    return seen;
  }
}

interface Cached<T> {
  readonly readAt: Millis;
  readonly items: readonly T[];
}

const cachedQuery = '?cached=true&limit=0&offset=0';
const disklessPool = 'DfltDisklessStorPool';

function isStale<T>(cached: Cached<T> | undefined, now: Millis, time: Millis): cached is undefined {
  return cached === undefined || now > cached.readAt + time;
}

function failureOf(status: number, body: Json): LinstorFailure {
  const messages = Array.isArray(body) ? (body as readonly Json[]) : [];
  const codes = messages.map((each) => codeOf(BigInt(textAt(each, 'ret_code') ?? '0')));
  const notFound = status === 404;
  return { text: notFound ? '404 Not Found' : messages.map(textOf).join(' next error: '), notFound, codes };
}

function textOf(message: Json): string {
  const parts = [`Message: '${textAt(message, 'message') ?? ''}'`];
  for (const [field, title] of Object.entries({ cause: 'Cause', details: 'Details', correction: 'Correction' })) {
    const text = textAt(message, field);
    if (text !== undefined) parts.push(`${title}: '${text}'`);
  }
  const reports = listAt(message, 'error_report_ids').filter((each) => typeof each === 'string');
  if (reports.length > 0) parts.push(`Reports: '[${reports.join(',')}]'`);
  return parts.join('; ');
}
