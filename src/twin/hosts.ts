import type { Origin } from '../drivers/sim/network.ts';
import type { World } from '../drivers/sim/world.ts';
import type { Instant, Millis } from '../model/instant.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';
import type { SimHost, SimTransport } from '../runtime/sim-host.ts';

/** How long a request is on its way, one direction, in world time. */
const transitTime: Millis = 3;

/** How long a host waits for an answer, in wall time: as the live driver does. */
const kubeTimeout: Millis = 5_000;
const linstorTimeout: Millis = 10_000;

/** What the set needs of a host: a `SimHost` of any machine. */
type AnyHost = Pick<SimHost<never, never>, 'id' | 'end' | 'wake' | 'receive'>;

interface Sent {
  readonly requests: readonly ApiRequest[];
}

/** The hosts that live inside a world, and the wires between them and the sites. */
export class HostSet {
  #world: World;
  #hosts = new Map<string, { readonly host: AnyHost; readonly origin: Origin }>();
  #wakes = new Map<string, { readonly id: number; readonly at: Millis }>();

  constructor(world: World) {
    this.#world = world;
    world.route('host', (event) => {
      const entry = this.#hosts.get(event.key);
      if (entry === undefined) return;
      if (event.kind === 'host.arrive') this.#arrive(event.key, entry.origin, event.payload as Sent);
      else if (event.kind === 'host.answer') this.#answer(entry.host, event.payload as readonly Outcome[]);
      else this.#wake(entry.host);
    });
  }

  get(id: string): AnyHost | undefined {
    return this.#hosts.get(id)?.host;
  }

  /** Puts a host at a place and wakes it. */
  start(host: AnyHost, origin: Origin): void {
    this.#hosts.set(host.id, { host, origin });
    this.wakeSoon(host.id, 0);
  }

  /** Takes a host out, as a crash would: what it has sent may still arrive, no answer reaches it. */
  remove(id: string): void {
    this.#hosts.delete(id);
    const wake = this.#wakes.get(id);
    if (wake !== undefined) this.#world.cancel(wake.id);
    this.#wakes.delete(id);
  }

  /** Wakes a host after a delay of world time, unless it is to wake before that. */
  wakeSoon(id: string, delay: Millis): void {
    if (this.#hosts.has(id)) this.#planWake(id, delay);
  }

  /** The transport that hosts are made with. */
  readonly transport: SimTransport = {
    wall: (): Instant => this.#world.wall(),
    send: (hostId, requests) => {
      this.#world.schedule(transitTime, 'host.arrive', hostId, { requests } satisfies Sent);
    },
    wakeAt: (hostId, at) => this.#planWake(hostId, Math.max(1, this.#world.worldTimeOf(at) - this.#world.now)),
  };

  #planWake(id: string, delay: Millis): void {
    const planned = this.#wakes.get(id);
    // A look too many does no harm; one that a change has asked for must not be lost to a later plan.
    if (planned !== undefined && planned.at <= this.#world.now + delay) return;
    if (planned !== undefined) this.#world.cancel(planned.id);
    this.#wakes.set(id, { id: this.#world.schedule(delay, 'host.wake', id), at: this.#world.now + delay });
  }

  #wake(host: AnyHost): void {
    this.#wakes.delete(host.id);
    host.wake();
  }

  #arrive(hostId: string, origin: Origin, { requests }: Sent): void {
    let wait = transitTime;
    const outcomes = requests.map((request): Outcome => {
      const outcome = this.#world.perform(request, origin);
      if (outcome.kind !== 'hang') return outcome;
      const limit = request.api === 'linstor' ? linstorTimeout : kubeTimeout;
      wait = Math.max(wait, limit * this.#world.settings.speed);
      return {
        kind: 'unknown',
        reason: 'timeout',
        message: `${placeOf(request)} did not answer within ${limit / 1000} s`,
      };
    });
    this.#world.schedule(wait, 'host.answer', hostId, outcomes);
  }

  #answer(host: AnyHost, outcomes: readonly Outcome[]): void {
    host.receive(outcomes);
    if (host.end !== undefined) this.remove(host.id);
  }
}

function placeOf(request: ApiRequest): string {
  return request.api === 'linstor' ? 'LINSTOR' : request.site;
}
