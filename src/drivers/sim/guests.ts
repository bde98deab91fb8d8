import { second, type Millis } from '../../model/instant.ts';
import type { DrbdPort } from './drbd/port.ts';
import type { WorldEvent } from './event-queue.ts';
import type { RandomStream } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** A span of time from which one is drawn, both ends included. */
export interface Span {
  readonly min: Millis;
  readonly max: Millis;
}

/** How long guests take, and how often they write. */
export interface GuestDurations {
  /** From the definition of the domain to a running guest. */
  readonly boot: Span;
  /** From a running guest to the first contact with the agent in it. */
  readonly agentConnects: Span;
  /** From the ACPI signal to power off. */
  readonly shutdown: Span;
  /** Between two writes of a running guest to each of its disks. */
  readonly writeEvery: Millis;
}

/** Spans of a middling Linux guest. */
export const defaultGuestDurations: GuestDurations = {
  boot: { min: 5 * second, max: 15 * second },
  agentConnects: { min: 5 * second, max: 15 * second },
  shutdown: { min: 3 * second, max: 18 * second },
  writeEvery: 5 * second,
};

/**
 * - `launched`: the launcher runs, no domain yet · `booting` · `running` · `paused`: stopped by an I/O error, qemu still there
 * - `stopping`: shutting down after the ACPI signal, or ignoring it · `ended`: qemu is gone
 */
export type GuestPhase = 'launched' | 'booting' | 'running' | 'paused' | 'stopping' | 'ended';

/** How qemu ended: by the guest's shutdown, by virt-handler, by itself, or with its launcher. */
export type GuestEnd = 'shutdown' | 'destroyed' | 'crashed' | 'killed';

/** One VM guest, as it really is: what the objects say about it may be older, or wrong. */
export interface Guest {
  readonly cluster: string;
  readonly node: string;
  readonly namespace: string;
  /** Name of the VMI, which is that of the VM. */
  readonly vm: string;
  readonly podName: string;
  readonly podUid: string;
  /** DRBD resources that it has as disks. */
  readonly disks: readonly string[];
  readonly phase: GuestPhase;
  /** World time at which the phase was entered. */
  readonly since: Millis;
  /** World time at which qemu began to execute. */
  readonly executesSince?: Millis;
  /** The agent in it answers. */
  readonly agentAnswers?: boolean;
  /** World time of the ACPI signal. */
  readonly signalledAt?: Millis;
  readonly end?: GuestEnd;
}

/** A fault of a VM's guest. `ignores-acpi`: ends only when destroyed. `never-stops`: survives that too. `opener-stuck`: its devices stay open after it. */
export type GuestFault = 'ignores-acpi' | 'never-stops' | 'opener-stuck';

/**
 * Ground truth of the guests: which VM executes where since when, and what it writes. A guest lives without the API server;
 * the node agents start and stop it and ask how it is. Events have the prefix `guest.`.
 */
export class GuestRegistry {
  #scheduler: Scheduler;
  #drbd: DrbdPort;
  #random: RandomStream;
  #durations: GuestDurations;
  #guests = new Map<string, Guest>();
  #faults = new Map<string, ReadonlySet<GuestFault>>();
  #heldOpen = new Map<string, Guest>();
  #listeners: ((guest: Guest) => void)[] = [];

  constructor(
    scheduler: Scheduler,
    drbd: DrbdPort,
    random: RandomStream,
    durations: GuestDurations = defaultGuestDurations,
  ) {
    this.#scheduler = scheduler;
    this.#drbd = drbd;
    this.#random = random;
    this.#durations = durations;
  }

