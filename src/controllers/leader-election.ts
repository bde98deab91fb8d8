import { type Instant, microTimestamp, type Millis, second } from '../model/instant.ts';
import type { Json } from '../model/json.ts';
import { apiVersionOf, type KubeObject, resources } from '../model/kube.ts';
import {
  heldSpec,
  leaseDuration,
  type LeaseReading,
  leaseReadingOf,
  leaseRenewal,
  type LeaseSighting,
  mayTake,
  sight,
} from '../model/lease.ts';
import type { KubeRequest, Outcome } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import type { Clock, Driver, Log } from '../runtime/ports.ts';

export interface ElectionSettings {
  readonly site: SiteName;
  readonly namespace: string;
  /** Name of the Lease: of the controller. */
  readonly name: string;
  /** Who this process is. */
  readonly identity: string;
  readonly driver: Pick<Driver, 'perform'>;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** How often a process that is not the leader tries to be. */
const retry: Millis = 2 * second;
/** How soon a renewal that came to nothing is tried again. */
const hurry: Millis = second;
/** The longest that a request may be under way. */
const callTime: Millis = 5 * second;
/**
 * How long after a renewal was sent a leader may still change anything. What it sends at the last moment has arrived, or has
 * been given up, when the next leader may begin.
 */
const actTime: Millis = leaseDuration - callTime;

/**
 * Makes sure that one process at a time works for a cluster: the one that holds a Lease there, by the rules of
 * `src/model/lease.ts`. A process that cannot renew stops by its own clock, before another one may begin.
 */
export class LeaderElection {
  readonly #settings: ElectionSettings;
  /** When the request was sent that took the Lease, or renewed it, last. */
  #renewedAt: Instant = Number.NEGATIVE_INFINITY;
  #sighting: LeaseSighting | undefined;
  #told: string | undefined;

  constructor(settings: ElectionSettings) {
    this.#settings = settings;
  }

  /** True while this process may change something. */
  get mayAct(): boolean {
    return this.#settings.clock.now() < this.#renewedAt + actTime;
  }

  /**
   * Waits to be the leader, works as one until that is lost, and so on until the end is asked for. `lead` gets a signal to end
   * by, and resolves when nothing of it is under way any more; the Lease is let go of after that.
   */
  async run(lead: (signal: AbortSignal) => Promise<void>, ending: AbortSignal): Promise<void> {
    const { log, clock, identity } = this.#settings;
    while (!ending.aborted) {
      if (await this.#take()) {
        log.info('leader_elected', { identity });
        const isKept = await this.#whileLeading(lead, ending);
        if (isKept) await this.#release();
        else log.warn('leader_lost', { identity });
        this.#renewedAt = Number.NEGATIVE_INFINITY;
      }
      await clock.sleepUntil(clock.now() + retry * (1 + this.#settings.random() / 2), ending);
    }
  }

  /** Leads until the work has ended. False when the Lease was lost. */
  async #whileLeading(lead: (signal: AbortSignal) => Promise<void>, ending: AbortSignal): Promise<boolean> {
    const { clock } = this.#settings;
    const lost = new AbortController();
    const done = new AbortController();
    const work = lead(AbortSignal.any([ending, lost.signal])).finally(() => done.abort());
    let next = this.#renewedAt + leaseRenewal;
    while (!done.signal.aborted && !lost.signal.aborted) {
      await clock.sleepUntil(next, done.signal);
      if (done.signal.aborted) break;
      next = clock.now() + ((await this.#renew()) ? leaseRenewal : hurry);
      if (!this.mayAct) lost.abort();
    }
    await work;
    return !lost.signal.aborted;
  }

  async #take(): Promise<boolean> {
    const { driver, clock, identity } = this.#settings;
    const read = await driver.perform(this.#request('get'));
    const isAbsent = read.kind === 'refused' && read.status === 404;
    if (read.kind !== 'applied' && !isAbsent) {
      this.#tellOnce(`The Lease cannot be read: ${read.message}`);
      return false;
    }
    const lease = read.kind === 'applied' ? leaseReadingOf(read.body as unknown as KubeObject) : undefined;
    this.#sighting = sight(lease, this.#sighting, clock.now());
    if (!mayTake(lease, this.#sighting, identity, clock.now())) {
      this.#tellOnce(`The leader is ${lease?.holder ?? ''}`);
      return false;
    }
    const sentAt = clock.now();
    const taken = await driver.perform(this.#takeRequest(lease, sentAt));
    if (taken.kind === 'applied') this.#renewedAt = sentAt;
    // Somebody else was quicker.
    else if (!isConflict(taken)) this.#tellOnce(`The Lease cannot be taken: ${taken.message}`);
    return taken.kind === 'applied';
  }

  async #renew(): Promise<boolean> {
    const { driver, clock } = this.#settings;
    const sentAt = clock.now();
    const outcome = await driver.perform(
      this.#patchWhileOurs({ op: 'replace', path: '/spec/renewTime', value: microTimestamp(sentAt) }),
    );
    if (outcome.kind === 'applied') this.#renewedAt = sentAt;
    else this.#tellOnce(`The Lease was not renewed: ${outcome.message}`);
    // Another has it, or nobody: it is lost at once, and not when its time is over.
    if (outcome.kind !== 'applied' && isConflict(outcome)) this.#renewedAt = Number.NEGATIVE_INFINITY;
    return outcome.kind === 'applied';
  }

  /** The next leader need not wait for the Lease to run out. */
  async #release(): Promise<void> {
    const { driver, log, identity } = this.#settings;
    const value = { op: 'replace', path: '/spec/holderIdentity', value: '' };
    const outcome = await driver.perform(this.#patchWhileOurs(value));
    if (outcome.kind === 'applied') log.info('leader_released', { identity });
  }

  #takeRequest(lease: LeaseReading | undefined, now: Instant): KubeRequest {
    const { namespace, name, identity } = this.#settings;
    const spec = heldSpec(identity, now, lease === undefined ? 0 : lease.transitions + 1);
    if (lease !== undefined) {
      const body = { metadata: { resourceVersion: lease.resourceVersion }, spec };
      return { ...this.#request('patch'), patch: 'merge', body };
    }
    const { name: _, ...place } = this.#request('create');
    const { kind } = resources.lease;
    return { ...place, body: { apiVersion: apiVersionOf(resources.lease), kind, metadata: { name, namespace }, spec } };
  }

  /** The `test` makes the server refuse it when the Lease is another's. */
  #patchWhileOurs(operation: Json): KubeRequest {
    const test = { op: 'test', path: '/spec/holderIdentity', value: this.#settings.identity };
    return { ...this.#request('patch'), patch: 'json', body: [test, operation] };
  }

  #request(verb: KubeRequest['verb']): KubeRequest {
    const { site, namespace, name } = this.#settings;
    return { api: 'kube', site, verb, resource: resources.lease, namespace, name };
  }

  /** What is so for a while is told of once. */
  #tellOnce(message: string): void {
    if (this.#told === message) return;
    this.#told = message;
    this.#settings.log.info('leader_election', { identity: this.#settings.identity, message });
  }
}

/** The Lease is not as it was thought to be: changed meanwhile, another's, or deleted. */
function isConflict(outcome: Outcome): boolean {
  return outcome.kind === 'refused' && [404, 409, 422].includes(outcome.status);
}
