import type { Origin } from '../drivers/sim/network.ts';
import type { World } from '../drivers/sim/world.ts';
import type { MachineRecord } from '../machines/definition.ts';
import type { Instant, Millis } from '../model/instant.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';
import type { Breach } from '../runtime/breach.ts';
import type { SimHost, SimTransport } from '../runtime/sim-host.ts';
import type { TraceWriter } from '../runtime/trace.ts';
import { productMachines, type TwinMachines } from './machines.ts';
import { type Answer, Wires } from './wires.ts';

/** How long a request is on its way, one direction, in world time. */
const transitTime: Millis = 3;

/** How long a host waits for an answer, in wall time: as the live driver does. */
const kubeTimeout: Millis = 5_000;
const linstorTimeout: Millis = 10_000;
const execTimeout: Millis = 10_000;

/** A server drops what it could not take up for a minute: the default of kube-apiserver's --request-timeout. */
const longestHold: Millis = 60_000;

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
  /** World time at which it was sent, when it was held up on its way. */
  readonly heldSince?: Millis;
  /** Its host stood still before it came to send it. */
  readonly isUnsent?: true;
}

interface Answered {
  readonly outcomes: readonly Outcome[];
  readonly life: number;
}

/**
 * Stands between a host and the sites: what comes of a request, which `perform` carries out. It may leave it out, or keep
 * the answer back, or take the host away. `unsent`: the host has not come to send it yet, which it does when it goes on.
 * `index`: the place of the request among those that were sent together, from 0. `sentAt`: world time at which it was sent.
 */
