import type { Instant, Millis } from '../../model/instant.ts';
import type { KubeObject, ResourceType } from '../../model/kube.ts';
import { groupResourceOf } from '../../model/kube.ts';
import type { ApiServer, Change } from './api-server/api-server.ts';
import type { Answer, Behaviour, ClusterPort, LocalRequest, ObjectKey } from './behaviour.ts';
import type { WorldEvent } from './event-queue.ts';
import type { Randomness, RandomStream } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What a cluster needs of the world around it. */
export interface ClusterSurroundings {
  readonly scheduler: Scheduler;
  readonly randomness: Randomness;
  wall(): Instant;
  nodeIsUp(cluster: string, node: string): boolean;
}

interface Turn {
  /** Its number in the cluster. */
  readonly behaviour: number;
  readonly object: ObjectKey;
  readonly at: Millis;
}

interface PlannedTurn {
  readonly id: number;
  readonly turn: Turn;
}

/** A behaviour of this cluster, with its planned turns: they are few, and looking through them costs less than a key does. */
interface Entry {
  readonly number: number;
  readonly behaviour: Behaviour;
  readonly port: ClusterPort;
  readonly turns: PlannedTurn[];
}

/**
 * An API server as what acts inside of its cluster needs it: answers come at once, and what was written is read by the next read.
 * The simulated one, or a real one of which a copy is kept.
 */
export type InsideApi = Pick<ApiServer, 'get' | 'list' | 'onChange' | 'requestFromInside'>;

/**
 * One simulated Kubernetes cluster: its API server, and the behaviours that act on its objects. A change wakes every
 * behaviour that watches the type, after that behaviour's lag; several changes before the turn are one turn.
 */
export class Cluster<Api extends InsideApi = ApiServer> {
  readonly name: string;
  readonly api: Api;
  #surroundings: ClusterSurroundings;
  #eventKind: string;
  #behaviours: Entry[] = [];
  /** Who watches a resource, by the very object that names it in changes. */
  #watchersOf = new Map<ResourceType, readonly Entry[]>();
  #suspended = new Set<string>();