  /** Every guest that has a launcher, ended ones until they are forgotten. */
  all(): readonly Guest[] {
    return [...this.#guests.values()];
  }

  /** The guest of a launcher pod. */
  of(podUid: string): Guest | undefined {
    return this.#guests.get(podUid);
  }

  /** Guests of a VM that execute now; more than one is the catastrophe that the product exists to prevent. */
  executing(namespace: string, vm: string): readonly Guest[] {
    return this.all().filter((guest) => guest.namespace === namespace && guest.vm === vm && executes(guest));
  }

  /** Tells a listener of every change of a guest, so that the node agents look at its VMI and pod again. */
  onChange(listener: (guest: Guest) => void): void {
    this.#listeners.push(listener);
  }

  /** The launcher container has started; its pod holds the disks open. */
  launch(guest: Omit<Guest, 'phase' | 'since'>): void {
    if (this.#guests.has(guest.podUid)) return;
    this.#put({ ...guest, phase: 'launched', since: this.#scheduler.now });
  }

  /** Defines and starts the domain. */
  boot(podUid: string): void {
    const guest = this.#guests.get(podUid);
    if (guest?.phase !== 'launched') return;
    this.#put({ ...guest, phase: 'booting', since: this.#scheduler.now, executesSince: this.#scheduler.now });
    this.#scheduler.schedule(this.#draw(this.#durations.boot), 'guest.booted', podUid);
  }

  /** Sends the ACPI signal, once. A paused guest, and one that ignores it, goes on. */
  signalShutdown(podUid: string): void {
    const guest = this.#guests.get(podUid);
    if (guest === undefined || guest.signalledAt !== undefined || !executes(guest)) return;
    const now = this.#scheduler.now;
    if (guest.phase === 'paused') return this.#put({ ...guest, signalledAt: now });
    this.#put({ ...guest, phase: 'stopping', since: now, signalledAt: now });
    if (!this.#has(guest, 'ignores-acpi') && !this.#has(guest, 'never-stops')) {
      this.#scheduler.schedule(this.#draw(this.#durations.shutdown), 'guest.off', podUid);
    }
  }

  /** Destroys the domain. False when even that does not end it. */
  destroy(podUid: string, end: GuestEnd): boolean {
    const guest = this.#guests.get(podUid);
    if (guest === undefined || guest.phase === 'ended') return true;
    if (this.#has(guest, 'never-stops')) return false;
    this.#finish(guest, end);
    return true;
  }

  /** The guest powers itself off, or qemu crashes. */
  endByItself(podUid: string, end: 'shutdown' | 'crashed'): void {
    const guest = this.#guests.get(podUid);
    if (guest !== undefined && executes(guest)) this.#finish(guest, end);
  }

  /** Makes a running guest stand still, as a person may. */
  pause(podUid: string): void {
    const guest = this.#guests.get(podUid);
    if (guest?.phase === 'running') this.#put({ ...guest, phase: 'paused', since: this.#scheduler.now });
  }

  /** Lets a paused guest go on. */
  resume(podUid: string): void {
    const guest = this.#guests.get(podUid);
    if (guest?.phase !== 'paused') return;
    this.#put({ ...guest, phase: 'running', since: this.#scheduler.now });
    this.#scheduler.schedule(0, 'guest.write', podUid);
  }

  /** Forgets an ended guest, when its pod is gone. */
  forget(podUid: string): void {
    if (this.#guests.get(podUid)?.phase === 'ended') this.#guests.delete(podUid);
  }

  /** The node lost its power: everything on it is gone at once. The DRBD model is told apart. */
  losePower(node: string): void {
    for (const guest of this.all()) if (guest.node === node) this.#guests.delete(guest.podUid);
    for (const [podUid, guest] of this.#heldOpen) if (guest.node === node) this.#heldOpen.delete(podUid);
  }

  setFault(namespace: string, vm: string, fault: GuestFault): void {
    const key = `${namespace}/${vm}`;
    this.#faults.set(key, new Set([...(this.#faults.get(key) ?? []), fault]));
  }

  /** Ends a fault: a shutdown that was asked for meanwhile happens now, devices held open are closed. */
  healFault(namespace: string, vm: string, fault: GuestFault): void {
    const key = `${namespace}/${vm}`;
    this.#faults.set(key, new Set([...(this.#faults.get(key) ?? [])].filter((one) => one !== fault)));
    for (const guest of this.all()) {
      const waits = guest.namespace === namespace && guest.vm === vm && guest.phase === 'stopping';
      if (waits && fault !== 'opener-stuck') {
        this.#scheduler.schedule(this.#draw(this.#durations.shutdown), 'guest.off', guest.podUid);
      }
    }
    if (fault !== 'opener-stuck') return;
    for (const [podUid, guest] of this.#heldOpen) {
      if (guest.namespace !== namespace || guest.vm !== vm) continue;
      this.#heldOpen.delete(podUid);
      this.#closeDisks(guest);
    }
  }

  /** Handles an event of the prefix `guest.`. */
  handle(event: WorldEvent): void {
    const guest = this.#guests.get(event.key);
    if (guest === undefined) return;
    if (event.kind === 'guest.booted' && guest.phase === 'booting') {
      this.#put({ ...guest, phase: 'running', since: this.#scheduler.now });
      this.#scheduler.schedule(this.#draw(this.#durations.agentConnects), 'guest.agent', event.key);
      this.#write(event.key);
    } else if (event.kind === 'guest.agent' && guest.phase === 'running') this.#put({ ...guest, agentAnswers: true });
    else if (event.kind === 'guest.off' && guest.phase === 'stopping') this.#finish(guest, 'shutdown');
    else if (event.kind === 'guest.write') this.#write(event.key);
  }

  #write(podUid: string): void {
    const guest = this.#guests.get(podUid);
    if (guest === undefined || (guest.phase !== 'running' && guest.phase !== 'stopping')) return;
    for (const disk of guest.disks) {
      if (this.#drbd.write(disk, guest.node, guest.podName).kind !== 'error') continue;
      // qemu's error policy `stop`: the guest is paused, the process stays.
      this.#put({ ...guest, phase: 'paused', since: this.#scheduler.now });
      return;
    }
    if (guest.disks.length > 0) this.#scheduler.schedule(this.#durations.writeEvery, 'guest.write', podUid);
  }

  #finish(guest: Guest, end: GuestEnd): void {
    const isStuck = this.#has(guest, 'opener-stuck');
    if (isStuck) this.#heldOpen.set(guest.podUid, guest);
    else this.#closeDisks(guest);
    this.#put({ ...guest, phase: 'ended', since: this.#scheduler.now, end });
  }

  #closeDisks(guest: Guest): void {
    for (const disk of guest.disks) this.#drbd.close(disk, guest.node, guest.podName);
  }

  #put(guest: Guest): void {
    this.#guests.set(guest.podUid, guest);
    for (const listener of this.#listeners) listener(guest);
  }

  #has(guest: Guest, fault: GuestFault): boolean {
    return this.#faults.get(`${guest.namespace}/${guest.vm}`)?.has(fault) ?? false;
  }

  #draw(span: Span): Millis {
    return this.#random.integer(span.min, span.max);
  }
}

/** True while qemu may read and write the disks. */
export function executes(guest: Guest): boolean {
  return guest.phase !== 'launched' && guest.phase !== 'ended';
}
