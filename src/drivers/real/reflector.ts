import { assert } from '../../model/assert.ts';
import { type Instant, type Millis, minute, second } from '../../model/instant.ts';
import { listAt, textAt } from '../../model/json.ts';
import { apiVersionOf, type KubeObject, type ResourceType } from '../../model/kube.ts';
import type { KubeRequestOptions, Outcome } from '../../model/request.ts';
import type { Clock } from '../../runtime/ports.ts';
import { AccessError } from './access-error.ts';
import { BackOff } from './back-off.ts';
import { kubeHttpCall, kubePath } from './kube-request.ts';
import type { Transport } from './kube-transport.ts';
import { ObjectCache, type ObjectChange } from './object-cache.ts';
import { kubeOutcome } from './outcome-of-answer.ts';
import { type WatchEnd, type WatchEvent, watchOnce } from './watch-stream.ts';

export interface ReflectorTimes {
  /** One page of a list, and the head of a watch's answer. */
  readonly callLimit: Millis;
  /** Everything is listed anew at least this often, should an event ever have been missed. */
  readonly relistEvery: Millis;
  /** Two lists are at least this far apart, whatever happens. */
  readonly listPause: Millis;
  /** A watch that says nothing for this long is taken for half-open. Servers send a bookmark about once a minute. */
  readonly silence: Millis;
  /** A watch that lived this long did work: the next failure is a first one. */
  readonly steady: Millis;
  readonly firstBackOff: Millis;
  readonly longestBackOff: Millis;
}

export const reflectorTimes: ReflectorTimes = {
  callLimit: 10 * second,
  relistEvery: 10 * minute,
  listPause: second,
  silence: 90 * second,
  steady: 5 * second,
  firstBackOff: 500,
  longestBackOff: 30 * second,
};

/** A list that the server has refused. */
export type Refusal = Extract<Outcome, { readonly kind: 'refused' }>;

export interface ReflectorSettings {
  /** @throws AccessError; asked again for every call, so that a repaired kubeconfig counts */
  readonly transport: () => Promise<Transport>;
  readonly resource: ResourceType;
  readonly namespace?: string;
  readonly selector?: Pick<KubeRequestOptions, 'labelSelector' | 'fieldSelector'>;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly times?: Partial<ReflectorTimes>;
  readonly onChange: (change: ObjectChange) => void;
  /** The cache is as new as the server: after a list, and after each return of a lost watch. */
  readonly onSynced: () => void;
  /** The cache may be behind from now on, and why; with the server's answer where a list was refused. */
  readonly onStale: (reason: string, refusal?: Refusal) => void;
}

/**
 * Keeps a copy of a collection: list, then watch with bookmarks, resumed where it ended after every error, listed anew on 410 and
 * from time to time. client-node's informer is not used: it ends for ever at the first reset, and floods the server on 410.
 */
export class Reflector {
  readonly #settings: ReflectorSettings;
  readonly #times: ReflectorTimes;
  readonly #cache = new ObjectCache();
  #run: { readonly controller: AbortController; readonly ended: Promise<void> } | undefined;
  #synced = false;

  constructor(settings: ReflectorSettings) {
    this.#settings = settings;
    this.#times = { ...reflectorTimes, ...settings.times };
  }

  /** True while the cache follows the server. */
  get synced(): boolean {
    return this.#synced;
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.#cache.get(namespace, name);
  }

  /** The objects of a namespace, or all that are followed. */
  list(namespace?: string): readonly KubeObject[] {
    return this.#cache.list(namespace);
  }

  /** Begins to follow the server. A second start does nothing. */
  start(): void {
    if (this.#run !== undefined) return;
    const controller = new AbortController();
    this.#run = { controller, ended: this.#follow(controller.signal) };
  }

  /** Ends every call under way; resolves when none is left. No callback comes after it was called. */
  async stop(): Promise<void> {
    const run = this.#run;
    this.#run = undefined;
    this.#synced = false;
    run?.controller.abort(new Error('the reflector was stopped'));
    await run?.ended;
  }

  /** The life of one start. Each run has its own signal: nothing of an earlier run can touch a later one. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#settings;
    const backOff = new BackOff({ first: this.#times.firstBackOff, longest: this.#times.longestBackOff, random });
    let from: string | undefined;
    let listedAt: Instant = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      if (from === undefined || clock.now() >= listedAt + this.#times.relistEvery) {
        await clock.sleepUntil(listedAt + this.#times.listPause, signal);
        if (signal.aborted) return;
        listedAt = clock.now();
        const listed = await this.#list(signal);
        if (typeof listed !== 'string') {
          await this.#rest(listed.reason, backOff.next(), signal, listed.refusal);
          continue;
        }
        from = listed;
      }
      const startedAt = clock.now();
      const watched = await this.#watch(from, listedAt + this.#times.relistEvery, signal);
      if (watched.delivered || clock.now() - startedAt >= this.#times.steady) backOff.reset();
      from = watched.end.kind === 'expired' ? undefined : watched.from;
      await this.#afterWatch(watched.end, clock.now() - startedAt, backOff, signal);
    }
  }

  async #afterWatch(end: WatchEnd, lived: Millis, backOff: BackOff, signal: AbortSignal): Promise<void> {
    if (end.kind === 'closed') {
      // An orderly end after a while is a server's habit; one at once would spin.
      if (lived < this.#times.steady)
        await this.#settings.clock.sleepUntil(this.#settings.clock.now() + backOff.next(), signal);
      return;
    }
    if (end.kind === 'expired') return this.#rest('the history is gone (410)', backOff.next(), signal);
    await this.#rest(end.reason, Math.max(end.retryAfter ?? 0, backOff.next()), signal);
  }

  /** Tells that contact is lost, and waits. */
  async #rest(reason: string, wait: Millis, signal: AbortSignal, refusal?: Refusal): Promise<void> {
    if (signal.aborted) return;
    this.#synced = false;
    this.#settings.onStale(reason, refusal);
    await this.#settings.clock.sleepUntil(this.#settings.clock.now() + wait, signal);
  }

