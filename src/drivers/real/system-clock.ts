import type { Instant, Millis } from '../../model/instant.ts';
import type { Clock } from '../../runtime/ports.ts';

/**
 * The wall clock of this machine, as it was when this module was loaded, and from then on as time passes: somebody who sets the
 * clock makes no Lease lapse and no deadline pass. The only place that reads a clock, and the only one that arms timers.
 */
export const systemClock: Clock = {
  now,
  sleepUntil,
};

const begin = { at: Date.now(), mark: process.hrtime.bigint() };
const nanosPerMilli = 1e6;

// Not `performance`, which Node loads with all that it can measure when it is first named.
function now(): Instant {
  return begin.at + Math.round(Number(process.hrtime.bigint() - begin.mark) / nanosPerMilli);
}

/** Reason of an abort by a time limit, as against one by closing. */
export class TimedOut extends Error {
  constructor(limit: Millis) {
    super(`no answer within ${limit / 1000} s`);
    this.name = 'TimedOut';
  }
}

export interface TimeLimit {
  /** Aborts with `TimedOut` when the time is over, or with the parent's reason when the parent aborts. */
  readonly signal: AbortSignal;
  /** Disarms the timer. */
  release(): void;
}

/** A signal that aborts after the given time, or together with its parent. */
export function limitTime(limit: Millis, parent?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TimedOut(limit)), limit);
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}

export interface Watchdog {
  /** Something was heard: the silence starts anew. */
  touch(): void;
  release(): void;
}

/** Calls back once when nothing was heard for the given time. */
export function watchdog(silence: Millis, bark: () => void): Watchdog {
  const timer = setTimeout(bark, silence);
  return {
    touch: () => void timer.refresh(),
    release: () => clearTimeout(timer),
  };
}

// setTimeout takes 32 bits only; a longer wait is made of several.
const longestTimer: Millis = 2 ** 31 - 1;

async function sleepUntil(at: Instant, signal?: AbortSignal): Promise<void> {
  const wait = at - now();
  if (wait <= 0 || signal?.aborted) return;
  await nap(Math.min(wait, longestTimer), signal);
  await sleepUntil(at, signal); // timers may fire a moment early
}

function nap(wait: Millis, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, wait);
    signal?.addEventListener('abort', wake, { once: true });
  });
}
