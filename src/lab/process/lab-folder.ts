import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { SiteRole } from '../../model/site.ts';
import type { StorageBackend } from '../../model/storage-backend.ts';
import { LabError } from './lab-error.ts';

/** What `lab.json` says of a lab. Its control token makes it as secret as the kubeconfigs beside it. */
export interface LabFile {
  readonly kind: 'site-recovery-lab';
  readonly id: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly speed: number;
  readonly clusters: readonly {
    readonly name: string;
    readonly role: SiteRole;
    readonly server: string;
    readonly kubeconfig: string;
    readonly tokens: Readonly<Record<string, string>>;
  }[];
  readonly storage: StorageBackend;
  /** Absent where there is no LINSTOR. */
  readonly linstorUrl?: string;
  readonly control: { readonly url: string; readonly token: string };
  /** True when `lab up` made the folder. */
  readonly madeFolder: boolean;
}

const labFileName = 'lab.json';
const logName = 'lab.log';

export const logFileOf = (folder: string): string => join(folder, logName);

/** The lab of a folder; undefined when there is none. Throws a LabError for a file that is not ours. */
export function readLabFile(folder: string): LabFile | undefined {
  const path = join(folder, labFileName);
  if (!existsSync(path)) return undefined;
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<LabFile>;
    if (file.kind === 'site-recovery-lab' && typeof file.pid === 'number') return file as LabFile;
  } catch {
    // Not JSON: not ours.
  }
  throw new LabError(`${path} does not describe a lab`, 'choose another folder with --dir, or remove the file');
}

/** Makes the folder where it is missing; answers whether it did. Throws a LabError where files of others are in the way. */
export function prepareFolder(folder: string, clusters: readonly string[]): boolean {
  const isNew = !existsSync(folder);
  if (isNew) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const inTheWay = [...clusters.map((name) => kubeconfigPath(folder, name)), logFileOf(folder)].find(existsSync);
  if (inTheWay === undefined) return isNew;
  throw new LabError(`${inTheWay} exists and does not belong to a lab`, 'choose another folder with --dir');
}

/** Takes back `prepareFolder` after a start that failed. */
export function abandonFolder(folder: string, madeFolder: boolean): void {
  rmSync(logFileOf(folder), { force: true });
  if (madeFolder && readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Writes the kubeconfigs, and `lab.json` last: a folder with that file is a lab that is ready. */
export function writeLab(folder: string, file: LabFile, kubeconfigs: ReadonlyMap<string, string>): void {
  for (const [path, text] of kubeconfigs) writeFileSync(path, text, { mode: 0o600 });
  // In one step, because somebody waits for it.
  const path = join(folder, labFileName);
  writeFileSync(`${path}.new`, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Where the kubeconfig of a cluster is: `DIR/cluster1.kubeconfig`. */
export function kubeconfigPath(folder: string, cluster: string): string {
  return join(folder, `${cluster}.kubeconfig`);
}

/** Removes what `lab up` made, and nothing else: the folder only when it made it and nothing of others is in it. */
export function removeLab(folder: string, file: LabFile): void {
  const ours = [...file.clusters.map((cluster) => kubeconfigPath(folder, cluster.name)), logFileOf(folder)];
  for (const path of [...ours, join(folder, labFileName)]) rmSync(path, { force: true });
  if (file.madeFolder && readdirSync(folder).length === 0) rmdirSync(folder);
}

/** The last lines of the log, for messages. */
export function logTail(folder: string, lines = 15): string {
  const path = logFileOf(folder);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
}
