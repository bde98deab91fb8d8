import type { ServerResponse } from 'node:http';
import type { Instant } from '../../model/instant.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { type KubeObject, apiVersionOf } from '../../model/kube.ts';
import type { ApiServer } from '../../drivers/sim/api-server/api-server.ts';
import type { Change } from '../../drivers/sim/api-server/object-store.ts';
import type { Predicate } from '../../drivers/sim/api-server/field-selector.ts';
import type { ServedResource } from '../../drivers/sim/api-server/served-resource.ts';
import { objectText } from './json-text.ts';
import { type IncludedObject, type TableLayout, layoutFor, partialMetadata, tableOf } from './table/table.ts';

/** How a watch shows its objects. */
export interface WatchShape {
  readonly shape: 'plain' | 'table' | 'metadata';
  readonly version: string;
  readonly include: IncludedObject;
}

export interface WatchRequest {
  readonly served: ServedResource;
  /** Absent for all namespaces. */
  readonly namespace?: string;
  readonly matches: Predicate;
  /** Objects that are sent as ADDED before anything else. */
  readonly initial: readonly KubeObject[];
  /** Changes after this version follow. */
  readonly from: number;
  readonly bookmarks: boolean;
  /** Sends the bookmark that ends the initial objects (`sendInitialEvents=true`). */
  readonly endsInitial: boolean;
  readonly timeoutSeconds: number;
  readonly shape: WatchShape;
}

/** Real servers send one about every minute; a lab is watched by people. */
const bookmarkEveryMs = 5000;

/** A client that does not read is cut off rather than buffered for without end. */
const bufferLimit = 16 * 1024 * 1024;

type Kind = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/**
 * Streams changes as newline-delimited JSON until the client leaves, the time is over or `close` is called.
 * An object that begins to match a selector is ADDED, one that stops to match is DELETED
 * (`k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go`).
 */
export class Watch {
  readonly #api: ApiServer;
  readonly #request: WatchRequest;
  readonly #response: ServerResponse;
  readonly #wallNow: () => Instant;
  readonly #layout: TableLayout;
  readonly #timers: NodeJS.Timeout[] = [];
  #unsubscribe: (() => void) | undefined;
  #columnsSent = false;
  #silent = false;

  constructor(api: ApiServer, request: WatchRequest, response: ServerResponse, wallNow: () => Instant) {
    this.#api = api;
    this.#request = request;
    this.#response = response;
    this.#wallNow = wallNow;
    this.#layout = layoutFor(request.served);
  }

  /** Sends what has been and subscribes to what comes. Returns at once. */
  open(): void {
    const { initial, from, endsInitial, bookmarks, timeoutSeconds, served } = this.#request;
    this.#response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
    this.#response.flushHeaders();
    this.#response.on('close', () => this.close());
    for (const object of initial) this.#send('ADDED', object);
    const missed = this.#api.changesSince(served.type, from);
    if (missed === 'gone') return this.#fail(`too old resource version: ${from} (${this.#api.version})`);
    if (endsInitial) this.#bookmark({ 'k8s.io/initial-events-end': 'true' });
    for (const change of missed) this.#tell(change);
    this.#unsubscribe = this.#api.onChange((change) => {
      if (isSameResource(change, served)) this.#tell(change);
    });
    if (bookmarks) this.#timers.push(setInterval(() => this.#bookmark(), bookmarkEveryMs));
    this.#timers.push(setTimeout(() => this.close(), timeoutSeconds * 1000));
  }

  /** Ends the stream as a server does whose time is over. */
  close(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    this.#response.end();
  }

  /** From now on nothing is sent, and the connection stays open: what a silent network cut looks like. */
  fallSilent(): void {
    this.#silent = true;
  }

  #tell(change: Change): void {
    const { namespace, matches } = this.#request;
    if (namespace !== undefined && change.object.metadata.namespace !== namespace) return;
    const isNow = change.type !== 'DELETED' && matches(change.object);
    const wasBefore = change.type !== 'ADDED' && matches(change.old ?? change.object);
    if (isNow) this.#send(wasBefore ? 'MODIFIED' : 'ADDED', change.object);
    else if (wasBefore) this.#send('DELETED', lastSeen(change));
  }

  #send(type: Kind, object: KubeObject): void {
    this.#write(type, this.#shown(inVersion(object, apiVersionOf(this.#request.served.type))));
  }

  #bookmark(annotations?: JsonObject): void {
    const { served, shape } = this.#request;
    const metadata = { resourceVersion: String(this.#api.version), creationTimestamp: null };
    const bookmark: JsonObject = {
      kind: served.type.kind,
      apiVersion: apiVersionOf(served.type),
      metadata: annotations === undefined ? metadata : { ...metadata, annotations },
    };
    const isPlain = shape.shape === 'plain';
    this.#write('BOOKMARK', isPlain ? JSON.stringify(bookmark) : this.#shown(bookmark as unknown as KubeObject));
  }

  #fail(message: string): void {
    const status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Expired',
      code: 410,
    };
    this.#write('ERROR', JSON.stringify(status));
    this.close();
  }

  #shown(object: KubeObject): string {
    const { shape, version, include } = this.#request.shape;
    if (shape === 'plain') return objectText(object as unknown as Json);
    if (shape === 'metadata') return JSON.stringify(partialMetadata(object, version));
    const table = tableOf(this.#layout, [object], {
      version,
      include,
      metadata: { resourceVersion: object.metadata.resourceVersion },
      now: this.#wallNow(),
      withColumns: !this.#columnsSent,
    });
    this.#columnsSent = true;
    return JSON.stringify(table);
  }

  #write(type: Kind, objectJson: string): void {
    if (this.#silent || this.#response.writableEnded) return;
    this.#response.write(`{"type":"${type}","object":${objectJson}}\n`);
    if (this.#response.writableLength > bufferLimit) this.#response.destroy();
  }
}

function isSameResource({ resource }: Change, { type }: ServedResource): boolean {
  return resource.plural === type.plural && resource.group === type.group;
}

/** What a watcher is told of an object that left: as it was last seen, at the version of the change. */
function lastSeen(change: Change): KubeObject {
  if (change.type === 'DELETED' || change.old === undefined) return change.object;
  const { old } = change;
  return { ...old, metadata: { ...old.metadata, resourceVersion: String(change.version) } };
}

/** Objects are stored in one version of their kind and shown in the version asked for. */
function inVersion(object: KubeObject, apiVersion: string): KubeObject {
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}
