import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { askLab, askToStop } from './control-client.ts';
import { LabError } from './lab-error.ts';
import { unregisterLab } from './lab-register.ts';
import { type LabFile, readLabFile, removeLab } from './lab-folder.ts';

const stopWithinMs = 10_000;
const lookEveryMs = 20;

/**
 * Ends the lab of a folder and removes exactly what `lab up` made. `wasRunning` is false when its process was gone already.
 * Throws a LabError for a folder that is no lab.
 */
export async function stopLab(folder: string): Promise<{ readonly wasRunning: boolean }> {
  const place = resolve(folder);
  const file = readLabFile(place);
  if (file === undefined) {
    throw new LabError(
      `There is no lab in ${place}: it has no lab.json`,
      'name the folder given to pgctl lab up with --dir',
    );
  }
  const wasRunning = (await askLab(file)) !== undefined;
  if (wasRunning) await askToStop(file);
  await untilGone(file, place);
  removeLab(place, file);
  unregisterLab(file.id);
  return { wasRunning };
}

/** Waits for the process to end; ends it when it does not, but only when it is certainly the lab's own. */
async function untilGone(file: LabFile, folder: string): Promise<void> {
  const deadline = performance.now() + stopWithinMs;
  let signalled = false;
  while (isLabProcess(file.pid, folder)) {
    if (!signalled && performance.now() > deadline) {
      process.kill(file.pid, 'SIGKILL');
      signalled = true;
    } else if (performance.now() > 2 * stopWithinMs + deadline) {
      throw new LabError(
        `The lab's process ${file.pid} does not end`,
        `end it by hand, then pgctl lab down --dir ${folder}`,
      );
    }
    await new Promise((wake) => setTimeout(wake, lookEveryMs));
  }
}

/** Whether a process is a lab of this folder: its number alone may have passed on to another program. */
function isLabProcess(pid: number, folder: string): boolean {
  const commandLine = commandLineOf(pid);
  return commandLine.includes(JSON.stringify(folder)) && /main\.ts|lab\.mjs/.test(commandLine);
}

function commandLineOf(pid: number): string {
  if (existsSync('/proc/self/cmdline')) {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  }
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
