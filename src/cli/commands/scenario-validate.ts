import { defineCommand, positional } from '../command.ts';
import { validateFile } from '../drill/play-file.ts';
import { printLines } from '../output.ts';

export const scenarioValidateCommand = defineCommand({
  name: 'scenario validate',
  about: 'Checks that a file is a scenario, and says what is wrong with it otherwise. Nothing is played.',
  examples: ['pgctl scenario validate scenarios/device-stays-open.yaml'],
  args: { file: positional('FILE', 'a scenario file, YAML or JSON', { suggest: 'files' }) },
  run: async ({ file }, context) => {
    await validateFile(file, context.interrupted);
    printLines([`✓ ${file} is a scenario`], context);
    return 'ok';
  },
});
