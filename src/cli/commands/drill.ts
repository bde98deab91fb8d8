import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Verdict } from '../../drills/judgement.ts';
import { fullRuns, unreachedMarks } from '../../drills/marks/catalogue.ts';
import { defineCommand, flag, numberOption, option } from '../command.ts';
import { usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { coverageDocument, coverageLines } from '../drill/coverage-text.ts';
import { type DrillTally, runDrill } from '../drill/drill-run.ts';
import { keepScenario } from '../drill/keep-scenario.ts';
import { timelineLines } from '../drill/timeline-lines.ts';
import type { ExitName } from '../exit-codes.ts';
import { isForPrograms, outputOption, printDocument, printLines } from '../output.ts';
import { readProductDefinitions } from '../product-files.ts';

export const drillCommand = defineCommand({
  name: 'drill',
  about:
    'Plays failovers in the simulated world under random faults, and judges each run by what really happened there. ' +
    'A run that breaks a property is reduced to a scenario file that pgctl replay plays again. ' +
    'A full set of runs also fails when something that drills are to reach was never reached.',
  examples: [
    'pgctl drill',
    'pgctl drill --seed 7 --runs 10000 --jobs 2',
    'pgctl drill --time 60 -o json',
    'pgctl drill --full',
  ],
  args: {
    seed: numberOption('--seed S', 'source of all chance (default: 1)', { min: 0, max: 2 ** 31 - 1 }),
    runs: numberOption('--runs N', 'how many runs (default: 100, or as many as --time allows)', { min: 1, max: 1e9 }),
    time: numberOption('--time SECONDS', 'begin no new run after so many seconds', { min: 1, max: 1e6 }),
    jobs: numberOption('--jobs N', 'threads (default: one for each processor)', { min: 1, max: 256 }),
    shard: option(
      '--shard PART',
      'I/N: play only every N-th run, from the I-th on (counted from 1), as one machine of N does',
    ),
    full: flag('--full', `a full set of runs, ${fullRuns} unless --runs says more; as many are full without this, too`),
    coverage: option('--coverage FILE', 'also write what was reached to this file, as JSON', { suggest: 'files' }),
    keep: option('--keep DIR', 'folder for the scenarios of failures (default: drill-failures)', { suggest: 'files' }),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ seed = 1, runs, time, jobs, shard, full, coverage, keep = 'drill-failures', output }) => ({
    seed,
    runs: runs ?? (full ? fullRuns : time === undefined ? 100 : Number.MAX_SAFE_INTEGER),
    milliseconds: time === undefined ? Number.MAX_SAFE_INTEGER : time * 1_000,
    jobs: jobs ?? availableParallelism(),
    shard: shardOf(shard),
    full,
    coverageFile: coverage,
    keep,
    output,
  }),
  validate: ({ full, shard, runs }) => {
    if (full && shard.count > 1)
      throw usageError('A shard sees its own part only: join the shards, and judge them together');
    if (full && runs < fullRuns) throw usageError(`A full set is ${fullRuns} runs or more, got --runs ${runs}`);
  },
  run: async ({ keep, full, coverageFile, output, ...settings }, context) => {
    const began = performance.now();
    const progress = progressOn(context);
    const tally = await runDrill({
      ...settings,
      definitions: await readProductDefinitions(),
      stop: context.interrupted,
      onProgress: progress,
    });
    const seconds = (performance.now() - began) / 1_000;
    const isFull = full || (tally.runs >= fullRuns && settings.shard.count === 1);
    const unreached = isFull ? unreachedMarks(tally.coverage.counts()).map(({ id }) => id) : [];
    const files = tally.failures.map(({ run, scenario }) =>
      keepScenario(keep, `seed-${settings.seed}-run-${run}`, scenario),
    );
    if (coverageFile !== undefined)
      writeFileSync(coverageFile, `${JSON.stringify(coverageDocument(tally.coverage.counts()), undefined, 2)}\n`);
    if (isForPrograms(output)) {
      await printDocument(
        drillDocument(tally, unreached, settings.seed, seconds, files),
        output === 'yaml' ? 'yaml' : 'json',
        context,
      );
    } else {
      printLines([...failureLines(tally, files), ...summaryLines(tally, unreached, settings.seed, seconds)], context);
    }
    return exitOf[verdictOf(tally, unreached)];
  },
});

