import { afterEach, expect, test, vi } from 'vitest';
import { RealTimePump } from '../../src/lab/real-time-pump.ts';

/** A world that notes when each event happened, and how often it was told of a moment. */
function worldWith(events: readonly number[]) {
  const pending = events.toSorted((a, b) => a - b);
  const world = {
    now: 0,
    happened: [] as number[],
    nextAt: () => pending[0],
    runUntil: (at: number) => {
      while ((pending[0] ?? Number.POSITIVE_INFINITY) <= at) world.happened.push(pending.shift() ?? 0);
      world.now = Math.max(world.now, at);
    },
  };
  return world;
}

afterEach(() => {
  vi.useRealTimers();
});

/** Time of the test's own, so that nothing waits. */
function fakeTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  return () => performance.now();
}

test('events happen when their time has come, faster with speed', () => {
  const monotonicNow = fakeTime();
  const world = worldWith([100, 900, 5000]);
  const pump = new RealTimePump(world, { speed: 10, monotonicNow });
  pump.start();
  vi.advanceTimersByTime(95);
  expect(world.happened).toEqual([100, 900]);
  vi.advanceTimersByTime(500);
  expect(world.happened).toEqual([100, 900, 5000]);
  pump.stop();
});

test('an act sees a world in which everything due has happened, and nothing later', () => {
  const monotonicNow = fakeTime();
  const world = worldWith([100, 200, 300]);
  const pump = new RealTimePump(world, { speed: 1, monotonicNow });
  vi.setSystemTime(0);
  vi.advanceTimersByTime(250);
  expect(pump.now(() => [...world.happened, world.now])).toEqual([100, 200, 250]);
  pump.stop();
});

test('an act that fails leaves the pump running', () => {
  const monotonicNow = fakeTime();
  const world = worldWith([100]);
  const pump = new RealTimePump(world, { speed: 1, monotonicNow });
  expect(() =>
    pump.now(() => {
      throw new Error('refused');
    }),
  ).toThrow('refused');
  vi.advanceTimersByTime(100);
  expect(world.happened).toEqual([100]);
  pump.stop();
});

test('what an act has scheduled wakes the pump in time', () => {
  const monotonicNow = fakeTime();
  const world = worldWith([]);
  let next: number | undefined;
  const pumped = {
    ...world,
    get now() {
      return world.now;
    },
    nextAt: () => next,
    runUntil: (at: number) => {
      if (next !== undefined && next <= at) {
        world.happened.push(next);
        next = undefined;
      }
      world.now = Math.max(world.now, at);
    },
  };
  const pump = new RealTimePump(pumped, { speed: 1, monotonicNow });
  pump.start();
  pump.now(() => {
    next = 40;
  });
  vi.advanceTimersByTime(41);
  expect(world.happened).toEqual([40]);
  pump.stop();
});

test('a machine that slept goes on where it was', () => {
  let real = 0;
  const world = worldWith([50_000]);
  const pump = new RealTimePump(world, { speed: 1, monotonicNow: () => real });
  real = 3_600_000;
  expect(pump.now(() => world.now)).toBeLessThan(1000);
  expect(world.happened).toEqual([]);
  pump.stop();
});