  /** Lists everything, page by page, into the cache; answers the version to watch from. */
  async #list(signal: AbortSignal): Promise<string | { readonly reason: string; readonly refusal?: Refusal }> {
    const objects: KubeObject[] = [];
    let page: string | undefined;
    for (;;) {
      const outcome = await this.#listPage(page, signal);
      if (signal.aborted) return { reason: 'stopped' };
      if (outcome.kind === 'refused') return { reason: outcome.message, refusal: outcome };
      if (outcome.kind === 'unknown') return { reason: outcome.message };
      objects.push(...itemsOf(outcome, this.#settings.resource));
      page = textAt(outcome.body, 'metadata', 'continue');
      if (page !== undefined && page !== '') continue;
      const version = textAt(outcome.body, 'metadata', 'resourceVersion');
      if (version === undefined)
        return { reason: 'the list has no resourceVersion: it is not one of a Kubernetes API' };
      for (const change of this.#cache.replace(objects)) {
        this.#settings.onChange(change);
        if (signal.aborted) return { reason: 'stopped' };
      }
      this.#announceSync();
      return version;
    }
  }

  async #listPage(page: string | undefined, signal: AbortSignal): Promise<Outcome> {
    const options = { ...this.#settings.selector, limit: pageSize, ...(page !== undefined && { continue: page }) };
    const call = kubeHttpCall({ ...this.#collection(), options });
    try {
      const transport = await this.#settings.transport();
      return kubeOutcome(await transport.exchange(call, this.#times.callLimit, signal), 'the server');
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      return { kind: 'unknown', reason: 'unreachable', message: error.message };
    }
  }

  async #watch(from: string, until: Instant, signal: AbortSignal): Promise<Watched> {
    let version = from;
    let delivered = false;
    const takeEvent = (event: WatchEvent): void => {
      version = textAt(event.object, 'metadata', 'resourceVersion') ?? version;
      delivered = true;
      for (const change of this.#changesOf(event)) this.#settings.onChange(change);
    };
    try {
      const end = await watchOnce({
        transport: await this.#settings.transport(),
        call: { method: 'GET', path: this.#watchPath(from, until), headers: { accept: 'application/json' } },
        connectLimit: this.#times.callLimit,
        silence: this.#times.silence,
        lifetime: Math.max(0, until - this.#settings.clock.now()),
        signal,
        onOpen: () => this.#announceSync(),
        onEvent: takeEvent,
      });
      return { end, from: version, delivered };
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      return { end: { kind: 'failed', reason: error.message }, from: version, delivered };
    }
  }

  #changesOf(event: WatchEvent): readonly ObjectChange[] {
    if (event.type === 'BOOKMARK') return [];
    return event.type === 'DELETED' ? this.#cache.remove(event.object) : this.#cache.put(event.object);
  }

  #announceSync(): void {
    if (this.#synced) return;
    this.#synced = true;
    this.#settings.onSynced();
  }

  #watchPath(from: string, until: Instant): string {
    const { clock, selector = {} } = this.#settings;
    const seconds = Math.max(1, Math.ceil((until - clock.now()) / 1000));
    const query = new URLSearchParams({
      ...selector,
      watch: '1',
      resourceVersion: from,
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(seconds),
    });
    return `${kubePath(this.#collection())}?${query.toString()}`;
  }

  #collection() {
    const { resource, namespace } = this.#settings;
    assert(resource.namespaced || namespace === undefined, `${resource.plural} have no namespace`);
    return { api: 'kube', site: '', verb: 'list', resource, ...(namespace !== undefined && { namespace }) } as const;
  }
}

interface Watched {
  readonly end: WatchEnd;
  /** The version to go on from. */
  readonly from: string;
  readonly delivered: boolean;
}

const pageSize = 500;

/** The items of a list. A list does not repeat apiVersion and kind in each of them; a watch does. */
function itemsOf(outcome: Extract<Outcome, { kind: 'applied' }>, resource: ResourceType): readonly KubeObject[] {
  return listAt(outcome.body, 'items').map(
    (item) => ({ apiVersion: apiVersionOf(resource), kind: resource.kind, ...(item as object) }) as KubeObject,
  );
}
