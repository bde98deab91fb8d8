import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { LabError } from './lab-error.ts';
import { readLabFile } from './lab-folder.ts';

/**
 * Where the labs of this user are, so that a command may leave --dir out while there is only one. One small file per
 * lab in the folder for temporary files; a lab works without it.
 */
function registerFolder(): string {
  return join(tmpdir(), `site-recovery-labs-${userInfo().username}`);
}

/** Notes that a folder holds a lab. */
export function registerLab(id: string, folder: string): void {
  mkdirSync(registerFolder(), { recursive: true, mode: 0o700 });
  writeFileSync(join(registerFolder(), id), folder, { mode: 0o600 });
}

export function unregisterLab(id: string): void {
  rmSync(join(registerFolder(), id), { force: true });
}

/** The folder of the only lab there is. Throws a LabError when there is none, or more than one. */
export function onlyLabFolder(): string {
  const [folder, ...others] = registeredFolders();
  if (folder === undefined) throw new LabError('There is no lab', 'bring one up with pgctl lab up --dir DIR');
  if (others.length === 0) return folder;
  throw new LabError('There is more than one lab', `say which: --dir ${[folder, ...others].join(' or --dir ')}`);
}

function registeredFolders(): readonly string[] {
  let ids: readonly string[];
  try {
    ids = readdirSync(registerFolder());
  } catch {
    return [];
  }
  return ids.flatMap((id) => {
    const folder = readFileSync(join(registerFolder(), id), 'utf8');
    if (readLabFile(folder)?.id === id) return [folder];
    unregisterLab(id);
    return [];
  });
}
