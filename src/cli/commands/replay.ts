import packageJson from '../../../package.json' with { type: 'json' };
import { defineCommand, numberOption, option, positional } from '../command.ts';
import { differencesOf } from '../drill/differences.ts';
import { playFile } from '../drill/play-file.ts';
import { plantedBugNamed } from '../drill/planted-bugs.ts';
import { replayLines } from '../drill/replay-lines.ts';
import { outputOption, printDocument, printLines } from '../output.ts';
import { readDrillDefinitions } from '../product-files.ts';

export const replayCommand = defineCommand({
  name: 'replay',
  about:
    'Plays a scenario file in the simulated world, exactly as it was played before: shows what happened, line by line; ' +
    'where a property breaks, its sentence and the objects concerned as they were at that moment; and whether the run is ' +
    'what the file expects.',
  examples: [
    'pgctl replay scenarios/device-stays-open.yaml',
    'pgctl replay drill-failures/seed-1-run-80.json --until S20 --from 40',
    'pgctl replay scenarios/planned.yaml --trace planned.jsonl -o json',
  ],
  args: {
    file: positional('FILE', 'a scenario file, YAML or JSON', { suggest: 'files' }),
    trace: option('--trace FILE', 'also write all that hosts, objects, guests and replicas do, as JSON lines', {
      suggest: 'files',
    }),
    until: option('--until PROPERTY', 'end where this property breaks; succeed when it does'),
    from: numberOption('--from N', 'show the N-th line of what happened first (counted from 1)', { min: 1, max: 1e9 }),
    planted: option(
      '--planted BUG',
      'play it with a planted bug, one of pgctl drill mutants --list (in a checkout only)',
    ),
    output: outputOption(['json', 'yaml']),
  },
  run: async ({ file, trace, until, from = 1, planted, output }, context) => {
    const bug = await plantedBugNamed(planted);
    const played = await playFile(file, {
      definitions: await readDrillDefinitions(),
      stop: context.interrupted,
      ...(until === undefined ? {} : { until }),
      ...(trace === undefined ? {} : { trace: { file: trace, program: `pgctl ${packageJson.version}` } }),
      ...(bug === undefined ? {} : { bug }),
    });
    const differences = differencesOf(played, until);
    if (output === 'json' || output === 'yaml') {
      const { verdict, violations, timeline, digest, marks } = played.report;
      await printDocument(
        {
          verdict,
          asExpected: differences.length === 0,
          differences,
          violations,
          broken: played.scenes.map(({ violation, name, says, objects }) => ({
            ...violation,
            name,
            says,
            objects: Object.fromEntries(objects.map(({ name: object, state }) => [object, state])),
          })),
          timeline: timeline.slice(from - 1),
          marks: [...marks],
          digest,
          ...(played.traceDigest === undefined ? {} : { trace, traceDigest: played.traceDigest }),
        },
        output,
        context,
      );
    } else {
      printLines(await replayLines(played, { differences, from, trace }), context);
    }
    return differences.length === 0 ? 'ok' : 'error';
  },
});
