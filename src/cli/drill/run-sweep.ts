import type { PlanKind } from '../../drills/sweep/plan.ts';
import type { PlanResult } from '../../drills/sweep/sweep.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ScenarioDocument, ThreadMessage } from './messages.ts';
import type { PlantedBug } from './planted-bugs.ts';
import { noScenario } from './play-file.ts';
import { runThread } from './run-thread.ts';

export interface SweepSettings {
  readonly definitions: readonly JsonObject[];
  readonly scenarios: readonly ScenarioDocument[];
  readonly jobs: number;
  /** Planted into what is swept. */
  readonly bug?: PlantedBug;
  readonly onProgress: (tally: SweepTally) => void;
  readonly stop: AbortSignal;
}

/** What the sweep has come to so far. */
export interface SweepTally {
  /** Plans that are known of. */
  readonly planned: number;
  readonly executed: number;
  readonly unknown: number;
  readonly failures: readonly SweepFailure[];
  /** Plans that were executed, by scenario and kind. */
  readonly counts: ReadonlyMap<string, ReadonlyMap<PlanKind, number>>;
}

/** A plan that failed, and the scenario that it was made for. */
export interface SweepFailure {
  readonly file: string;
  readonly result: PlanResult;
}

/** Sweeps over scenarios on so many threads, and tells how it goes. Rejects when a file is no scenario, and when the twin breaks. */
export async function runSweep(settings: SweepSettings): Promise<SweepTally> {
  const { definitions, scenarios, jobs, bug, onProgress, stop } = settings;
  const tally = new Tally(scenarios.map(({ file }) => file));
  // So many parts that no thread is idle for long while another is at the last one.
  const parts = Math.ceil((2 * jobs) / scenarios.length);
  const taken = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const order = { kind: 'sweep', definitions, scenarios, parts, taken } as const;
  const hear = (message: ThreadMessage): void => {
    if (message.kind === 'noScenario') tally.wrong = { file: message.file, problems: message.problems };
    else if (message.kind === 'planned') tally.planned += message.count;
    else if (message.kind === 'executed') tally.add(message.file, message.result);
    onProgress(tally);
  };
  await Promise.all(
    Array.from({ length: Math.min(jobs, parts * scenarios.length) }, () => runThread(order, hear, stop, bug)),
  );
  if (tally.wrong !== undefined) throw noScenario(tally.wrong.file, tally.wrong.problems);
  return tally;
}

class Tally implements SweepTally {
  planned = 0;
  executed = 0;
  unknown = 0;
  wrong: { readonly file: string; readonly problems: readonly string[] } | undefined;
  readonly failures: SweepFailure[] = [];
  readonly counts: ReadonlyMap<string, Map<PlanKind, number>>;

  constructor(files: readonly string[]) {
    this.counts = new Map(files.map((file) => [file, new Map()]));
  }

  add(file: string, result: PlanResult): void {
    const { kind } = result.plan;
    const counts = this.counts.get(file);
    counts?.set(kind, (counts.get(kind) ?? 0) + 1);
    this.executed++;
    if (result.failure !== undefined) this.failures.push({ file, result });
    else if (result.verdict === 'unknown') this.unknown++;
  }
}
