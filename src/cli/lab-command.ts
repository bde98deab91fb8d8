import { LabError } from '../lab/process/lab-error.ts';
import { onlyLabFolder } from '../lab/process/lab-register.ts';
import { type Argument, option } from './command.ts';
import { CommandError } from './command-error.ts';
import type { ExitName } from './exit-codes.ts';

/** The `--dir` option of the commands for a lab that exists. */
export function labFolderOption(): Argument<string | undefined> {
  return option('--dir DIR', 'folder of the lab (default: the only lab there is)', { suggest: 'files' });
}

/** Runs what concerns a lab; what goes wrong is told with its remedy. */
export async function withLab(
  folder: string | undefined,
  act: (folder: string) => Promise<ExitName>,
): Promise<ExitName> {
  try {
    return await act(folder ?? onlyLabFolder());
  } catch (cause) {
    if (cause instanceof LabError) throw new CommandError(cause.message, { remedy: cause.remedy, cause });
    throw cause;
  }
}
