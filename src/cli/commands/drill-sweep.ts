import { availableParallelism } from 'node:os';
import { basename, extname } from 'node:path';
import { type PlanKind, planKinds } from '../../drills/sweep/plan.ts';
import { defineCommand, numberOption, option, repeatedPositional } from '../command.ts';
import { CommandError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { keepScenario } from '../drill/keep-scenario.ts';
import { plantedBugNamed } from '../drill/planted-bugs.ts';
import { readDocument } from '../drill/play-file.ts';
import { referenceScenarios } from '../drill/reference-scenarios.ts';
import { runSweep, type SweepFailure, type SweepTally } from '../drill/run-sweep.ts';
import { timelineLines } from '../drill/timeline-lines.ts';
import type { ExitName } from '../exit-codes.ts';
import { isForPrograms, outputOption, printDocument, printLines } from '../output.ts';
import { readDrillDefinitions } from '../product-files.ts';

export const drillSweepCommand = defineCommand({
  name: 'drill sweep',
  about:
    'Plays scenarios again and again, and does something else to each run: at every request that changes something a host ' +
    'dies or an answer is lost, and at every look a host sees the past where that would alter what it decides. Each run ' +
    'must hold every property and come to what the undisturbed one comes to.',
  examples: ['pgctl drill sweep', 'pgctl drill sweep scenarios/planned.yaml --jobs 2 -o json'],
  args: {
    files: repeatedPositional('FILE', 'scenario files (default: a dozen that come with pgctl)', { suggest: 'files' }),
    jobs: numberOption('--jobs N', 'threads (default: one for each processor)', { min: 1, max: 256 }),
    keep: option('--keep DIR', 'folder for the scenarios of failures (default: drill-failures)', { suggest: 'files' }),
    planted: option(
      '--planted BUG',
      'sweep with a planted bug, one of pgctl drill mutants --list (in a checkout only)',
    ),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ files, jobs, keep = 'drill-failures', planted, output }) => ({
    planted,
    files: files.length === 0 ? referenceScenarios() : files,
    jobs: jobs ?? availableParallelism(),
    keep,
    output,
  }),
  run: async ({ files, jobs, keep, planted, output }, context) => {
    const bug = await plantedBugNamed(planted);
    const began = performance.now();
    const scenarios = await Promise.all(files.map(async (file) => ({ file, document: await readDocument(file) })));
    const tally = await runSweep({
      definitions: await readDrillDefinitions(),
      scenarios,
      jobs,
      ...(bug === undefined ? {} : { bug }),
      stop: context.interrupted,
      onProgress: progressOn(context),
    });
    if (context.interrupted.aborted)
      throw new CommandError('The sweep was left before its end', { exit: 'timedOut', remedy: 'pgctl drill sweep' });
    const seconds = (performance.now() - began) / 1_000;
    const kept = tally.failures.map((failure, index) => keepFailure(keep, failure, index));
    if (isForPrograms(output)) {
      const format = output === 'yaml' ? 'yaml' : 'json';
      await printDocument(documentOf(tally, seconds, kept), format, context);
    } else {
      printLines([...failureLines(tally, kept), ...summaryLines(tally, seconds)], context);
    }
    return exitOf(tally);
  },
});

/** At most one line a second; on a terminal only. */
function progressOn({ stderr }: CommandContext): (tally: SweepTally) => void {
  let told = performance.now();
  return ({ planned, executed, failures }) => {
    const now = performance.now();
    if (!stderr.isTerminal || now - told < 1_000) return;
    told = now;
    stderr.write(`▶ ${executed} of ${planned} plans known so far, ${failures.length} failed\n`);
  };
}

function keepFailure(folder: string, { file, result }: SweepFailure, index: number): string {
  const scenario = result.failure?.scenario;
  if (scenario === undefined) throw new Error('A failed plan comes with its scenario');
  return keepScenario(folder, `sweep-${basename(file, extname(file))}-${index + 1}-${result.plan.kind}`, scenario);
}

function failureLines({ failures }: SweepTally, kept: readonly string[]): readonly string[] {
  return failures.flatMap(({ file, result: { plan, failure } }, index) => [
    `✗ ${basename(file)}, ${plan.kind}, ${plan.about}: ${failure?.violations[0]?.property} is broken: ${failure?.violations[0]?.what}`,
    ...timelineLines(failure?.timeline ?? []).map((line) => `    ${line}`),
    `  ${failure?.scenario.items.length} items; again: pgctl replay ${kept[index]}`,
  ]);
}

function summaryLines(tally: SweepTally, seconds: number): readonly string[] {
  const { executed, failures, unknown, counts } = tally;
  const verdict =
    failures.length > 0
      ? `✗ ${failures.length} of ${executed} plans failed`
      : unknown > 0
        ? `⚠ ${unknown} of ${executed} plans were cut off; the others passed`
        : `✓ ${executed} plans passed`;
  return [
    ...[...counts].map(([file, kinds]) => `  ${basename(file)}: ${kindsText(kinds)}`),
    `${verdict} (${counts.size} scenarios, ${seconds.toFixed(1)} s)`,
  ];
}

function kindsText(kinds: ReadonlyMap<PlanKind, number>): string {
  return planKinds.map((kind) => `${kinds.get(kind) ?? 0} ${kind}`).join(', ');
}

function documentOf(tally: SweepTally, seconds: number, kept: readonly string[]): object {
  const { planned, executed, unknown, failures, counts } = tally;
  return {
    verdict: failures.length > 0 ? 'fail' : unknown > 0 ? 'unknown' : 'pass',
    plans: planned,
    executed,
    unknown,
    seconds: Math.round(seconds * 10) / 10,
    scenarios: [...counts].map(([file, kinds]) => ({
      file,
      executed: Object.fromEntries(planKinds.map((kind) => [kind, kinds.get(kind) ?? 0])),
    })),
    failures: failures.map(({ file, result: { plan, failure } }, index) => ({
      scenario: file,
      kind: plan.kind,
      about: plan.about,
      property: failure?.violations[0]?.property,
      what: failure?.violations[0]?.what,
      items: failure?.scenario.items.length,
      file: kept[index],
    })),
  };
}

function exitOf({ failures, unknown }: SweepTally): ExitName {
  if (failures.length > 0) return 'error';
  return unknown > 0 ? 'cannotTell' : 'ok';
}
