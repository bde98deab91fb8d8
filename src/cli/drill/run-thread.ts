import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ThreadMessage, ThreadOrder } from './messages.ts';
import type { PlantedBug } from './planted-bugs.ts';

/** What a run makes is mostly dead soon after: with this much room for the young a run takes a tenth less than with Node's own choice. */
const resourceLimits = { maxYoungGenerationSizeMb: 32 };

/**
 * Runs a drill thread to its end, with a bug planted into it when one is given. Rejects when it breaks, which is a fault of
 * the twin, not of what it plays.
 */
export function runThread(
  order: ThreadOrder,
  onMessage: (message: ThreadMessage) => void,
  stop?: AbortSignal,
  bug?: PlantedBug,
): Promise<void> {
  const worker =
    bug === undefined
      ? new Worker(threadFile(), { workerData: order, resourceLimits })
      : new Worker(bug.threadFile, { workerData: { ...order, changes: bug.changes }, resourceLimits });
  const end = (): void => void worker.terminate();
  stop?.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    worker.on('message', onMessage);
    worker.on('error', reject);
    worker.on('exit', (code) => {
      stop?.removeEventListener('abort', end);
      if (code === 0 || stop?.aborted === true) resolve();
      else reject(new Error(`a drill thread ended with code ${code}`));
    });
  });
}

/** The thread's program: TypeScript in a checkout, a bundle beside the program's in a package. */
function threadFile(): string {
  const places = ['thread.ts', 'drill-thread.mjs'].map((name) => join(import.meta.dirname, name));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`This installation lacks ${places.join(' or ')}: install pgctl again`);
  return found;
}
