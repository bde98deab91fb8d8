import { stopLab } from '../../lab/process/stop-lab.ts';
import { defineCommand } from '../command.ts';
import { labFolderOption, withLab } from '../lab-command.ts';
import { printLines } from '../output.ts';

export const labDownCommand = defineCommand({
  name: 'lab down',
  about: 'Ends the background process of a lab and removes what lab up made, and nothing else.',
  examples: ['pgctl lab down --dir lab'],
  args: { dir: labFolderOption() },
  run: ({ dir }, context) =>
    withLab(dir, async (folder) => {
      const { wasRunning } = await stopLab(folder);
      printLines([`✓ The lab in ${folder} is down${wasRunning ? '' : ' (its process had ended before)'}`], context);
      return 'ok';
    }),
});
