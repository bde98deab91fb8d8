import { defineCommand, option, positional } from '../command.ts';
import { CommandError } from '../command-error.ts';
import type { RunReport } from '../../drills/run.ts';
import type { Scenario } from '../../drills/scenario.ts';
import { playFile } from '../drill/play-file.ts';
import { plantedBugNamed } from '../drill/planted-bugs.ts';
import { timelineLines } from '../drill/timeline-lines.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { readProductDefinitions } from '../product-files.ts';

export const replayCommand = defineCommand({
  name: 'replay',
  about:
    'Plays a scenario file in the simulated world, shows what happened, and judges it against what the file expects.',
  examples: ['pgctl replay scenarios/device-stays-open.yaml', 'pgctl replay drill-failures/seed-1-run-80.json -o json'],
  args: {
    file: positional('FILE', 'a scenario file, YAML or JSON', { suggest: 'files' }),
    planted: option(
      '--planted BUG',
      'play it with a planted bug, one of pgctl drill mutants --list (in a checkout only)',
    ),
    output: outputOption(['json', 'yaml']),
  },
  run: async ({ file, planted, output }, context) => {
    const bug = await plantedBugNamed(planted);
    const answer = await playFile(file, await readProductDefinitions(), context.interrupted, bug);
    if (answer?.kind !== 'played') throw new CommandError(`${file} was not played to its end`, { exit: 'timedOut' });
    const { scenario, report } = answer;
    const missing = differencesOf(scenario, report);
    if (output === 'json' || output === 'yaml') {
      const { verdict, violations, timeline, digest, marks } = report;
      await printDocument(
        {
          verdict,
          asExpected: missing.length === 0,
          differences: missing,
          violations,
          timeline,
          marks: [...marks],
          digest,
        },
        output,
        context,
      );
    } else {
      printLines([scenario.about, ...timelineLines(report.timeline), ...verdictLines(report, missing)], context);
    }
    return missing.length === 0 ? 'ok' : 'error';
  },
});

/** In what a run is not what its scenario expects. */
function differencesOf({ expect }: Scenario, { verdict, violations, marks }: RunReport): readonly string[] {
  const broken = new Set(violations.map(({ property }) => property));
  return [
    ...(verdict === expect.verdict ? [] : [`the verdict is ${verdict}, not ${expect.verdict}`]),
    ...(expect.property === undefined || broken.has(expect.property) ? [] : [`${expect.property} is not broken`]),
    ...(expect.marks ?? []).filter((mark) => !marks.has(mark)).map((mark) => `"${mark}" was not reached`),
  ];
}

function verdictLines({ verdict, violations, digest }: RunReport, missing: readonly string[]): readonly string[] {
  const broken = violations.map(({ property, what }) => `✗ ${property} is broken: ${what}`);
  const expected = missing.length === 0 ? '✓ as expected' : `✗ not as expected: ${missing.join('; ')}`;
  return [...broken, `${expected} (verdict ${verdict}, digest ${digest})`];
}
