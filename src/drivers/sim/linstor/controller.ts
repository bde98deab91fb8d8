import type { Instant, Millis } from '../../../model/instant.ts';
import { isSameJson } from '../../../model/json.ts';
import type { DrbdKernel } from '../drbd/kernel.ts';
import { donePercentage } from '../drbd/status-report.ts';
import type { WorldEvent } from '../event-queue.ts';
import type { RandomStream } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { LinstorAnswer } from './answer.ts';
import { isOnline, type LinstorContext, silenceLimit } from './context.ts';
import { resumeDeletion } from './definition-deletion.ts';
import { adjust, bringUp, undeploy } from './deployment.ts';
import { newGroup } from './groups.ts';
import { freshControllerProperties, skipDiskProperty } from './properties.ts';
import { noteUse } from './first-use.ts';
import { forgetDeleted } from './snapshots.ts';
import { newTokens } from './tokens.ts';
import { ResourceViews } from './resource-views.ts';
import { type LinstorRequest, answerRequest } from './routes.ts';
import {
  findByName,
  type LinstorNode,
  type LinstorStore,
  type Report,
  type ResourceDefinition,
  type StoragePool,
} from './store.ts';

export interface LinstorSettings {
  readonly scheduler: Scheduler;
  readonly kernel: DrbdKernel;
  readonly random: RandomStream;
  /** Wall time of the world. */
  readonly wallNow: () => Instant;
  /** What answers where a node is registered over the API: what its host can do, or undefined. No satellite where left out. */
  readonly satelliteAt?: (node: string) => { readonly layers: readonly string[] } | undefined;
  /** What the satellites tell of DRBD; left out, it is what the kernel has. */
  readonly told?: (definition: string, node: string, own: Report | undefined) => Report | undefined;
  /** Set on top of a fresh controller's properties. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface NewNode {
  readonly name: string;
  readonly address: string;
  /** Site that the node belongs to: its property `Aux/site`. */
  readonly site: string;
  /** Names of its storage pools; none for a node that holds no data. */
  readonly pools?: readonly string[];
  /** What its host can do: DRBD and STORAGE where left out. */
  readonly layers?: readonly string[];
}

/** From a change in the kernel to the moment the controller knows it. */
const reportDelay: Millis = 1000;

/** From a satellite that is back to ONLINE. */
const reconnectDelay: Millis = 2200;

/** AutoEvictAfterTime: 12 hours. */
const evictionDelay: Millis = 720 * 60_000;

/** A LINSTOR controller and its satellites: a REST answer for every request, as a delayed view on the DRBD kernels. */
export class LinstorController {
  readonly #settings: LinstorSettings;
  readonly #context: LinstorContext;
  /** Reports that are under way, by `resource|node`. */
  readonly #reports = new Set<string>();
  /** Answers to reads, since the last change. */
  readonly #answers = new Map<string, LinstorAnswer>();
  readonly #views = new ResourceViews();
  /** Timers of satellites that are on their way to another status, by node. */
  readonly #transitions = new Map<string, number>();

