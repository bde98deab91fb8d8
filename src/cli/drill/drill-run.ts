import type { JsonObject } from '../../model/json.ts';
import { CoverageTally } from '../../drills/coverage/coverage-tally.ts';
import { VerdictTally } from '../../drills/verdict-tally.ts';
import type { DrillFailure, DrillProgress } from './messages.ts';
import { runThread } from './run-thread.ts';

export interface DrillSettings {
  readonly definitions: readonly JsonObject[];
  readonly seed: number;
  /** The runs of this shard: `shard.index`, `+ shard.count` … below `runs`. */
  readonly runs: number;
  readonly milliseconds: number;
  readonly jobs: number;
  readonly shard: { readonly index: number; readonly count: number };
  readonly onProgress: (tally: DrillTally) => void;
  /** Ends the runs that are under way; what was played by then counts. */
  readonly stop: AbortSignal;
}

/** What the runs have come to so far. */
export interface DrillTally {
  readonly runs: number;
  readonly passed: number;
  readonly unknown: number;
  readonly failures: readonly DrillFailure[];
  /** How many runs have come to which verdict of each property, by its id. */
  readonly verdicts: VerdictTally;
  /** How many runs have reached what. */
  readonly coverage: CoverageTally;
  /** World time of all runs, in milliseconds. */
  readonly simulated: number;
  /** The same for the same runs, whatever their order was. */
  readonly digest: string;
}

/** Drills on so many threads, and tells how it goes. Rejects when a thread breaks, which is a fault of the twin. */
export async function runDrill(settings: DrillSettings): Promise<DrillTally> {
  const { jobs, shard } = settings;
  const tally = new Tally();
  const workers = Array.from({ length: jobs }, (_, index) =>
    runThread(
      {
        kind: 'drill',
        definitions: settings.definitions,
        seed: settings.seed,
        first: shard.index + index * shard.count,
        step: jobs * shard.count,
        end: settings.runs,
        milliseconds: settings.milliseconds,
      },
      (message) => {
        if (message.kind !== 'run') return;
        tally.add(message.progress);
        settings.onProgress(tally);
      },
      settings.stop,
    ),
  );
  await Promise.all(workers);
  return tally;
}

class Tally implements DrillTally {
  runs = 0;
  passed = 0;
  unknown = 0;
  readonly failures: DrillFailure[] = [];
  readonly verdicts = new VerdictTally();
  readonly coverage = new CoverageTally();
  simulated = 0;
  #sum = 0n;

  add({ run, verdict, properties, digest, marks, coverage, simulated, failure }: DrillProgress): void {
    this.runs++;
    if (verdict === 'pass') this.passed++;
    if (verdict === 'unknown') this.unknown++;
    if (failure !== undefined) this.failures.push(failure);
    this.verdicts.add(properties);
    this.coverage.add({ marks, coverage });
    this.simulated += simulated;
    // A sum does not depend on which thread was first; the run's number keeps two runs from changing places.
    this.#sum = BigInt.asUintN(64, this.#sum + BigInt(`0x${digest}`) * BigInt(2 * run + 1));
  }

  get digest(): string {
    return this.#sum.toString(16).padStart(16, '0');
  }
}
