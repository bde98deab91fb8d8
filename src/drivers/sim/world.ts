import type { Instant, Millis } from '../../model/instant.ts';
import type { ApiRequest, ExecRequest, Outcome } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import { ApiEndpoint } from './api-endpoint.ts';
import { ApiServer } from './api-server/api-server.ts';
import { Clocks } from './clocks.ts';
import { Cluster } from './cluster.ts';
import { EventQueue, type WorldEvent } from './event-queue.ts';
import { Network, type Origin } from './network.ts';
import { Randomness } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface WorldSettings {
  readonly seed: number;
  /** Wall time at world time 0. */
  readonly epoch: Instant;
  /** World milliseconds that pass in one millisecond of wall time: 1 in simulation; a lab may run faster. */
  readonly speed: number;
  readonly kubernetesVersion: string;
  readonly clusters: readonly SiteName[];
  /** Changes that each API server keeps per resource for watches that resume; default: as many as it keeps by itself. */
  readonly watchHistory?: number;
  /** True: the API servers trust what acts inside of their clusters; default: false. */
  readonly trustsInsiders?: boolean;
}

/** Answers the LINSTOR REST requests of the world; built with the storage, see `build-world.ts`. */
export interface LinstorEndpoint {
  perform(request: Extract<ApiRequest, { api: 'linstor' }>, from: Origin): Outcome | { readonly kind: 'hang' };
}

/** Runs commands in the containers of a world's pods. */
export interface ExecEndpoint {
  perform(request: ExecRequest): Outcome | { readonly kind: 'hang' };
}

/**
 * The simulated reality: clusters, network, power and time on one event queue. Single-threaded and synchronous; the same
 * settings give the same history, byte for byte. Time moves only in `step` and `runUntil`.
 */
export class World implements Scheduler {
  readonly settings: WorldSettings;
  readonly randomness: Randomness;
  readonly network = new Network();
  readonly clocks = new Clocks();
  readonly clusters: ReadonlyMap<SiteName, Cluster>;
  linstor: LinstorEndpoint | undefined;
  containers: ExecEndpoint | undefined;
  /** Events handled so far. */
  handled = 0;
  #endpoints = new Map<SiteName, ApiEndpoint>();
  #queue = new EventQueue();
  #now: Millis = 0;
  #handlers = new Map<string, (event: WorldEvent) => void>();
  /** Handlers by the whole kind of an event, as found so far. */
  #handlersByKind = new Map<string, (event: WorldEvent) => void>();
  #downNodes = new Set<string>();

  constructor(settings: WorldSettings) {
    this.settings = settings;
    this.randomness = new Randomness(settings.seed);
    const clusters = new Map<SiteName, Cluster>();
    for (const name of settings.clusters) {
      const api = new ApiServer({
        cluster: name,
        kubernetesVersion: settings.kubernetesVersion,
        ...(settings.watchHistory === undefined ? {} : { watchHistory: settings.watchHistory }),
        trustsInsiders: settings.trustsInsiders ?? false,
        wallNow: () => this.wallAt(name),
        random: this.randomness.stream(`${name}/api`),
      });
      const cluster = new Cluster(name, api, {
        scheduler: this,
        randomness: this.randomness,
        wall: () => this.wallAt(name),
        nodeIsUp: (_cluster, node) => this.nodeIsUp(node),
      });
      clusters.set(name, cluster);
      this.#endpoints.set(name, new ApiEndpoint(api));
      this.route(`cluster.${name}`, (event) => cluster.handle(event));
    }
    this.clusters = clusters;
  }

  get now(): Millis {
    return this.#now;
  }

  /** Wall time as the world's clocks show it. */
  wall(): Instant {
    return this.settings.epoch + Math.floor(this.#now / this.settings.speed);
  }

  /** Wall time as the clock of a site shows it, or that of the operator's desk. */
  wallAt(place: Origin): Instant {
    return this.wall() + this.clocks.errorOf(place, this.#now);
  }

  /** World time of a wall time; of one by the clock of a place, where one is named. */
  worldTimeOf(wall: Instant, place?: Origin): Millis {
    const error = place === undefined ? 0 : this.clocks.errorOf(place, this.#now);
    return (wall - error - this.settings.epoch) * this.settings.speed;
  }

  /** The cluster of that name, which must exist. */
  cluster(name: SiteName): Cluster {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) throw new Error(`There is no cluster ${name} in this world`);
    return cluster;
  }

  /** Sends every event whose `kind` is the prefix, or starts with it and a dot, to the handler. */
  route(prefix: string, handler: (event: WorldEvent) => void): void {
    this.#handlers.set(prefix, handler);
    this.#handlersByKind.clear();
  }

  schedule(delay: Millis, kind: string, key: string, payload?: unknown): number {
    return this.#queue.schedule(this.#now + Math.max(0, Math.round(delay)), kind, key, payload);
  }

  cancel(id: number): void {
    this.#queue.cancel(id);
  }

  /** How many events are to come. */
  get pending(): number {
    return this.#queue.size;
  }

  /** World time of the next event; undefined when nothing is pending. */
  nextAt(): Millis | undefined {
    return this.#queue.nextAt();
  }

  /** Handles the next event. False when nothing is pending. */
  step(): boolean {
    const event = this.#queue.pop();
    if (event === undefined) return false;
    this.#now = Math.max(this.#now, event.at);
    this.handled += 1;
    this.#handlerOf(event.kind)(event);
    return true;
  }

  /** Handles everything up to and including a world time, and leaves the clock there. */
  runUntil(at: Millis): void {
    for (let next = this.nextAt(); next !== undefined && next <= at; next = this.nextAt()) this.step();
    this.#now = Math.max(this.#now, at);
  }

  nodeIsUp(node: string): boolean {
    return !this.#downNodes.has(node);
  }

  /** Records that a node lost or regained power. The DRBD model and the behaviours are told by the fault that did it. */
  setNodePower(node: string, up: boolean): void {
    if (up) this.#downNodes.delete(node);
    else this.#downNodes.add(node);
  }

  /** What a request brings when it arrives at this moment. A hanging endpoint is told apart, so that the sender can time out. */
  perform(request: ApiRequest, from: Origin): Outcome | { readonly kind: 'hang' } {
    if (request.api === 'linstor') {
      return this.linstor?.perform(request, from) ?? unreachableOutcome('no LINSTOR controller in this world');
    }
    const reach = this.network.reach(from, request.site);
    if (reach === 'hang') return { kind: 'hang' };
    const endpoint = this.#endpoints.get(request.site);
    if (reach === 'refuse' || endpoint === undefined) return unreachableOutcome(`${request.site}: connection refused`);
    if (request.api === 'kube') return endpoint.perform(request);
    return this.containers?.perform(request) ?? unreachableOutcome(`${request.site}: no container takes commands`);
  }

  #handlerOf(kind: string): (event: WorldEvent) => void {
    const known = this.#handlersByKind.get(kind);
    if (known !== undefined) return known;
    const handler = this.#handlers.get(kind) ?? this.#handlers.get(kind.slice(0, kind.indexOf('.')));
    if (handler === undefined) throw new Error(`Nothing handles world events of kind ${kind}`);
    this.#handlersByKind.set(kind, handler);
    return handler;
  }
}

function unreachableOutcome(message: string): Outcome {
  return { kind: 'unknown', reason: 'unreachable', message };
}
