import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { defaultStorageBackend, type StorageBackend } from '../../model/storage-backend.ts';
import { labSites } from '../lab-sites.ts';
import { askLab } from './control-client.ts';
import { LabError } from './lab-error.ts';
import { registerLab } from './lab-register.ts';
import {
  type LabFile,
  abandonFolder,
  logFileOf,
  logTail,
  prepareFolder,
  readLabFile,
  removeLab,
} from './lab-folder.ts';
import type { LabProcessOrder } from './lab-process.ts';

export interface LabOrder {
  readonly folder: string;
  readonly clusters: 2 | 3;
  /** LINSTOR has a satellite on the quorum cluster, which holds a tiebreaker of each volume. False unless given. */
  readonly tiebreaker?: boolean;
  /** World seconds per real second. */
  readonly speed: number;
  readonly seed?: number;
  /** What keeps the volumes; LINSTOR unless given. */
  readonly storage?: StorageBackend;
  /** False: the product's controllers are not in the lab. True unless given. */
  readonly withControllers?: boolean;
}

const readyWithinMs = 60_000;
const lookEveryMs = 50;

/**
 * Brings up a lab in a folder and leaves one background process. Resolves when every endpoint answers; `alreadyUp` when
 * it was up before. Throws a LabError when it does not come up, with the end of its log.
 */
export async function startLab(order: LabOrder): Promise<{ readonly file: LabFile; readonly alreadyUp: boolean }> {
  const folder = resolve(order.folder);
  const present = readLabFile(folder);
  if (present !== undefined && (await askLab(present)) !== undefined) return { file: present, alreadyUp: true };
  // A lab whose process has died: what it left is in the way of the new one.
  if (present !== undefined) removeLab(folder, present);
  const clusters = labSites(order.clusters).map((site) => site.name);
  const madeFolder = prepareFolder(folder, clusters) || (present?.madeFolder ?? false);
  const { seed = 1, tiebreaker = false, storage = defaultStorageBackend, withControllers = true } = order;
  const child = launch({
    ...order,
    folder,
    tiebreaker,
    seed,
    storage,
    withControllers,
    madeFolder,
    definitionsFolder: definitionsFolder(),
  });
  try {
    const file = await untilReady(folder, child);
    registerLab(file.id, folder);
    return { file, alreadyUp: false };
  } catch (cause) {
    child.kill();
    abandonFolder(folder, madeFolder);
    throw cause;
  }
}

interface Child {
  /** How the process ended; undefined while it runs. */
  ended(): string | undefined;
  kill(): void;
}

function launch(order: LabProcessOrder): Child {
  const log = openSync(logFileOf(order.folder), 'w', 0o600);
  const child = spawn(process.execPath, [processFile(), JSON.stringify(order)], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: order.folder,
  });
  closeSync(log);
  let end: string | undefined;
  child.on('error', (cause) => {
    end = cause.message;
  });
  child.on('exit', (code, signal) => {
    end = signal === null ? `exit code ${code}` : `signal ${signal}`;
  });
  child.unref();
  return { ended: () => end, kill: () => child.kill() };
}

async function untilReady(folder: string, child: Child): Promise<LabFile> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    const file = readLabFile(folder);
    if (file !== undefined && (await askLab(file)) !== undefined) return file;
    const end =
      child.ended() ?? (performance.now() > deadline ? `not ready after ${readyWithinMs / 1000} s` : undefined);
    if (end !== undefined) {
      const tail = logTail(folder);
      throw new LabError(
        `The lab does not come up (${end})${tail === '' ? '' : `; its log ends with:\n${tail}`}`,
        'try again',
      );
    }
    await new Promise((wake) => setTimeout(wake, lookEveryMs));
  }
}

/** The process's program: TypeScript in a checkout, a bundle beside the others in a package. */
function processFile(): string {
  return firstThatExists(['../main.ts', './lab.mjs', '../lab.mjs']);
}

/** By a file in it: above a package there may be a folder of that name which is somebody else's. */
function definitionsFolder(): string {
  const name = 'crds/protection-group-crd.yaml';
  return dirname(firstThatExists([`../../../${name}`, `../${name}`, `../../${name}`]));
}

function firstThatExists(places: readonly string[]): string {
  const paths = places.map((place) => join(import.meta.dirname, place));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new LabError(`This installation lacks ${paths.join(' or ')}`, 'install pgctl again');
  return found;
}
