import { defineCommand, flag, numberOption, option } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { keepScenario } from '../drill/keep-scenario.ts';
import type { SoakAnswer } from '../drill/messages.ts';
import { runThread } from '../drill/run-thread.ts';
import { timelineLines } from '../drill/timeline-lines.ts';
import { isForPrograms, outputOption, printDocument, printLines } from '../output.ts';
import { readDrillDefinitions } from '../product-files.ts';

export const drillSoakCommand = defineCommand({
  name: 'drill soak',
  about:
    'Moves one group to the other site and back, again and again in one simulated world, with a trouble now and then ' +
    'that an operation gets over. Every property must hold, every operation succeed, and nothing grow.',
  examples: ['pgctl drill soak', 'pgctl drill soak --operations 400 --vms 4 -o json'],
  args: {
    operations: numberOption('--operations N', 'failovers and failbacks (default: 100)', { min: 1, max: 10_000 }),
    vms: numberOption('--vms N', 'VMs of the group (default: 2)', { min: 1, max: 12 }),
    twoSites: flag('--two-sites', 'without a quorum site'),
    seed: numberOption('--seed S', 'source of all chance (default: 1)', { min: 0, max: 2 ** 31 - 1 }),
    keep: option('--keep DIR', 'folder for the scenario of a failure (default: drill-failures)', { suggest: 'files' }),
    output: outputOption(['json', 'yaml']),
  },
  complete: async ({ operations = 100, vms = 2, twoSites, seed = 1, keep = 'drill-failures', output }) => ({
    settings: { seed, operations, topology: { nodes: 1, quorumSite: !twoSites, virtualMachines: vms } },
    keep,
    output,
  }),
  run: async ({ settings, keep, output }, context) => {
    const began = performance.now();
    const definitions = await readDrillDefinitions();
    let answer: SoakAnswer | undefined;
    await runThread(
      { kind: 'soak', definitions, settings },
      (message) => {
        if (message.kind === 'soaked') answer = message;
      },
      context.interrupted,
    );
    if (answer === undefined)
      throw new CommandError('The soak was left before its end', { exit: 'timedOut', remedy: 'pgctl drill soak' });
    const seconds = (performance.now() - began) / 1_000;
    const { verdict, failure } = answer;
    const file = failure && keepScenario(keep, `soak-seed-${settings.seed}`, failure.scenario);
    if (isForPrograms(output)) {
      const document = documentOf(answer, settings.operations, seconds, file);
      await printDocument(document, output === 'yaml' ? 'yaml' : 'json', context);
    } else {
      printLines(linesOf(answer, settings.operations, seconds, file), context);
    }
    if (verdict === 'unknown') return 'cannotTell';
    return verdict === 'pass' ? 'ok' : 'error';
  },
});

function linesOf(
  { verdict, succeeded, simulated, failure }: SoakAnswer,
  operations: number,
  seconds: number,
  file: string | undefined,
): readonly string[] {
  const hours = (simulated / 3_600_000).toFixed(1);
  const mark = verdict === 'pass' ? '✓' : verdict === 'fail' ? '✗' : '⚠';
  return [
    ...(failure === undefined
      ? []
      : [`✗ ${failure.what}`, ...timelineLines(failure.timeline), `  again: pgctl replay ${file}`]),
    `${mark} ${succeeded} of ${operations} operations succeeded in one world (${hours} h of simulated time, ${seconds.toFixed(1)} s)`,
  ];
}

function documentOf(
  { verdict, succeeded, simulated, events, failure }: SoakAnswer,
  operations: number,
  seconds: number,
  file: string | undefined,
): object {
  return {
    verdict,
    operations,
    succeeded,
    simulatedSeconds: Math.round(simulated / 1_000),
    events,
    seconds: Math.round(seconds * 10) / 10,
    ...(failure === undefined
      ? {}
      : { failure: { property: failure.property, what: failure.what, items: failure.scenario.items.length, file } }),
  };
}
