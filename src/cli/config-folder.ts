import { randomUUID } from 'node:crypto';
import { promises as files, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { type ClusterAccess, parseSettings, type Settings, type SettingsProblem } from '../model/settings.ts';
import { CommandError } from './command-error.ts';
import type { CommandContext } from './context.ts';

/** The settings file of a config folder. */
export function configFile(folder: string): string {
  return join(folder, 'config');
}

/** The kubeconfig of a registered cluster; a relative one is in the config folder. */
export function kubeconfigFile(folder: string, cluster: ClusterAccess): string {
  return isAbsolute(cluster.kubeconfig) ? cluster.kubeconfig : join(folder, cluster.kubeconfig);
}

/** The settings in use. Warnings are told on stderr; an error in the file, or no file, is thrown with its remedy. */
export async function loadSettings(context: CommandContext): Promise<Settings> {
  const file = configFile(context.configFolder);
  const { settings, problems } = parseSettings(readConfigText(file));
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (errors.length > 0) throw settingsError(file, errors);
  for (const problem of problems) {
    context.stderr.write(`warning: ${place(file, problem)}${problem.message}\n`);
  }
  return settings;
}

/** The text of the settings file; a missing or unreadable one is a CommandError. */
export function readConfigText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') {
      throw new CommandError('pgctl is not configured yet', {
        reason: `${file} does not exist`,
        remedy: 'Create it: pgctl init (or name another folder with --config-dir or PGCTL_HOME)',
        exit: 'usage',
        cause,
      });
    }
    throw new CommandError('The pgctl configuration cannot be read', {
      reason: fileReason(file, cause),
      remedy: `Make it a file that you may read: ls -la ${file}`,
      exit: 'usage',
      cause,
    });
  }
}

/** Replaces a file as a whole: the old text or the new one is there at any moment, readable by its owner only. */
export async function writeFileWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await files.open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(temporary, file);
  } catch (cause) {
    await files.rm(temporary, { force: true });
    throw new CommandError(`${file} cannot be written`, {
      reason: fileReason(file, cause),
      remedy: 'Make its folder one that you may write to, with space left, and run the command again',
      cause,
    });
  }
}

/** Makes a folder for its owner only; one that is there stays as it is. True when it was made. */
export async function makeFolder(folder: string): Promise<boolean> {
  try {
    return (await files.mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined;
  } catch (cause) {
    throw new CommandError(`The folder ${folder} cannot be made`, {
      reason: fileReason(folder, cause),
      remedy: 'Name a folder that you may write to with --config-dir or PGCTL_HOME',
      cause,
    });
  }
}

/** What a failed file operation means, as a sentence. */
export function fileReason(file: string, cause: unknown): string {
  const sentences: Readonly<Record<string, string>> = {
    ENOENT: `${file} does not exist`,
    EACCES: `${file} may not be accessed by you (permission denied)`,
    EPERM: `${file} may not be changed (operation not permitted)`,
    EISDIR: `${file} is a folder, not a file`,
    ENOTDIR: `a part of the path ${file} is a file, not a folder`,
    EEXIST: `${file} is there already and is no folder`,
    ENOSPC: `no space left for ${file}`,
    EROFS: `${file} is on a read-only file system`,
  };
  return sentences[codeOf(cause) ?? ''] ?? (cause instanceof Error ? cause.message : String(cause));
}

export function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The error of a settings file with every mistake in it. */
export function settingsError(file: string, errors: readonly SettingsProblem[]): CommandError {
  return new CommandError(
    `The pgctl configuration has ${errors.length === 1 ? 'a mistake' : `${errors.length} mistakes`}`,
    {
      reason: errors.map((problem) => `${place(file, problem)}${problem.message}`).join('; '),
      remedy: [...new Set(errors.map((problem) => problem.remedy))].join('; '),
      exit: 'usage',
    },
  );
}

function place(file: string, problem: SettingsProblem): string {
  return problem.line === undefined ? `${file}: ` : `${file}, line ${problem.line}: `;
}