  constructor(settings: LinstorSettings) {
    this.#settings = settings;
    const store: LinstorStore = {
      nodes: new Map(),
      groups: new Map(),
      definitions: new Map(),
      properties: new Map(Object.entries({ ...freshControllerProperties, ...settings.properties })),
      keyValues: new Map(),
      nodePairs: new Map(),
      auth: newTokens(),
      nextMinor: 1000,
    };
    this.#context = {
      store,
      kernel: settings.kernel,
      random: settings.random,
      get now() {
        return settings.scheduler.now;
      },
      get wallNow() {
        return settings.wallNow();
      },
      viewOf: (definition, resource) => this.#views.of(definition, resource),
      satelliteAt: (node) => settings.satelliteAt?.(node),
      report: (definition) => this.#reportAtOnce(definition),
    };
    store.properties.set('Cluster/LocalID', settings.random.uuid());
    newGroup(this.#context, 'DfltRscGrp', { place_count: 2 });
    settings.kernel.onChange((resource, node) => this.#reportLater(resource, node));
  }

  /** What the controller has stored. To be read, never changed. */
  get store(): LinstorStore {
    return this.#context.store;
  }

  /**
   * Answers a REST request. `takes` of the answer is how long a caller would have waited for it. The same question gets
   * the same object for as long as nothing has changed: nearly every request of a simulated run is such a question.
   */
  request(request: LinstorRequest): LinstorAnswer {
    if (request.method !== 'GET') {
      this.#forgetAfter(request);
      return answerRequest(this.#context, request);
    }
    // Headers may make it another answer.
    if (request.headers !== undefined) return answerRequest(this.#context, request);
    const question = request.query === undefined ? request.path : `${request.path}?${JSON.stringify(request.query)}`;
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const answer = answerRequest(this.#context, request);
    // What is not found, or not told by a silent satellite, carries the time of its answer.
    if (answer.status === 200 && answer.takes === 0) this.#answers.set(question, answer);
    return answer;
  }

  /** Registers a node whose satellite is online. */
  addNode({ name, address, site, pools = ['pool1'], layers = ['DRBD', 'STORAGE'] }: NewNode): void {
    const { random, store } = this.#context;
    this.#forgetAnswers();
    this.#settings.kernel.addNode(name);
    store.nodes.set(name.toLowerCase(), {
      name,
      uuid: random.uuid(),
      type: 'SATELLITE',
      interfaces: [{ name: 'default', address, uuid: random.uuid(), satellite: { port: 3366, encryption: 'PLAIN' } }],
      layers,
      properties: new Map([
        ['Aux/site', site],
        ['CurStltConnName', 'default'],
        ['NodeUname', name],
      ]),
      connection: 'ONLINE',
      silentSince: 0,
      evictionAt: 0,
      pools: new Map(pools.map((pool) => [pool.toLowerCase(), newPool(pool, random)])),
    });
  }

  /**
   * The satellite does not answer any more. `silent`: its connection stays open (frozen process, cut network), so that the
   * controller finds out 7 s later; else at once.
   */
  satelliteLost(node: string, { silent = true } = {}): void {
    const found = findByName(this.#context.store.nodes, node);
    if (found === undefined || (silent && found.connection === 'silent')) return;
    // One that was on its way back stays away.
    this.#cancelTransition(node);
    if (found.connection === 'OFFLINE') return;
    this.#forgetAnswers();
    if (!silent) {
      this.#goOffline(found);
      return;
    }
    found.connection = 'silent';
    found.silentSince = this.#context.now;
    this.#transitions.set(node, this.#settings.scheduler.schedule(silenceLimit, 'linstor.offline', node));
  }

  /** The satellite answers again: ONLINE two seconds later, or at once when nobody had noticed. */
  satelliteBack(node: string): void {
    const found = findByName(this.#context.store.nodes, node);
    if (found === undefined || found.connection === 'ONLINE') return;
    this.#cancelTransition(node);
    this.#forgetAnswers();
    if (found.connection === 'silent') {
      found.connection = 'ONLINE';
      this.#reportNode(found);
    } else {
      this.#transitions.set(node, this.#settings.scheduler.schedule(reconnectDelay, 'linstor.online', node));
    }
  }

  handle(event: WorldEvent): void {
    if (event.kind === 'linstor.report') {
      const [resource = '', node = ''] = event.key.split('|');
      this.#reports.delete(event.key);
      this.#takeReport(resource, node);
      return;
    }
    const node = findByName(this.#context.store.nodes, event.key);
    if (node === undefined) return;
    this.#transitions.delete(event.key);
    this.#forgetAnswers();
    if (event.kind === 'linstor.offline') this.#goOffline(node);
    else if (event.kind === 'linstor.online') this.#goOnline(node);
  }

  #goOffline(node: LinstorNode): void {
    node.connection = 'OFFLINE';
    node.evictionAt = this.#context.wallNow + evictionDelay;
    for (const definition of this.#context.store.definitions.values()) {
      const resource = definition.resources.get(node.name.toLowerCase());
      if (resource !== undefined) resource.report = undefined;
    }
  }

  /** What was ordered meanwhile is done now, deletions included. */
  #goOnline(node: LinstorNode): void {
    node.connection = 'ONLINE';
    node.evictionAt = 0;
    this.#reportNode(node);
    const context = this.#context;
    for (const definition of Array.from(context.store.definitions.values())) {
      forgetDeleted(context, definition);
      const resource = definition.resources.get(node.name.toLowerCase());
      if (resource === undefined) continue;
      if (definition.deleting) resumeDeletion(context, definition);
      else if (resource.deleting) undeploy(context, definition, resource);
      else {
        bringUp(context, definition, resource);
        adjust(context, definition);
      }
    }
    this.#reportNode(node);
  }

  #reportNode(node: LinstorNode): void {
    for (const definition of this.#context.store.definitions.values()) this.#takeReport(definition.name, node.name);
  }

  #reportAtOnce(name: string): void {
    const definition = findByName(this.#context.store.definitions, name);
    for (const resource of definition?.resources.values() ?? []) this.#takeReport(name, resource.node);
  }

  #reportLater(resource: string, node: string): void {
    const key = `${resource}|${node}`;
    if (this.#reports.has(key)) return;
    const definition = this.#context.store.definitions.get(resource.toLowerCase());
    if (definition === undefined || !isOnline(findByName(this.#context.store.nodes, node))) return;
    this.#reports.add(key);
    this.#settings.scheduler.schedule(reportDelay, 'linstor.report', key);
  }

  #takeReport(name: string, node: string): void {
    const definition = findByName(this.#context.store.definitions, name);
    const resource = definition?.resources.get(node.toLowerCase());
    if (definition === undefined || resource === undefined || resource.inactive) return;
    if (!isOnline(findByName(this.#context.store.nodes, node))) return;
    const own = reportFrom(this.#settings.kernel, name, node, this.#context.now);
    const { told } = this.#settings;
    const report = told === undefined ? own : told(definition.name, resource.node, own);
    if (isSameJson(report, resource.report)) return;
    // A disk that has failed is not tried again until somebody takes the property away.
    const isLost = resource.report?.disk === 'Failed' && report?.disk === 'Diskless';
    if (isLost && resource.kind === 'diskful') resource.properties.set(skipDiskProperty, 'True');
    if (report?.inUse === true && resource.report?.inUse !== true) noteUse(definition, resource);
    resource.report = report;
    this.#forgetAnswersAbout(definition);
  }

  /** A request that is about one definition leaves alone what is said of everything else. */
  #forgetAfter({ path }: LinstorRequest): void {
    const [, , collection, name] = path.split('/');
    const definition =
      collection === 'resource-definitions' && name !== undefined
        ? findByName(this.#context.store.definitions, name)
        : undefined;
    if (definition === undefined) this.#forgetAnswers();
    else this.#forgetAnswersAbout(definition);
  }

  #forgetAnswers(): void {
    this.#answers.clear();
    this.#views.forgetAll();
  }

  #forgetAnswersAbout(definition: ResourceDefinition): void {
    this.#views.forget(definition);
    for (const question of this.#answers.keys()) if (!aboutOthers.has(question)) this.#answers.delete(question);
  }

  #cancelTransition(node: string): void {
    const pending = this.#transitions.get(node);
    if (pending !== undefined) this.#settings.scheduler.cancel(pending);
    this.#transitions.delete(node);
  }
}

/** Questions whose answers show nothing of definitions, of their replicas, and of what satellites report of these. */
const aboutOthers: ReadonlySet<string> = new Set(['/v1/controller/properties', '/v1/nodes', '/v1/resource-groups']);

function reportFrom(kernel: DrbdKernel, name: string, node: string, now: Millis): Report | undefined {
  const replica = kernel.replica(name, node);
  if (replica === undefined || !replica.running) return undefined;
  const { mayPromote = false, score = 0 } = kernel.promotability(name, node) ?? {};
  return {
    inUse: replica.role === 'Primary',
    disk: replica.disk,
    mayPromote,
    score,
    peers: [...replica.peers.values()].map((peer) => ({
      node: peer.node,
      connection: peer.connection,
      replication: peer.replication,
      done: donePercentage(peer, now),
    })),
  };
}

function newPool(name: string, random: RandomStream): StoragePool {
  const properties = new Map([['StorDriver/StorPoolName', name]]);
  const room = 1_073_741_824;
  return { name, uuid: random.uuid(), provider: 'LVM_THIN', properties, totalKib: room, freeKib: room };
}
