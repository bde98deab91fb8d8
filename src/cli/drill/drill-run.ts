import type { JsonObject } from '../../model/json.ts';
import { DrillTally } from './drill-tally.ts';
import { runThread } from './run-thread.ts';

export interface DrillSettings {
  readonly definitions: readonly JsonObject[];
  readonly seed: number;
  /** The runs of this shard: `shard.index`, `+ shard.count` … below `runs`. */
  readonly runs: number;
  readonly milliseconds: number;
  readonly jobs: number;
  readonly shard: Shard;
  readonly onProgress: (tally: DrillTally) => void;
  /** Ends the runs that are under way; what was told of by then counts. */
  readonly stop: AbortSignal;
}

/** One part of so many; the first has the index 0. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Drills on so many threads, and tells how it goes. Rejects when a thread breaks, which is a fault of the twin. */
export async function runDrill(settings: DrillSettings): Promise<DrillTally> {
  const { definitions, seed, runs, milliseconds, jobs, shard, onProgress, stop } = settings;
  const tally = new DrillTally();
  const workers = Array.from({ length: jobs }, (_, index) => {
    const first = shard.index + index * shard.count;
    const order = {
      kind: 'drill',
      definitions,
      seed,
      first,
      step: jobs * shard.count,
      end: runs,
      milliseconds,
    } as const;
    return runThread(
      order,
      (message) => {
        if (message.kind !== 'runs') return;
        tally.merge(message.counts);
        onProgress(tally);
      },
      stop,
    );
  });
  await Promise.all(workers);
  return tally;
}
