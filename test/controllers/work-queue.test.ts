import { expect, onTestFinished, test } from 'vitest';
import { WorkQueue, type WorkQueueSettings } from '../../src/controllers/work-queue.ts';
import { systemClock } from '../../src/drivers/real/system-clock.ts';

const { now } = systemClock;
const never = new Promise<never>(() => undefined);

/** A queue at work, which stops with the test. */
function running(process: WorkQueueSettings['process'], given: Partial<WorkQueueSettings> = {}): WorkQueue {
  const ending = new AbortController();
  const onFailure = (): void => undefined;
  const queue = new WorkQueue({ clock: systemClock, random: () => 0, workers: 4, process, onFailure, ...given });
  void queue.run(ending.signal);
  onTestFinished(() => ending.abort());
  return queue;
}

test('a key is worked on when it is due, and again when the work says so', async () => {
  const begun: string[] = [];
  const queue = running(async (key) => {
    begun.push(key);
    return begun.length < 3 ? now() + 10 : undefined;
  });
  queue.add('later', now() + 3_600_000);
  queue.add('a', now());
  await expect.poll(() => begun).toEqual(['a', 'a', 'a']);
});

test('what is asked for while a key is worked on is done after that, once', async () => {
  let [underWay, most, times] = [0, 0, 0];
  const first = Promise.withResolvers<void>();
  const queue = running(async () => {
    times += 1;
    underWay += 1;
    most = Math.max(most, underWay);
    if (times === 1) await first.promise;
    underWay -= 1;
    return undefined;
  });
  queue.add('a', now());
  await expect.poll(() => times).toBe(1);
  for (let count = 0; count < 5; count += 1) queue.add('a', now());
  first.resolve();
  await expect.poll(() => times).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect({ times, most }).toEqual({ times: 2, most: 1 });
});

test('keys are worked on side by side, as many as there are workers, and the rest waits', async () => {
  const begun: string[] = [];
  const queue = running(
    (key) => {
      begun.push(key);
      return never;
    },
    { workers: 2 },
  );
  for (const key of ['a', 'b', 'c']) queue.add(key, now());
  await expect.poll(() => begun).toEqual(['a', 'b']);
  expect(queue.depth).toBe(1);
});

test('work that throws is tried again after waits that double, and does not hold up the others', async () => {
  const waits: number[] = [];
  const done: string[] = [];
  const queue = running(
    async (key) => {
      if (key === 'bad' && waits.length < 3) throw new Error('no');
      done.push(key);
      return undefined;
    },
    { firstBackOff: 10, onFailure: (_key, _error, wait) => waits.push(wait) },
  );
  queue.add('bad', now());
  queue.add('good', now());
  await expect.poll(() => done).toEqual(['good', 'bad']);
  expect(waits).toEqual([5, 10, 20]);
});

test('a change does not cut a back-off short', async () => {
  const failures: string[] = [];
  const queue = running(
    async () => {
      throw new Error('no');
    },
    { firstBackOff: 3_600_000, longestBackOff: 3_600_000, onFailure: (key) => failures.push(key) },
  );
  queue.add('bad', now());
  await expect.poll(() => failures).toEqual(['bad']);
  queue.add('bad', now());
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(failures).toEqual(['bad']);
});

test('what ends waits for the work that is under way, and begins no other', async () => {
  const ending = new AbortController();
  const first = Promise.withResolvers<undefined>();
  const begun: string[] = [];
  const queue = new WorkQueue({
    clock: systemClock,
    random: () => 0,
    workers: 1,
    process: (key) => {
      begun.push(key);
      return first.promise;
    },
    onFailure: () => undefined,
  });
  queue.add('a', now());
  queue.add('b', now());
  let hasEnded = false;
  const run = queue.run(ending.signal).then(() => (hasEnded = true));
  await expect.poll(() => begun).toEqual(['a']);
  ending.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(hasEnded).toBe(false);
  first.resolve(undefined);
  await run;
  expect(begun).toEqual(['a']);
});
