import type { ActiveFault } from '../../twin/faults/fault-board.ts';
import type { FaultOrder } from '../../twin/faults/fault.ts';
import { LabError } from './lab-error.ts';
import { type LabFile, logTail, readLabFile } from './lab-folder.ts';

const patienceMs = 5000;

/** What a lab's process says of itself. */
export interface LabReport {
  readonly id: string;
  readonly faults: readonly ActiveFault[];
}

/** The report of a lab's process; undefined when nobody answers, or somebody else does. */
export async function askLab(file: LabFile): Promise<LabReport | undefined> {
  try {
    const { status, body } = await call(file, 'GET', '/status');
    const report = body as LabReport;
    return status === 200 && report.id === file.id ? report : undefined;
  } catch {
    return undefined;
  }
}

/** Asks a lab's process to end. */
export async function askToStop(file: LabFile): Promise<void> {
  await call(file, 'POST', '/stop');
}

/** Starts a fault in the lab of a folder. */
export async function injectFault(folder: string, order: FaultOrder): Promise<ActiveFault> {
  return (await commandLab(folder, '/faults', { order })) as ActiveFault;
}

/** Ends one fault of the lab of a folder, or all. */
export async function healFaults(folder: string, id: string | undefined): Promise<readonly ActiveFault[]> {
  return (await commandLab(folder, '/heal', id === undefined ? {} : { id })) as readonly ActiveFault[];
}

/** The faults that are on in the lab of a folder. */
export async function listFaults(folder: string): Promise<readonly ActiveFault[]> {
  return (await runningLab(folder)).report.faults;
}

/** The lab of a folder, which must be running. */
export async function runningLab(folder: string): Promise<{ readonly file: LabFile; readonly report: LabReport }> {
  const file = readLabFile(folder);
  if (file === undefined) throw new LabError(`There is no lab in ${folder}`, `pgctl lab up --dir ${folder}`);
  const report = await askLab(file);
  if (report !== undefined) return { file, report };
  const tail = logTail(folder);
  const log = tail === '' ? '' : `; its log ends with:\n${tail}`;
  throw new LabError(`The lab in ${folder} has ended by itself${log}`, `pgctl lab down --dir ${folder}, then up again`);
}

async function commandLab(folder: string, path: string, command: object): Promise<unknown> {
  const { file } = await runningLab(folder);
  const { status, body } = await call(file, 'POST', path, command);
  if (status === 200) return body;
  const { error = `the lab answered ${status}` } = body as { error?: string };
  throw new LabError(error, 'pgctl lab fault --help lists the faults and their options');
}

async function call(
  { control }: LabFile,
  method: string,
  path: string,
  command?: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${control.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${control.token}` },
    signal: AbortSignal.timeout(patienceMs),
    ...(command === undefined ? {} : { body: JSON.stringify(command) }),
  });
  return { status: response.status, body: await response.json() };
}
