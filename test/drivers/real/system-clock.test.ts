import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type * as SystemClock from '../../../src/drivers/real/system-clock.ts';

let limitTime: typeof SystemClock.limitTime;
let systemClock: typeof SystemClock.systemClock;
let TimedOut: typeof SystemClock.TimedOut;
let watchdog: typeof SystemClock.watchdog;

// The clock looks at the machine's when it is loaded.
beforeEach(async () => {
  vi.useFakeTimers({ now: 1000 });
  vi.resetModules();
  ({ limitTime, systemClock, TimedOut, watchdog } = await import('../../../src/drivers/real/system-clock.ts'));
});
afterEach(() => void vi.useRealTimers());

describe('sleepUntil', () => {
  /** Whether the sleep has ended, once everything due has run. */
  const sleeping = (at: number, signal?: AbortSignal) => {
    const state = { awake: false };
    void systemClock.sleepUntil(at, signal).then(() => (state.awake = true));
    return state;
  };

  test('wakes at the instant, not before', async () => {
    const sleep = sleeping(1500);
    await vi.advanceTimersByTimeAsync(499);
    expect(sleep.awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.awake).toBe(true);
  });

  test('an instant that has passed is no wait', async () => {
    const sleep = sleeping(999);
    await vi.advanceTimersByTimeAsync(0);
    expect(sleep.awake).toBe(true);
  });

  test('an abort wakes at once, before the sleep too', async () => {
    const controller = new AbortController();
    const sleep = sleeping(5000, controller.signal);
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    const late = sleeping(5000, controller.signal);
    await vi.advanceTimersByTimeAsync(0);
    expect([sleep.awake, late.awake]).toEqual([true, true]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a wait longer than a timer can hold is not cut short', async () => {
    const days = 60 * 86_400_000;
    const sleep = sleeping(1000 + days);
    await vi.advanceTimersByTimeAsync(days - 1);
    expect(sleep.awake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.awake).toBe(true);
  });
});

describe('limitTime', () => {
  test('aborts with TimedOut when the time is over', () => {
    const { signal } = limitTime(5000);
    vi.advanceTimersByTime(4999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toEqual(new TimedOut(5000));
  });

  test('aborts with the reason of its parent when that comes first', () => {
    const parent = new AbortController();
    const { signal } = limitTime(5000, parent.signal);
    parent.abort(new Error('closed'));
    expect(signal.reason).toEqual(new Error('closed'));
    expect(limitTime(5000, parent.signal).signal.aborted).toBe(true);
  });

  test('never aborts once released', () => {
    const parent = new AbortController();
    const limit = limitTime(5000, parent.signal);
    limit.release();
    parent.abort();
    vi.advanceTimersByTime(10_000);
    expect(limit.signal.aborted).toBe(false);
  });
});

test('a watchdog barks after silence only', () => {
  const bark = vi.fn();
  const dog = watchdog(100, bark);
  for (let beat = 0; beat < 5; beat += 1) {
    vi.advanceTimersByTime(99);
    dog.touch();
  }
  expect(bark).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(bark).toHaveBeenCalledTimes(1);
});
