import packageJson from '../../../package.json' with { type: 'json' };
import type { Verdict } from '../../drills/judgement.ts';
import { fullRuns, unreachedMarks } from '../../drills/marks/catalogue.ts';
import { coverageDocument } from './coverage-text.ts';
import type { Shard } from './drill-run.ts';
import type { DrillCounts } from './messages.ts';

/** A drill that was played, or a part of one. */
export interface PlayedDrill {
  readonly seed: number;
  /** Runs of the whole drill, all its parts together; undefined: as many as there was time for. */
  readonly total: number | undefined;
  readonly shard: Shard;
  /** Parts that are joined here, of `shard.count`; undefined: it is one part by itself. */
  readonly joined?: readonly number[];
  readonly seconds: number;
  /** A full set was asked for. */
  readonly full: boolean;
  readonly counts: DrillCounts;
  /** The scenarios of failures, by the number of the run. */
  readonly files: ReadonlyMap<number, string>;
}

/** Whose results these are: those of another release are of other runs. */
export const program = `pgctl ${packageJson.version}`;

/** Whether a drill passed; nobody can tell while runs were cut off or parts are missing, and none failed. */
export function verdictOf(drill: PlayedDrill): Verdict {
  const { failed, unknown } = drill.counts;
  if (failed > 0 || unreachedBy(drill).length > 0) return 'fail';
  return unknown > 0 || missingParts(drill).length > 0 ? 'unknown' : 'pass';
}

/** What a full set of runs should have reached and has not; nothing is asked of a smaller one, or of a part. */
export function unreachedBy({ counts, full, shard, joined }: PlayedDrill): readonly string[] {
  const isWhole = shard.count === 1 || joined?.length === shard.count;
  if (!full && !(isWhole && counts.runs >= fullRuns)) return [];
  return unreachedMarks(counts.coverage).map(({ id }) => id);
}

/** Parts of a joined drill that nobody has handed in, counted from 1. */
export function missingParts({ shard, joined }: PlayedDrill): readonly number[] {
  if (joined === undefined) return [];
  return Array.from({ length: shard.count }, (_, index) => index + 1).filter((part) => !joined.includes(part));
}

/** The drill as a document for programs; `pgctl drill merge` reads it. */
export function drillDocument(drill: PlayedDrill): object {
  const { seed, total, shard, joined, seconds, counts, files } = drill;
  const { runs, passed, failed, unknown, simulated, digest, properties, coverage, failures } = counts;
  return {
    kind: 'drill',
    program,
    verdict: verdictOf(drill),
    seed,
    total: total ?? null,
    parts: { of: shard.count, played: joined ?? [shard.index + 1] },
    runs,
    passed,
    failed,
    unknown,
    seconds: Math.round(seconds * 10) / 10,
    runsPerSecond: Math.round((runs / seconds) * 10) / 10,
    simulatedSeconds: simulated / 1_000,
    digest,
    properties,
    unreached: unreachedBy(drill),
    coverage: coverageDocument(coverage),
    failures: failures.map(({ run, violation, scenario }) => ({
      run,
      property: violation.property,
      what: violation.what,
      items: scenario?.items.length ?? null,
      file: files.get(run) ?? null,
      scenario: scenario ?? null,
    })),
  };
}
