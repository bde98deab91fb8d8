import { type Instant, type Millis, second } from '../model/instant.ts';
import { BackOff } from '../drivers/real/back-off.ts';
import type { Clock } from '../runtime/ports.ts';

export interface WorkQueueSettings {
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** How many keys are worked on at once. */
  readonly workers: number;
  /** Works on a key. Answers when it is due again; undefined: not before it is added again. */
  readonly process: (key: string) => Promise<Instant | undefined>;
  /** Work on a key has thrown: it is tried again after a while, longer from time to time. */
  readonly onFailure: (key: string, error: unknown, wait: Millis) => void;
  /** Work on a key has ended, after how long. */
  readonly onEnd?: (result: 'done' | 'failed', duration: Millis) => void;
  readonly firstBackOff?: Millis;
  readonly longestBackOff?: Millis;
}

interface Entry {
  /** When it is to be worked on; undefined while nothing asks for it. */
  due: Instant | undefined;
  /** What has failed is not tried before that, whatever is asked for: it is likely to fail again. */
  notBefore: Instant;
  isUnderWay: boolean;
  readonly backOff: BackOff;
}

/**
 * Keys that are to be worked on, each at its time: one piece of work at a time per key, several keys side by side. What is
 * asked for while a key is worked on is done after that, once. Nothing begins before `run`.
 */
export class WorkQueue {
  readonly #settings: WorkQueueSettings;
  readonly #entries = new Map<string, Entry>();
  readonly #underWay = new Set<Promise<void>>();
  #bell = new AbortController();

  constructor(settings: WorkQueueSettings) {
    this.#settings = settings;
  }

  /** How many keys are due and wait for their turn. */
  get depth(): number {
    const now = this.#settings.clock.now();
    return [...this.#entries.values()].filter((entry) => isDue(entry, now)).length;
  }

  /** Asks for work on a key, at an instant or earlier. */
  add(key: string, due: Instant): void {
    const entry = this.#entryOf(key);
    if (entry.due !== undefined && entry.due <= due) return;
    entry.due = due;
    this.#bell.abort();
  }

  /** Works on what is due, until the signal; resolves when what was under way has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#settings;
    const ring = (): void => this.#bell.abort();
    signal.addEventListener('abort', ring, { once: true });
    while (!signal.aborted) {
      this.#bell = new AbortController();
      this.#beginDue();
      await clock.sleepUntil(this.#nextDue(), this.#bell.signal);
    }
    await Promise.all(this.#underWay);
  }

  #entryOf(key: string): Entry {
    const { random, firstBackOff = second, longestBackOff = 300 * second } = this.#settings;
    const present = this.#entries.get(key);
    if (present !== undefined) return present;
    const backOff = new BackOff({ first: firstBackOff, longest: longestBackOff, random });
    const entry: Entry = { due: undefined, notBefore: Number.NEGATIVE_INFINITY, isUnderWay: false, backOff };
    this.#entries.set(key, entry);
    return entry;
  }

  #beginDue(): void {
    const { clock, workers } = this.#settings;
    const now = clock.now();
    const due = [...this.#entries].filter(([, entry]) => isDue(entry, now));
    // The longest due first, so that none waits for ever.
    due.sort(([, a], [, b]) => dueOf(a) - dueOf(b));
    for (const [key, entry] of due.slice(0, workers - this.#underWay.size)) {
      const work = this.#work(key, entry).finally(() => {
        this.#underWay.delete(work);
        this.#bell.abort();
      });
      this.#underWay.add(work);
    }
  }

  async #work(key: string, entry: Entry): Promise<void> {
    const { clock, process, onFailure, onEnd } = this.#settings;
    const beganAt = clock.now();
    let result: 'done' | 'failed' = 'done';
    entry.due = undefined;
    entry.isUnderWay = true;
    try {
      const next = await process(key);
      entry.backOff.reset();
      entry.notBefore = Number.NEGATIVE_INFINITY;
      if (next !== undefined) this.add(key, this.#spread(next));
      else if (entry.due === undefined) this.#entries.delete(key);
    } catch (error) {
      result = 'failed';
      const wait = entry.backOff.next();
      onFailure(key, error, wait);
      entry.notBefore = clock.now() + wait;
      this.add(key, entry.notBefore);
    } finally {
      entry.isUnderWay = false;
      onEnd?.(result, clock.now() - beganAt);
    }
  }

  /** A little earlier than asked for, by chance: what began together does not come back together. */
  #spread(next: Instant): Instant {
    const { clock, random } = this.#settings;
    const wait = Math.max(0, next - clock.now());
    return next - Math.floor(wait * random() * 0.1);
  }

  #nextDue(): Instant {
    // With all workers busy nothing can begin before one of them is done, which rings the bell.
    if (this.#underWay.size >= this.#settings.workers) return Number.POSITIVE_INFINITY;
    const waiting = [...this.#entries.values()].filter(({ isUnderWay }) => !isUnderWay);
    return Math.min(...waiting.map(dueOf));
  }
}

function dueOf({ due = Number.POSITIVE_INFINITY, notBefore }: Entry): Instant {
  return Math.max(due, notBefore);
}

function isDue(entry: Entry, now: Instant): boolean {
  return dueOf(entry) <= now && !entry.isUnderWay;
}