function shardOf(given: string | undefined): { readonly index: number; readonly count: number } {
  if (given === undefined) return { index: 0, count: 1 };
  const [, index = '', count = ''] = /^(\d+)\/(\d+)$/.exec(given) ?? [];
  if (Number(index) < 1 || Number(index) > Number(count))
    throw usageError(`Expected --shard to be as 2/10, the second part of ten, got "${given}"`);
  return { index: Number(index) - 1, count: Number(count) };
}

/** At most one line a second; on a terminal only. */
function progressOn({ stderr }: CommandContext): (tally: DrillTally) => void {
  let told = performance.now();
  const began = told;
  return ({ runs, failures }) => {
    const now = performance.now();
    if (!stderr.isTerminal || now - told < 1_000) return;
    told = now;
    stderr.write(
      `▶ ${runs} runs, ${failures.length} failed, ${(runs / ((now - began) / 1_000)).toFixed(1)} a second\n`,
    );
  };
}

function failureLines({ failures }: DrillTally, files: readonly string[]): readonly string[] {
  return failures.flatMap(({ run, violations, scenario, timeline }, index) => [
    `✗ Run ${run} breaks ${violations[0]?.property}: ${violations[0]?.what}`,
    ...timelineLines(timeline).map((line) => `    ${line}`),
    `  ${scenario.items.length} items; again: pgctl replay ${files[index]}`,
  ]);
}

function summaryLines(
  tally: DrillTally,
  unreached: readonly string[],
  seed: number,
  seconds: number,
): readonly string[] {
  const { runs, failures, unknown, coverage, simulated, digest } = tally;
  const simulatedHours = (simulated / 3_600_000).toFixed(0);
  const verdict =
    failures.length > 0
      ? `✗ ${failures.length} of ${runs} runs failed`
      : unknown > 0
        ? `⚠ ${unknown} of ${runs} runs were cut off; the others passed`
        : `✓ ${runs} runs passed`;
  return [
    `${verdict} (seed ${seed}, ${(runs / seconds).toFixed(1)} a second, ${simulatedHours} h of simulated time)`,
    ...coverageLines(coverage.counts()),
    ...unreached.map((mark) => `✗ Never reached: ${mark}`),
    `  digest ${digest}`,
  ];
}

function drillDocument(
  tally: DrillTally,
  unreached: readonly string[],
  seed: number,
  seconds: number,
  files: readonly string[],
): object {
  const { runs, passed, unknown, failures, verdicts, coverage, simulated, digest } = tally;
  return {
    verdict: verdictOf(tally, unreached),
    seed,
    runs,
    passed,
    unknown,
    runsPerSecond: Math.round((runs / seconds) * 10) / 10,
    simulatedSeconds: Math.round(simulated / 1_000),
    digest,
    properties: verdicts.counts(),
    coverage: coverageDocument(coverage.counts()),
    failures: failures.map(({ run, violations, scenario }, index) => ({
      run,
      property: violations[0]?.property,
      what: violations[0]?.what,
      items: scenario.items.length,
      file: files[index],
    })),
  };
}

function verdictOf({ failures, unknown }: DrillTally, unreached: readonly string[]): Verdict {
  if (failures.length > 0 || unreached.length > 0) return 'fail';
  return unknown > 0 ? 'unknown' : 'pass';
}

const exitOf: Readonly<Record<Verdict, ExitName>> = { pass: 'ok', fail: 'error', unknown: 'cannotTell' };
