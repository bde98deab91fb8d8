import { usageError } from './command-error.ts';
import type { CommandContext } from './context.ts';

/** The context before the global options are known: they say where the configuration is. */
export type ProcessContext = Omit<CommandContext, 'configFolder' | 'verbose'> & { readonly homeFolder: string };

/** The options that every command has. */
export interface GlobalOptions {
  readonly configDir?: string;
  readonly verbose?: boolean;
}

/** What a command may use of the world. Throws a usage error for a folder without a name. */
export function commandContext(process: ProcessContext, { configDir, verbose }: GlobalOptions): CommandContext {
  if (configDir === '') throw usageError('--config-dir must not be empty');
  const { homeFolder, ...rest } = process;
  const fromEnvironment = process.environment['PGCTL_HOME'];
  const configFolder =
    configDir ??
    (fromEnvironment !== undefined && fromEnvironment !== '' ? fromEnvironment : `${homeFolder}/.kube/pgctl`);
  return { ...rest, configFolder, verbose: verbose === true };
}
