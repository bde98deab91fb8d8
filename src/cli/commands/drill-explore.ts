import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExploreProgress } from '../../drills/explore/exploration.ts';
import { defaultSettings, type ExploreSettings, mostOf } from '../../drills/explore/settings.ts';
import { defineCommand, numberOption, option } from '../command.ts';
import { CommandError } from '../command-error.ts';
import type { CommandContext } from '../context.ts';
import type { ExploreMessage, ExploreOrder } from '../drill/explore-messages.ts';
import { type Explored, exploreDocument, exploreLines, retraceLines } from '../drill/explore-text.ts';
import { type PlantedBug, plantedBugNamed } from '../drill/planted-bugs.ts';
import { readDocument } from '../drill/play-file.ts';
import { runThread } from '../drill/run-thread.ts';
import type { ExitName } from '../exit-codes.ts';
import { isForPrograms, outputOption, printDocument, printLines } from '../output.ts';
import { readDrillDefinitions } from '../product-files.ts';

const { budgets, limits, virtualMachines } = defaultSettings;

export const drillExploreCommand = defineCommand({
  name: 'drill explore',
  about:
    'Searches a small world whole: every order in which the processes of a failover, the VMs, the volumes and so many faults can ' +
    'follow one another. Counts the states, and says of each property that it holds in all of them, or shows the shortest way to break it.',
  examples: [
    'pgctl drill explore',
    'pgctl drill explore --vms 2 --faults 1 --crashes 0',
    'pgctl drill explore --acts 1 --faults 0 --states 5000000 -o json',
    'pgctl drill explore --replay drill-failures/explore-S20.json',
    "pgctl drill explore --planted 'failover guard targetRuns removed'",
  ],
  args: {
    vms: numberOption('--vms N', `VMs of the group (default: ${virtualMachines})`, {
      min: 1,
      max: mostOf.virtualMachines,
    }),
    faults: numberOption('--faults N', `faults on one way through the world (default: ${budgets.faults})`, {
      min: 0,
      max: mostOf.faults,
    }),
    crashes: numberOption('--crashes N', `processes that die on one way (default: ${budgets.crashes})`, {
      min: 0,
      max: mostOf.crashes,
    }),
    acts: numberOption('--acts N', `what a person does besides the first order (default: ${budgets.acts})`, {
      min: 0,
      max: mostOf.acts,
    }),
    depth: numberOption('--depth N', `choices on one way (default: ${limits.depth})`, { min: 1, max: 100_000 }),
    states: numberOption('--states N', `end the search at so many states (default: ${limits.states})`, {
      min: 1,
      max: 100_000_000,
    }),
    keep: option('--keep DIR', 'folder for counterexamples (default: drill-failures)', { suggest: 'files' }),
    replay: option('--replay FILE', 'play a counterexample again instead', { suggest: 'files' }),
    planted: option(
      '--planted BUG',
      'search with a planted bug, one of pgctl drill mutants --list (in a checkout only)',
    ),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ vms, faults, crashes, acts, depth, states, keep = 'drill-failures', replay, planted, output }) => {
    const settings: ExploreSettings = {
      virtualMachines: vms ?? virtualMachines,
      budgets: {
        faults: faults ?? budgets.faults,
        crashes: crashes ?? budgets.crashes,
        acts: acts ?? budgets.acts,
      },
      limits: { depth: depth ?? limits.depth, states: states ?? limits.states },
    };
    return { settings, keep, replay, planted, output };
  },
  run: async ({ settings, keep, replay, planted, output }, context) => {
    const bug = await plantedBugNamed(planted);
    const definitions = await readDrillDefinitions();
    if (replay !== undefined)
      return retrace(replay, { kind: 'retrace', definitions, document: await readDocument(replay) }, context, bug);
    const answer = await ask({ kind: 'explore', definitions, settings }, context, bug);
    if (answer?.kind !== 'explored')
      throw new CommandError('The search was left before its end', { exit: 'timedOut', remedy: 'pgctl drill explore' });
    const explored: Explored = { ...answer, files: keepCounterexamples(keep, answer) };
    if (isForPrograms(output)) {
      await printDocument(exploreDocument(explored), output === 'yaml' ? 'yaml' : 'json', context);
    } else {
      printLines(exploreLines(explored), context);
    }
    const exits = { pass: 'ok', fail: 'error', unknown: 'cannotTell' } as const;
    return exits[answer.report.verdict];
  },
});

async function retrace(
  file: string,
  order: ExploreOrder,
  context: CommandContext,
  bug: PlantedBug | undefined,
): Promise<ExitName> {
  const answer = await ask(order, context, bug);
  if (answer?.kind !== 'retraced')
    throw new CommandError(`${file} was not played to its end`, { exit: 'timedOut', remedy: 'play it again' });
  const { result } = answer;
  if (typeof result === 'string') {
    const remedy = 'take a file that pgctl drill explore has written';
    throw new CommandError(`${file} is no counterexample`, { exit: 'usage', reason: result, remedy });
  }
  printLines(retraceLines(result), context);
  return result.broken.some(({ property }) => property === result.property) ? 'ok' : 'error';
}

/** The last thing that the thread tells. */
async function ask(
  order: ExploreOrder,
  context: CommandContext,
  bug: PlantedBug | undefined,
): Promise<ExploreMessage | undefined> {
  const progress = progressOn(context);
  let answer: ExploreMessage | undefined;
  await runThread(
    order,
    (message) => {
      if (message.kind === 'exploring') progress(message.progress);
      else if (message.kind === 'explored' || message.kind === 'retraced') answer = message;
    },
    context.interrupted,
    bug,
  );
  return answer;
}

function progressOn({ stderr }: CommandContext): (progress: ExploreProgress) => void {
  const began = performance.now();
  return ({ states, edges, depth, waiting }) => {
    if (!stderr.isTerminal) return;
    const rate = Math.round(states / ((performance.now() - began) / 1_000));
    stderr.write(`▶ ${states} states, ${edges} edges, depth ${depth}, ${waiting} waiting, ${rate} states a second\n`);
  };
}

/** Writes each counterexample into the folder, and answers the files by the properties' ids. */
function keepCounterexamples(
  folder: string,
  { report }: Extract<ExploreMessage, { readonly kind: 'explored' }>,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { id, counterexample } of report.properties) {
    if (counterexample === undefined) continue;
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `explore-${id}.json`);
    writeFileSync(file, `${JSON.stringify(counterexample, undefined, 2)}\n`);
    files.set(id, file);
  }
  return files;
}