export type Interceptor = (
  hostId: string,
  request: ApiRequest,
  perform: () => Answer,
  index: number,
  sentAt: Millis,
) => Answer | { readonly kind: 'unsent' };

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
  #trace: TraceWriter | undefined;
  /** Hosts that stand still, with the world time at which they go on. */
  #paused = new Map<string, Millis>();
  /** The ways between the hosts and the sites. */
  readonly wires = new Wires();

  constructor(world: World, machines: TwinMachines = productMachines) {
    this.#world = world;
    this.machines = machines;
    world.route('host', (event) => {
      if (event.kind === 'host.arrive') this.#arrive(event.key, event.payload as Sent);
      else if (event.kind === 'host.answer') this.#answer(event.key, event.payload as Answered);
      else if (event.kind === 'host.news') this.#hear(event.key);
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
    this.#planWake(host.id, 0);
  }

  /** Makes a host stand still, as a process does that gets no processor: it sends and hears nothing until it goes on. */
  pause(id: string, duration: Millis): void {
    if (this.#hosts.has(id)) this.#paused.set(id, this.#world.now + duration);
  }

  /** Takes a host out, as a crash would: what it has sent may still arrive, no answer reaches it. */
  remove(id: string): void {
    this.#hosts.delete(id);
    this.#paused.delete(id);
    const wake = this.#wakes.get(id);
    if (wake !== undefined) this.#world.cancel(wake.id);
    this.#wakes.delete(id);
  }

  /** Tells a host of a change: it wakes after a delay of world time, unless it is to wake before that. */
  wakeSoon(id: string, delay: Millis): void {
    const entry = this.#hosts.get(id);
    if (entry === undefined) return;
    if (this.wires.isQuiet) return this.#planWake(id, delay);
    for (const late of this.wires.newsDelays(entry.origin)) this.#world.schedule(delay + late, 'host.news', id);
  }

  /** From now on the writer is told what the hosts do. */
  traceTo(writer: TraceWriter): void {
    this.#trace = writer;
  }

  /** The transport that the hosts of a place are made with: they know the time by the clock of that place. */
  transportAt(place: Origin): SimTransport {
    const trace = (): TraceWriter | undefined => this.#trace;
    return {
      get trace() {
        return trace();
      },
      wall: (): Instant => this.#world.wallAt(place),
      send: this.#send,
      onBreach: (hostId, breach) => {
        for (const listener of this.#breachListeners) listener(hostId, breach);
      },
      wakeAt: (hostId, at) => this.#planWake(hostId, Math.max(1, this.#world.worldTimeOf(at, place) - this.#world.now)),
    };
  }

  readonly #send: SimTransport['send'] = (hostId, requests) => {
    const entry = this.#hosts.get(hostId);
    if (entry === undefined) return;
    const { origin, life } = entry;
    this.#world.schedule(transitTime, 'host.arrive', hostId, { requests, origin, life } satisfies Sent);
  };

  #planWake(id: string, delay: Millis): void {
    const planned = this.#wakes.get(id);
    // A look too many does no harm; one that a change has asked for must not be lost to a later plan.
    if (planned !== undefined && planned.at <= this.#world.now + delay) return;
    if (planned !== undefined) this.#world.cancel(planned.id);
    this.#wakes.set(id, { id: this.#world.schedule(delay, 'host.wake', id), at: this.#world.now + delay });
  }

  /** A change that was on its way for longer than usual. */
  #hear(hostId: string): void {
    if (this.#hosts.has(hostId)) this.#planWake(hostId, 0);
  }

  #wake(hostId: string): void {
    this.#wakes.delete(hostId);
    const rest = this.#restOf(hostId);
    if (rest > 0) this.#planWake(hostId, rest);
    else this.#hosts.get(hostId)?.host.wake();
  }

  #arrive(hostId: string, sent: Sent): void {
    const { requests, origin, life, heldSince } = sent;
    if (sent.isUnsent && this.#hosts.get(hostId)?.life !== life) return;
    const [only] = requests;
    if (only !== undefined && requests.length === 1 && this.#isHeldUp(hostId, sent, only)) return;
    let wait = transitTime;
    const outcomes: Outcome[] = [];
    for (const [index, request] of requests.entries()) {
      const limit = this.#limitOf(request);
      // Reads that are sent side by side are looked at now: a slow one is slow on its way back.
      const slow =
        requests.length === 1 || this.wires.isQuiet ? 0 : this.wires.delayOf({ request, from: origin }, false);
      const sentAt = heldSince ?? this.#world.now;
      const answer =
        slow >= limit ? ({ kind: 'hang' } as const) : this.#answerTo(hostId, request, origin, index, sentAt);
      if (answer.kind === 'unsent') {
        const later: Sent = { ...sent, isUnsent: true };
        this.#world.schedule(Math.max(1, this.#restOf(hostId)), 'host.arrive', hostId, later);
        return;
      }
      wait = Math.max(wait, answer.kind === 'hang' ? limit : transitTime + slow);
      outcomes.push(answer.kind === 'hang' ? timeoutOf(request) : answer);
    }
    for (const listener of this.#exchangeListeners) listener({ hostId, requests, outcomes, heardIn: wait });
    // Who has been held up for too long has been told so already.
    const gaveUp = heldSince !== undefined && only !== undefined && this.#world.now - heldSince >= this.#limitOf(only);
    if (!gaveUp) this.#world.schedule(wait, 'host.answer', hostId, { outcomes, life } satisfies Answered);
  }

  #answerTo(hostId: string, request: ApiRequest, from: Origin, index: number, sentAt: Millis): ReturnType<Interceptor> {
    const perform = (): Answer => this.#world.perform(request, from);
    const carry = this.wires.isQuiet ? perform : (): Answer => this.wires.carry({ request, from }, perform);
    return this.#intercept === undefined ? carry() : this.#intercept(hostId, request, carry, index, sentAt);
  }

  /** Holds a request up where the way is slow. Its host stops waiting at its time; it arrives all the same, unless it is very late. */
  #isHeldUp(hostId: string, sent: Sent, request: ApiRequest): boolean {
    if (this.wires.isQuiet) return false;
    const delay = this.wires.delayOf({ request, from: sent.origin }, sent.heldSince !== undefined);
    if (delay === 0) return false;
    const { now } = this.#world;
    const heldSince = sent.heldSince ?? now;
    const givenUpAt = heldSince + this.#limitOf(request);
    if (now - heldSince < longestHold)
      this.#world.schedule(delay, 'host.arrive', hostId, { ...sent, heldSince } satisfies Sent);
    if (now < givenUpAt && now + delay >= givenUpAt) {
      const answered: Answered = { outcomes: [timeoutOf(request)], life: sent.life };
      this.#world.schedule(givenUpAt - now, 'host.answer', hostId, answered);
    }
    return true;
  }

  #answer(hostId: string, answered: Answered): void {
    const entry = this.#hosts.get(hostId);
    if (entry?.life !== answered.life) return;
    const rest = this.#restOf(hostId);
    if (rest > 0) {
      this.#world.schedule(rest, 'host.answer', hostId, answered);
      return;
    }
    entry.host.receive(answered.outcomes);
    if (entry.host.end !== undefined) this.remove(hostId);
  }

  /** How much longer a host stands still. */
  #restOf(hostId: string): Millis {
    const until = this.#paused.get(hostId);
    if (until === undefined) return 0;
    if (until > this.#world.now) return until - this.#world.now;
    this.#paused.delete(hostId);
    return 0;
  }

  #limitOf(request: ApiRequest): Millis {
    return limitOf(request) * this.#world.settings.speed;
  }
}

function limitOf({ api }: ApiRequest): Millis {
  return { kube: kubeTimeout, linstor: linstorTimeout, exec: execTimeout }[api];
}

function timeoutOf(request: ApiRequest): Outcome {
  const place = request.api === 'linstor' ? 'LINSTOR' : request.site;
  const message = `${place} did not answer within ${limitOf(request) / 1000} s`;
  return { kind: 'unknown', reason: 'timeout', message };
}
