import type { Json } from '../../model/json.ts';
import type { KubeObject, ResourceType } from '../../model/kube.ts';
import type { Instant, Millis } from '../../model/instant.ts';
import type { KubeRequest } from '../../model/request.ts';
import type { Change } from './api-server/object-store.ts';
import type { RandomStream } from './random.ts';

/** Names one object of one cluster. `namespace` is '' for cluster-scoped objects. */
export interface ObjectKey {
  readonly resource: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

/** A request of a behaviour: always to its own cluster. */
export interface LocalRequest extends Omit<KubeRequest, 'api' | 'site'> {
  /** Paths of fields that the text of the body gave more than once. */
  readonly repeatedFields?: readonly string[];
}

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/**
 * What a behaviour may use of the cluster it acts on. Behaviours are level-triggered: they read the present objects,
 * issue what is missing and never count on having seen a change; so the same behaviour can act on a real API server,
 * where reads come from a cache and answers arrive later.
 */
export interface ClusterPort {
  readonly cluster: string;
  /** World time, in which delays are counted. */
  readonly now: Millis;
  /** Wall time of the world, for timestamps in objects. */
  readonly wallNow: Instant;
  get(resource: ResourceType, namespace: string, name: string): KubeObject | undefined;
  list(resource: ResourceType, namespace?: string): readonly KubeObject[];
  /** Sends a request. The answer is for messages and Events only; decisions come from the next read. */
  request(request: LocalRequest): Answer;
  /** Runs this behaviour again for the key at a world time (the earliest one asked for wins). */
  wakeAt(at: Millis, key: ObjectKey): void;
  /** False in a world where nobody reads Events: none are stored. */
  readonly storesEvents: boolean;
  /** Chance, in streams named after the behaviour. */
  readonly random: RandomStream;
  /** False while the node is without power or crashed. */
  nodeIsUp(node: string): boolean;
}

/** Something that acts on the objects of a cluster: a controller of Kubernetes or KubeVirt, a node agent, a CSI side car. */
export interface Behaviour {
  readonly name: string;
  readonly watches: readonly ResourceType[];
  /** Delay from a change to the reaction, in world milliseconds. */
  readonly lag: Millis;
  /** False for a change that gives it nothing to do: an event handler's filter. Every change concerns it when absent. */
  concerns?(change: Change): boolean;
  /** True: its Events are not stored. */
  readonly silent?: boolean;
  reconcile(port: ClusterPort, key: ObjectKey): void;
}
