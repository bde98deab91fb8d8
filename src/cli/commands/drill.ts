import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fullRuns } from '../../drills/marks/catalogue.ts';
import { defineCommand, flag, numberOption, option } from '../command.ts';
import { usageError } from '../command-error.ts';
import { coverageDocument } from '../drill/coverage-text.ts';
import { runDrill } from '../drill/drill-run.ts';
import { keepFailures } from '../drill/keep-scenario.ts';
import { progressOn } from '../drill/progress.ts';
import { showDrill } from '../drill/show-drill.ts';
import { outputOption } from '../output.ts';
import { readDrillDefinitions } from '../product-files.ts';

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
    output: outputOption(['json', 'yaml', 'junit']),
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
    const { seed, runs, shard } = settings;
    const began = performance.now();
    const tally = await runDrill({
      ...settings,
      definitions: await readDrillDefinitions(),
      stop: context.interrupted,
      onProgress: progressOn(context, { ...settings, runs: Math.ceil(runs / shard.count) }),
    });
    const counts = tally.counts();
    const seconds = (performance.now() - began) / 1_000;
    const files = keepFailures(keep, seed, counts.failures);
    if (coverageFile !== undefined)
      writeFileSync(coverageFile, `${JSON.stringify(coverageDocument(counts.coverage), undefined, 2)}\n`);
    const total = runs === Number.MAX_SAFE_INTEGER ? undefined : runs;
    return showDrill({ seed, total, shard, seconds, full, counts, files }, output, context);
  },
});

function shardOf(given: string | undefined): { readonly index: number; readonly count: number } {
  if (given === undefined) return { index: 0, count: 1 };
  const [, index = '', count = ''] = /^(\d+)\/(\d+)$/.exec(given) ?? [];
  if (Number(index) < 1 || Number(index) > Number(count))
    throw usageError(`Expected --shard to be as 2/10, the second part of ten, got "${given}"`);
  return { index: Number(index) - 1, count: Number(count) };
}