  constructor(name: string, api: Api, surroundings: ClusterSurroundings) {
    this.name = name;
    this.api = api;
    this.#eventKind = `cluster.${name}`;
    this.#surroundings = surroundings;
    api.onChange((change) => this.#wakeWatchers(change));
  }

  /** Adds a behaviour; objects that exist already wake it too. */
  addBehaviour(behaviour: Behaviour): void {
    const number = this.#behaviours.length;
    const port = new Port(this, number, behaviour, this.#surroundings);
    const entry: Entry = { number, behaviour, port, turns: [] };
    this.#behaviours.push(entry);
    this.#watchersOf.clear();
    this.#planAll(entry);
  }

  /** Stops a behaviour from acting (its process is down); what it misses it does when it resumes. */
  suspend(behaviourName: string): void {
    this.#suspended.add(behaviourName);
  }

  resume(behaviourName: string): void {
    if (!this.#suspended.delete(behaviourName)) return;
    for (const entry of this.#behaviours) if (entry.behaviour.name === behaviourName) this.#planAll(entry);
  }

  /** Makes a behaviour look at an object for a reason that is no change of the object: its guest, its device. */
  wake(behaviourName: string, object: ObjectKey): void {
    for (const entry of this.#behaviours) {
      const { behaviour } = entry;
      if (behaviour.name === behaviourName) this.#planTurn(entry, object, behaviour.lag);
    }
  }

  /** Runs the turn that was planned as this event. */
  handle(event: WorldEvent): void {
    const { behaviour: number, object } = event.payload as Turn;
    const { turns, behaviour, port } = this.#behaviours[number] as Entry;
    const place = placeOf(turns, object);
    if (turns[place]?.id === event.id) takeOut(turns, place);
    if (!this.#suspended.has(behaviour.name)) behaviour.reconcile(port, object);
  }

  /** Plans a turn of a behaviour `delay` from now, unless an earlier one is planned. */
  planTurnAfter(behaviour: number, object: ObjectKey, delay: Millis): void {
    this.#planTurn(this.#behaviours[behaviour] as Entry, object, delay);
  }

  #planAll(entry: Entry): void {
    const { behaviour } = entry;
    for (const type of behaviour.watches) {
      for (const found of this.api.list(type)) {
        this.#planTurn(entry, keyOf(type, found), behaviour.lag);
      }
    }
  }

  #wakeWatchers(change: Change): void {
    const { resource } = change;
    let watchers = this.#watchersOf.get(resource);
    if (watchers === undefined) {
      const name = groupResourceOf(resource);
      watchers = this.#behaviours.filter(({ behaviour }) =>
        behaviour.watches.some((type) => groupResourceOf(type) === name),
      );
      this.#watchersOf.set(resource, watchers);
    }
    if (watchers.length === 0) return;
    const object = keyOf(resource, change.object);
    for (const entry of watchers) {
      const { behaviour } = entry;
      if (behaviour.concerns?.(change) !== false) this.#planTurn(entry, object, behaviour.lag);
    }
  }

  #planTurn({ number, turns }: Entry, object: ObjectKey, delay: Millis): void {
    const { scheduler } = this.#surroundings;
    const at = scheduler.now + delay;
    const place = placeOf(turns, object);
    const planned = turns[place];
    if (planned !== undefined) {
      if (planned.turn.at <= at) return;
      scheduler.cancel(planned.id);
      takeOut(turns, place);
    }
    const turn: Turn = { behaviour: number, object, at };
    turns.push({ id: scheduler.schedule(delay, this.#eventKind, object.name, turn), turn });
  }
}

class Port implements ClusterPort {
  readonly cluster: string;
  readonly random: RandomStream;
  readonly storesEvents: boolean;
  #owner: Cluster<InsideApi>;
  #number: number;
  #surroundings: ClusterSurroundings;

  constructor(
    owner: Cluster<InsideApi>,
    number: number,
    { name, silent }: Behaviour,
    surroundings: ClusterSurroundings,
  ) {
    this.cluster = owner.name;
    this.random = surroundings.randomness.stream(`${owner.name}/${name}`);
    this.storesEvents = silent !== true;
    this.#owner = owner;
    this.#number = number;
    this.#surroundings = surroundings;
  }

  get now(): Millis {
    return this.#surroundings.scheduler.now;
  }

  get wallNow(): Instant {
    return this.#surroundings.wall();
  }

  get(resource: ResourceType, namespace: string, name: string): KubeObject | undefined {
    return this.#owner.api.get(resource, namespace, name);
  }

  list(resource: ResourceType, namespace?: string): readonly KubeObject[] {
    return this.#owner.api.list(resource, namespace);
  }

  request(request: LocalRequest): Answer {
    return this.#owner.api.requestFromInside(request);
  }

  wakeAt(at: Millis, key: ObjectKey): void {
    this.#owner.planTurnAfter(this.#number, key, Math.max(0, at - this.now));
  }

  nodeIsUp(node: string): boolean {
    return this.#surroundings.nodeIsUp(this.cluster, node);
  }
}

/** Where the turn for an object is; -1 when none is planned. */
function placeOf(turns: readonly PlannedTurn[], { resource, namespace, name }: ObjectKey): number {
  for (let place = 0; place < turns.length; place++) {
    const { object } = (turns[place] as PlannedTurn).turn;
    if (object.name !== name || object.namespace !== namespace) continue;
    if (object.resource === resource || object.resource.plural === resource.plural) return place;
  }
  return -1;
}

/** Their order says nothing. */
function takeOut(turns: PlannedTurn[], place: number): void {
  const last = turns.pop();
  if (last !== undefined && place < turns.length) turns[place] = last;
}

function keyOf(resource: ResourceType, object: KubeObject): ObjectKey {
  return { resource, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}
