import type { Origin } from '../drivers/sim/network.ts';
import type { World } from '../drivers/sim/world.ts';
import type { MachineRecord } from '../machines/definition.ts';
import type { Instant, Millis } from '../model/instant.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';
import type { Breach } from '../runtime/breach.ts';
import type { SimHost, SimTransport } from '../runtime/sim-host.ts';
import type { TraceWriter } from '../runtime/trace.ts';
import { productMachines, type TwinMachines } from './machines.ts';

/** How long a request is on its way, one direction, in world time. */
const transitTime: Millis = 3;

/** How long a host waits for an answer, in wall time: as the live driver does. */
const kubeTimeout: Millis = 5_000;
const linstorTimeout: Millis = 10_000;

/** What the set needs of a host: a `SimHost` of any machine. */
interface AnyHost extends Pick<SimHost<never, never>, 'id' | 'end' | 'wake' | 'receive'> {
  readonly record: MachineRecord<unknown>;
}

interface Entry {
  readonly host: AnyHost;
  readonly origin: Origin;
  /** Counts the hosts that have been started: one that takes the place of another must not hear its answers. */
  readonly life: number;
}

interface Sent {
  readonly requests: readonly ApiRequest[];
  readonly origin: Origin;
  readonly life: number;
}

interface Answered {
  readonly outcomes: readonly Outcome[];
  readonly life: number;
}

/**
 * Stands between a host and the sites: what comes of a request, which `perform` carries out. It may leave it out, or keep
 * the answer back, or take the host away. `index`: the place of the request among those that were sent together, from 0.
 */
export type Interceptor = (
  hostId: string,
  request: ApiRequest,
  perform: () => Outcome | { readonly kind: 'hang' },
  index: number,
) => Outcome | { readonly kind: 'hang' };

/** What a host has sent and what the sites answer, as it sets out for the host. */
export interface Exchange {
  readonly hostId: string;
  readonly requests: readonly ApiRequest[];
  readonly outcomes: readonly Outcome[];
  /** World time until the host hears of it. */
  readonly heardIn: Millis;
}

/** The hosts that live inside a world, and the wires between them and the sites. */
export class HostSet {
  #world: World;
  #hosts = new Map<string, Entry>();
  #lives = 0;
  #intercept: Interceptor | undefined;
  #breachListeners: ((hostId: string, breach: Breach) => void)[] = [];
  #exchangeListeners: ((exchange: Exchange) => void)[] = [];
  /** What the hosts are to step. */
  readonly machines: TwinMachines;
  #wakes = new Map<string, { readonly id: number; readonly at: Millis }>();

  constructor(world: World, machines: TwinMachines = productMachines) {
    this.#world = world;
    this.machines = machines;
    world.route('host', (event) => {
      if (event.kind === 'host.arrive') this.#arrive(event.key, event.payload as Sent);
      else if (event.kind === 'host.answer') this.#answer(event.key, event.payload as Answered);
      else this.#wake(event.key);
    });
  }

  /** Puts something between the hosts and the sites. */
  intercept(interceptor: Interceptor): void {
    this.#intercept = interceptor;
  }

  /** Tells of passes that hosts have dropped, since they would have broken a promise. */
  onBreach(listener: (hostId: string, breach: Breach) => void): void {
    this.#breachListeners.push(listener);
  }

  /** Tells of everything that hosts send, with the answers. */
  onExchange(listener: (exchange: Exchange) => void): void {
    this.#exchangeListeners.push(listener);
  }

  /** The hosts that are there. */
  ids(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  get(id: string): AnyHost | undefined {
    return this.#hosts.get(id)?.host;
  }

  /** Puts a host at a place and wakes it. */
  start(host: AnyHost, origin: Origin): void {
    this.#lives += 1;
    this.#hosts.set(host.id, { host, origin, life: this.#lives });
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

  /** From now on the writer is told what the hosts do. */
  traceTo(writer: TraceWriter): void {
    this.transport.trace = writer;
  }

  /** The transport that hosts are made with. */
  readonly transport: Omit<SimTransport, 'trace'> & { trace: TraceWriter | undefined } = {
    trace: undefined,
    wall: (): Instant => this.#world.wall(),
    send: (hostId, requests) => {
      const entry = this.#hosts.get(hostId);
      if (entry === undefined) return;
      const { origin, life } = entry;
      this.#world.schedule(transitTime, 'host.arrive', hostId, { requests, origin, life } satisfies Sent);
    },
    onBreach: (hostId, breach) => {
      for (const listener of this.#breachListeners) listener(hostId, breach);
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

  #wake(hostId: string): void {
    this.#wakes.delete(hostId);
    this.#hosts.get(hostId)?.host.wake();
  }

  #arrive(hostId: string, { requests, origin, life }: Sent): void {
    let wait = transitTime;
    const outcomes = requests.map((request, index): Outcome => {
      const outcome =
        this.#intercept === undefined
          ? this.#world.perform(request, origin)
          : this.#intercept(hostId, request, () => this.#world.perform(request, origin), index);
      if (outcome.kind !== 'hang') return outcome;
      const limit = request.api === 'linstor' ? linstorTimeout : kubeTimeout;
      wait = Math.max(wait, limit * this.#world.settings.speed);
      return {
        kind: 'unknown',
        reason: 'timeout',
        message: `${placeOf(request)} did not answer within ${limit / 1000} s`,
      };
    });
    for (const listener of this.#exchangeListeners) listener({ hostId, requests, outcomes, heardIn: wait });
    this.#world.schedule(wait, 'host.answer', hostId, { outcomes, life } satisfies Answered);
  }

  #answer(hostId: string, { outcomes, life }: Answered): void {
    const entry = this.#hosts.get(hostId);
    if (entry?.life !== life) return;
    entry.host.receive(outcomes);
    if (entry.host.end !== undefined) this.remove(hostId);
  }
}

function placeOf(request: ApiRequest): string {
  return request.api === 'linstor' ? 'LINSTOR' : request.site;
}
