import { defineCommand, option, repeatedPositional } from '../command.ts';
import { usageError } from '../command-error.ts';
import { readDrillResult } from '../drill/drill-result.ts';
import { joinDrills } from '../drill/join-drills.ts';
import { keepFailures } from '../drill/keep-scenario.ts';
import { showDrill } from '../drill/show-drill.ts';
import { outputOption } from '../output.ts';

export const drillMergeCommand = defineCommand({
  name: 'drill merge',
  about:
    'Joins the results of the parts (--shard) of a drill, as pgctl drill -o json writes them, into what one machine would have ' +
    'written: the same counts and the same digest. While parts are missing and no run has failed, nobody can tell (exit code 2).',
  examples: ['pgctl drill merge part-1.json part-2.json', 'pgctl drill merge results/*.json -o junit'],
  args: {
    files: repeatedPositional('FILE', 'results of the parts of one drill, as pgctl drill -o json writes them', {
      suggest: 'files',
    }),
    keep: option('--keep DIR', 'folder for the scenarios of failures (default: drill-failures)', { suggest: 'files' }),
    output: outputOption(['json', 'yaml', 'junit']),
  },
  run: async ({ files, keep = 'drill-failures', output }, context) => {
    const [first, ...others] = files.map((file) => ({ file, drill: readDrillResult(file) }));
    if (first === undefined) throw usageError('FILE is missing');
    const drill = joinDrills([first, ...others]);
    const kept = keepFailures(keep, drill.seed, drill.counts.failures);
    return showDrill({ ...drill, files: kept }, output, context);
  },
});
