import type { Change } from '../../../../src/drivers/sim/api-server/api-server.ts';
import type { Answer, LocalRequest } from '../../../../src/drivers/sim/behaviour.ts';
import type { InsideApi } from '../../../../src/drivers/sim/cluster.ts';
import { ObjectCache, type ObjectChange } from '../../../../src/drivers/real/object-cache.ts';
import type { Json } from '../../../../src/model/json.ts';
import { groupResourceOf, type KubeObject, type ResourceType } from '../../../../src/model/kube.ts';
import type { KubeRequest, Outcome } from '../../../../src/model/request.ts';

export interface PlayedApiSettings {
  readonly site: string;
  /** Types of which a copy is kept. */
  readonly types: readonly ResourceType[];
  perform(request: KubeRequest): Outcome;
  /** A request brought no answer that tells what became of it. */
  onSilence(): void;
}

const changeTypes = { added: 'ADDED', modified: 'MODIFIED', deleted: 'DELETED' } as const;

/**
 * A real API server as what acts inside of its cluster meets it. Reads come from copies, which follow the server's watches; what a
 * write has made is in them when it returns, so that nobody decides on what he has changed himself.
 */
export class PlayedApi implements InsideApi {
  readonly #settings: PlayedApiSettings;
  readonly #copies: ReadonlyMap<string, Copy>;
  readonly #listeners = new Set<(change: Change) => void>();

  constructor(settings: PlayedApiSettings) {
    this.#settings = settings;
    this.#copies = new Map(settings.types.map((type) => [groupResourceOf(type), new Copy()]));
  }

  get(resource: ResourceType, namespace: string, name: string): KubeObject | undefined {
    return this.#copyOf(resource).get(namespace, name);
  }

  list(resource: ResourceType, namespace?: string): readonly KubeObject[] {
    return this.#copyOf(resource).list(namespace);
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether a copy is kept of the objects of a type. */
  follows(resource: ResourceType): boolean {
    return this.#copies.has(groupResourceOf(resource));
  }

  requestFromInside(request: LocalRequest): Answer {
    const outcome = this.#perform(request);
    if (this.follows(request.resource)) this.#learn(request, outcome);
    return answerOf(outcome);
  }

  /** Takes over what a watch or an answer tells of an object. */
  take(resource: ResourceType, object: KubeObject): void {
    this.#announce(resource, this.#copyOf(resource).take(object));
  }

  /** Takes over that an object is gone. */
  remove(resource: ResourceType, object: KubeObject): void {
    this.#announce(resource, this.#copyOf(resource).remove(object));
  }

  #perform(request: LocalRequest): Outcome {
    const outcome = this.#settings.perform({ api: 'kube', site: this.#settings.site, ...request });
    if (outcome.kind === 'unknown') this.#settings.onSilence();
    return outcome;
  }

  /** Follows from the outcome of a write what there is now; asks where the answer leaves it open. */
  #learn(request: LocalRequest, outcome: Outcome): void {
    const { verb, resource } = request;
    if (outcome.kind === 'unknown') return;
    const object =
      outcome.kind === 'applied' && verb !== 'delete' ? (outcome.body as unknown as KubeObject) : undefined;
    if (object !== undefined && !mayBeGone(object)) this.take(resource, object);
    else this.#lookAgain(request, object);
  }

  #lookAgain({ resource, namespace, name, body }: LocalRequest, object: KubeObject | undefined): void {
    const named = name ?? object?.metadata.name ?? (body as unknown as Partial<KubeObject> | undefined)?.metadata?.name;
    if (named === undefined) return;
    const place = namespace === undefined ? {} : { namespace };
    const outcome = this.#perform({ verb: 'get', resource, ...place, name: named });
    if (outcome.kind === 'applied') this.take(resource, outcome.body as unknown as KubeObject);
    const known = this.get(resource, namespace ?? '', named);
    if (outcome.kind === 'refused' && outcome.status === 404 && known !== undefined) this.remove(resource, known);
  }

  #announce(resource: ResourceType, changes: readonly ObjectChange[]): void {
    for (const { type, object, old } of changes) {
      const version = versionOf(object);
      const change: Change = {
        type: changeTypes[type],
        resource,
        object,
        version,
        ...(old === undefined ? {} : { old }),
      };
      for (const listener of this.#listeners) listener(change);
    }
  }

  #copyOf(resource: ResourceType): Copy {
    const copy = this.#copies.get(groupResourceOf(resource));
    if (copy === undefined)
      throw new Error(`No copy is kept of ${groupResourceOf(resource)} in ${this.#settings.site}`);
    return copy;
  }
}

/** The objects of a type. Two sources tell of them, a watch and the answers to writes: what is older is not taken. */
class Copy {
  readonly #objects = new ObjectCache();
  readonly #gone = new Set<string>();

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(namespace, name);
  }

  list(namespace?: string): readonly KubeObject[] {
    return this.#objects.list(namespace);
  }

  take(object: KubeObject): readonly ObjectChange[] {
    const { namespace = '', name, uid = '' } = object.metadata;
    const known = this.get(namespace, name);
    if (this.#gone.has(uid) || (known !== undefined && versionOf(known) >= versionOf(object))) return [];
    return this.#objects.put(object);
  }

  remove(object: KubeObject): readonly ObjectChange[] {
    this.#gone.add(object.metadata.uid ?? '');
    return this.#objects.remove(object);
  }
}

/** True of an object whose deletion this write may have finished: the answer to the last one shows it as if it were still there. */
function mayBeGone({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0;
}

/** Versions of one cluster can be compared as numbers: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions */
function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion);
}

function answerOf(outcome: Outcome): Answer {
  if (outcome.kind === 'applied') return { status: outcome.status, body: outcome.body };
  const { kind, reason, message } = outcome;
  const status = kind === 'refused' ? outcome.status : 503;
  const body: Json = { apiVersion: 'v1', kind: 'Status', status: 'Failure', code: status, reason, message };
  return { status, body };
}
