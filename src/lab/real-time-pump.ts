import type { Millis } from '../model/instant.ts';

/** What the pump needs of a world: the time of its next event, and to be run up to a moment. */
export interface PumpedWorld {
  readonly now: Millis;
  nextAt(): Millis | undefined;
  runUntil(at: Millis): void;
}

export interface PumpSettings {
  /** World milliseconds per real millisecond. */
  readonly speed: number;
  /** Real time in milliseconds from a clock that never jumps. */
  monotonicNow(): number;
  /** Called after the world has moved, so that its surroundings can follow. */
  onMoved?(): void;
  /** An event of the world failed; time goes on. */
  onFault?(cause: unknown): void;
}

/** A machine that slept goes on where it was: the world does not live through the time that nobody saw. */
const longestGapMs = 30_000;

/** Work between two looks at the event loop, so that requests are answered while a world catches up. */
const sliceMs = 20;

/** Longest sleep, so that a machine that slept is noticed. */
const longestSleepMs = 1000;

/**
 * Drives a world in real time, times a speed. Between events it sleeps; a request first brings the world to the present
 * moment and is then applied in one piece, so that no event falls inside it.
 */
export class RealTimePump {
  readonly #world: PumpedWorld;
  readonly #settings: PumpSettings;
  /** Real time at which world time was `#worldStart`. */
  #realStart: number;
  #worldStart: Millis;
  #lastSeen: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(world: PumpedWorld, settings: PumpSettings) {
    this.#world = world;
    this.#settings = settings;
    this.#realStart = settings.monotonicNow();
    this.#lastSeen = this.#realStart;
    this.#worldStart = world.now;
  }

  /** Performs an act at the present moment of the world. */
  now<Result>(act: () => Result): Result {
    this.#catchUp(Number.POSITIVE_INFINITY);
    try {
      return act();
    } finally {
      this.#moved();
    }
  }

  start(): void {
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #tick(): void {
    try {
      this.#catchUp(sliceMs);
    } catch (cause) {
      this.#settings.onFault?.(cause);
    }
    this.#moved();
  }

  #moved(): void {
    this.#settings.onMoved?.();
    this.#arm();
  }

  /** Runs the world to the present, or for `budget` real milliseconds when it is far behind. */
  #catchUp(budget: number): void {
    const real = this.#settings.monotonicNow();
    const gap = real - this.#lastSeen;
    if (gap > longestGapMs) this.#realStart += gap;
    this.#lastSeen = real;
    const present = this.#present(real);
    while (this.#settings.monotonicNow() - real < budget) {
      const next = this.#world.nextAt();
      if (next === undefined || next > present) return this.#world.runUntil(Math.max(present, this.#world.now));
      this.#world.runUntil(next);
    }
  }

  #present(real: number): Millis {
    return this.#worldStart + Math.floor((real - this.#realStart) * this.#settings.speed);
  }

  #arm(): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    const next = this.#world.nextAt();
    const untilNext =
      next === undefined
        ? longestSleepMs
        : (next - this.#present(this.#settings.monotonicNow())) / this.#settings.speed;
    this.#timer = setTimeout(() => this.#tick(), Math.min(longestSleepMs, Math.max(0, Math.ceil(untilNext))));
  }
}
