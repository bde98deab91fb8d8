import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineCommand, flag, numberOption, option, repeatedOption } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import { type Hunted, huntBugs, huntNothing } from '../drill/hunt-bugs.ts';
import { keepScenario } from '../drill/keep-scenario.ts';
import type { HuntAnswer, ScenarioDocument } from '../drill/messages.ts';
import { readDocument } from '../drill/play-file.ts';
import { type PlantedBug, readPlantedBugs } from '../drill/planted-bugs.ts';
import { isForPrograms, type OutputFormat, outputOption, printDocument, printLines, printNotes } from '../output.ts';
import { packageFolder, readDrillDefinitions } from '../product-files.ts';

export const drillMutantsCommand = defineCommand({
  name: 'drill mutants',
  about:
    'Plants bugs into the product, one at a time, and drills until the property breaks that each of them must break. ' +
    'The product as it is then plays as many runs as the longest hunt took, and nothing may break. Needs a checkout.',
  examples: [
    'pgctl drill mutants',
    'pgctl drill mutants --list',
    'pgctl drill mutants --only "failover guard" --jobs 2 -o json',
  ],
  args: {
    seed: numberOption('--seed S', 'source of all chance (default: 1)', { min: 0, max: 2 ** 31 - 1 }),
    runs: numberOption('--runs N', 'random runs that each bug may survive, besides all scenarios (default: 1000)', {
      min: 1,
      max: 1e6,
    }),
    time: numberOption('--time SECONDS', 'seconds that each bug may survive (default: 60)', { min: 1, max: 1e5 }),
    jobs: numberOption('--jobs N', 'threads (default: one for each processor)', { min: 1, max: 256 }),
    only: repeatedOption('--only TEXT', 'only bugs whose id holds this text; can be repeated'),
    list: flag('--list', 'say which bugs there are, and plant none'),
    keep: option('--keep DIR', 'folder for the scenarios that show the bugs (default: none is written)', {
      suggest: 'files',
    }),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ seed = 1, runs = 1000, time = 60, jobs, ...rest }) => ({
    ...rest,
    seed,
    runs,
    milliseconds: time * 1_000,
    jobs: jobs ?? availableParallelism(),
  }),
  run: async ({ only, list, keep, output, ...budget }, context) => {
    const bugs = (await readPlantedBugs()).filter(
      ({ id }) => only.length === 0 || only.some((text) => id.includes(text)),
    );
    if (bugs.length === 0)
      throw usageError(`No planted bug is named ${only.join(' or ')}; pgctl drill mutants --list shows all`);
    if (list) {
      await show(
        { mutants: bugs.map(({ id, property, why }) => ({ id, property, why })) },
        listLines(bugs),
        output,
        context,
      );
      return 'ok';
    }
    const settings = {
      ...budget,
      definitions: await readDrillDefinitions(),
      scenarios: await readScenarios(),
      stop: context.interrupted,
    };
    const hunted = await huntBugs({ ...settings, bugs, onHunted: progressOn(context, bugs.length) });
    const runs = Math.max(...hunted.map(({ answer }) => answer.runs), 0);
    // The scenarios are among them, and are played in any case.
    const unmodified = await huntNothing({ ...settings, runs, milliseconds: Number.MAX_SAFE_INTEGER });
    if (hunted.length < bugs.length || unmodified === undefined)
      throw new CommandError('The hunt was left before its end', { exit: 'timedOut', remedy: 'pgctl drill mutants' });
    const files = keep === undefined ? [] : keepAll(keep, hunted);
    await show(documentOf(hunted, unmodified, files), [...linesOf(hunted), lineOf(unmodified)], output, context);
    return hunted.every(isCaught) && unmodified.found === undefined ? 'ok' : 'error';
  },
});

async function show(
  document: unknown,
  lines: readonly string[],
  output: OutputFormat,
  context: CommandContext,
): Promise<void> {
  if (isForPrograms(output)) await printDocument(document, output === 'yaml' ? 'yaml' : 'json', context);
  else printLines(lines, context);
}

/** The scenarios that come with pgctl. */
async function readScenarios(): Promise<readonly ScenarioDocument[]> {
  const folder = join(packageFolder(), 'scenarios');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  return Promise.all(
    files.toSorted().map(async (file) => ({
      file: `scenarios/${file}`,
      document: await readDocument(join(folder, file)),
    })),
  );
}

function listLines(bugs: readonly PlantedBug[]): readonly string[] {
  return bugs.map(({ id, property, why }) => `${id} (${property}): ${why}`);
}

function progressOn(context: CommandContext, count: number): (hunted: Hunted) => void {
  let ended = 0;
  return (hunted) => {
    ended += 1;
    if (context.stderr.isTerminal) printNotes([`▶ ${ended} of ${count} · ${huntedLine(hunted)}`], context);
  };
}

function isCaught({ answer }: Hunted): boolean {
  return answer.found !== undefined;
}

function linesOf(hunted: readonly Hunted[]): readonly string[] {
  const caught = hunted.filter(isCaught);
  const times = caught.map(({ answer }) => answer.milliseconds).toSorted((a, b) => a - b);
  const median = ((times[Math.floor(times.length / 2)] ?? 0) / 1_000).toFixed(1);
  const mark = caught.length === hunted.length ? '✓' : '✗';
  return [
    ...hunted.map(huntedLine),
    `${mark} ${caught.length} of ${hunted.length} planted bugs caught by the property that each of them breaks, half of them within ${median} s`,
  ];
}

function huntedLine({ bug, answer: { runs, milliseconds, alarms, by, found } }: Hunted): string {
  const seconds = `${(milliseconds / 1_000).toFixed(1)} s`;
  if (found !== undefined)
    return `✓ ${bug.id}: ${bug.property} after ${runs} runs, ${seconds}, ${found.scenario.items.length} items (${by})`;
  const others = alarms.length === 0 ? 'nothing else broke either' : `what broke: ${alarms.join(', ')}`;
  return `✗ ${bug.id}: ${bug.property} held in ${runs} runs, ${seconds}; ${others}`;
}

function lineOf({ runs, found }: HuntAnswer): string {
  return found === undefined
    ? `✓ Without a planted bug ${runs} runs raise no alarm`
    : `✗ Without a planted bug run ${found.run} breaks ${found.violations[0]?.property}: ${found.violations[0]?.what}`;
}

/** Writes each scenario under the bug's name, and answers the files by the bugs' ids. */
function keepAll(folder: string, hunted: readonly Hunted[]): readonly (readonly [id: string, file: string])[] {
  return hunted.flatMap(({ bug, answer: { found } }) =>
    found === undefined
      ? []
      : [[bug.id, keepScenario(folder, bug.id.replaceAll(/[^\w]+/g, '-'), found.scenario)] as const],
  );
}

function documentOf(
  hunted: readonly Hunted[],
  unmodified: HuntAnswer,
  files: readonly (readonly [id: string, file: string])[],
): object {
  const fileOf = new Map(files);
  return {
    verdict: hunted.every(isCaught) && unmodified.found === undefined ? 'pass' : 'fail',
    mutants: hunted.map(({ bug, answer: { runs, milliseconds, alarms, by, found } }) => ({
      id: bug.id,
      property: bug.property,
      caught: found !== undefined,
      runs,
      milliseconds,
      items: found?.scenario.items.length ?? null,
      by: by ?? null,
      alarms,
      ...(fileOf.has(bug.id) ? { file: fileOf.get(bug.id) } : {}),
    })),
    unmodified: {
      runs: unmodified.runs,
      alarms: unmodified.found?.violations.map(({ property, what }) => ({ property, what })) ?? [],
    },
  };
}
