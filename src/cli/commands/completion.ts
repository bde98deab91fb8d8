import { defineCommand, positional } from '../command.ts';
import { completionScripts, shells, type Shell } from '../completion-scripts.ts';

export const completionCommand = defineCommand({
  name: 'completion',
  about:
    'Prints the completion script of a shell. Commands, options, cluster names and protection groups are completed.',
  examples: [
    'source <(pgctl completion bash)',
    'pgctl completion zsh > "${fpath[1]}/_pgctl"',
    'pgctl completion fish > ~/.config/fish/completions/pgctl.fish',
  ],
  args: { shell: positional('SHELL', `shell: ${shells.join(', ')}`, { values: shells }) },
  run: async ({ shell }, context) => {
    context.stdout.write(completionScripts[shell as Shell]);
    return 'ok';
  },
});
