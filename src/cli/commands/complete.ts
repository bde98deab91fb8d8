import { candidatesFor } from '../completion.ts';
import { defineCommand, type Argument, type RawValue } from '../command.ts';

const wordsTyped: Argument<readonly string[]> = {
  kind: 'positional',
  flags: 'WORDS',
  about: 'the words typed so far, the last one perhaps empty',
  required: false,
  repeated: true,
  read: (raw: RawValue) => (Array.isArray(raw) ? (raw as readonly string[]) : []),
};

export const completeCommand = defineCommand({
  name: '__complete',
  about: 'Prints candidates for the last of the words, one per line; `:files` asks the shell for file names.',
  examples: [],
  args: { words: wordsTyped },
  run: async ({ words }, context) => {
    for (const candidate of await candidatesFor(words, context)) context.stdout.write(`${candidate}\n`);
    return 'ok';
  },
});
