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
  readonly behaviour: number;
  readonly object: ObjectKey;
}

/**
 * One simulated Kubernetes cluster: its API server, and the behaviours that act on its objects. A change wakes every
 * behaviour that watches the type, after that behaviour's lag; several changes before the turn are one turn.
 */
export class Cluster {
  readonly name: string;
  readonly api: ApiServer;
  #surroundings: ClusterSurroundings;
  #behaviours: { readonly behaviour: Behaviour; readonly port: ClusterPort }[] = [];
  #watchersOf = new Map<string, number[]>();
  #turns = new Map<string, { readonly id: number; readonly at: Millis }>();
  #suspended = new Set<string>();

  constructor(name: string, api: ApiServer, surroundings: ClusterSurroundings) {
    this.name = name;
    this.api = api;
    this.#surroundings = surroundings;
    api.onChange((change) => this.#wakeWatchers(change));
  }

  /** Adds a behaviour; objects that exist already wake it too. */
  addBehaviour(behaviour: Behaviour): void {
    const index = this.#behaviours.length;
    this.#behaviours.push({ behaviour, port: new Port(this, index, behaviour.name, this.#surroundings) });
    for (const type of behaviour.watches) {
      const key = groupResourceOf(type);
      const watchers = this.#watchersOf.get(key);
      if (watchers === undefined) this.#watchersOf.set(key, [index]);
      else watchers.push(index);
      for (const object of this.api.list(type)) this.#planTurn(index, keyOf(type, object), behaviour.lag);
    }
  }

  /** Stops a behaviour from acting (its process is down); what it misses it does when it resumes. */
  suspend(behaviourName: string): void {
    this.#suspended.add(behaviourName);
  }

  resume(behaviourName: string): void {
    if (!this.#suspended.delete(behaviourName)) return;
    this.#behaviours.forEach(({ behaviour }, index) => {
      if (behaviour.name !== behaviourName) return;
      for (const type of behaviour.watches) {
        for (const object of this.api.list(type)) this.#planTurn(index, keyOf(type, object), behaviour.lag);
      }
    });
  }

  /** Makes a behaviour look at an object for a reason that is no change of the object: its guest, its device. */
  wake(behaviourName: string, object: ObjectKey): void {
    this.#behaviours.forEach(({ behaviour }, index) => {
      if (behaviour.name === behaviourName) this.#planTurn(index, object, behaviour.lag);
    });
  }

  /** Runs the turn that was planned as this event. */
  handle(event: WorldEvent): void {
    const turn = event.payload as Turn;
    this.#turns.delete(event.key);
    const entry = this.#behaviours[turn.behaviour];
    if (entry === undefined || this.#suspended.has(entry.behaviour.name)) return;
    entry.behaviour.reconcile(entry.port, turn.object);
  }

  /** Plans a turn of a behaviour `delay` from now, unless an earlier one is planned. */
  planTurnAfter(behaviour: number, object: ObjectKey, delay: Millis): void {
    this.#planTurn(behaviour, object, delay);
  }

  #wakeWatchers(change: Change): void {
    const watchers = this.#watchersOf.get(groupResourceOf(change.resource));
    if (watchers === undefined) return;
    const object = keyOf(change.resource, change.object);
    for (const index of watchers) {
      const entry = this.#behaviours[index];
      if (entry !== undefined) this.#planTurn(index, object, entry.behaviour.lag);
    }
  }

  #planTurn(behaviour: number, object: ObjectKey, delay: Millis): void {
    const { scheduler } = this.#surroundings;
    const key = `${this.name}|${behaviour}|${object.resource.plural}|${object.namespace}|${object.name}`;
    const at = scheduler.now + delay;
    const planned = this.#turns.get(key);
    if (planned !== undefined) {
      if (planned.at <= at) return;
      scheduler.cancel(planned.id);
    }
    const turn: Turn = { behaviour, object };
    this.#turns.set(key, { id: scheduler.schedule(delay, `cluster.${this.name}`, key, turn), at });
  }
}

class Port implements ClusterPort {
  readonly cluster: string;
  readonly random: RandomStream;
  #owner: Cluster;
  #index: number;
  #surroundings: ClusterSurroundings;

  constructor(owner: Cluster, index: number, behaviourName: string, surroundings: ClusterSurroundings) {
    this.cluster = owner.name;
    this.random = surroundings.randomness.stream(`${owner.name}/${behaviourName}`);
    this.#owner = owner;
    this.#index = index;
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
    return this.#owner.api.request(request);
  }

  wakeAt(at: Millis, key: ObjectKey): void {
    this.#owner.planTurnAfter(this.#index, key, Math.max(0, at - this.now));
  }

  nodeIsUp(node: string): boolean {
    return this.#surroundings.nodeIsUp(this.cluster, node);
  }
}

function keyOf(resource: ResourceType, object: KubeObject): ObjectKey {
  return { resource, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}
