import { resolve } from 'node:path';
import type { ActiveFault } from '../../twin/faults/fault-board.ts';
import { askLab } from './control-client.ts';
import { type LabFile, logTail, readLabFile } from './lab-folder.ts';

/** `absent`: no lab in the folder · `running` · `died`: its process ended without `lab down`. */
export type LabStatus =
  | { readonly state: 'absent'; readonly folder: string }
  | {
      readonly state: 'running';
      readonly folder: string;
      readonly file: LabFile;
      readonly faults: readonly ActiveFault[];
    }
  | { readonly state: 'died'; readonly folder: string; readonly file: LabFile; readonly logTail: string };

/** How the lab of a folder is. */
export async function labStatus(folder: string): Promise<LabStatus> {
  const place = resolve(folder);
  const file = readLabFile(place);
  if (file === undefined) return { state: 'absent', folder: place };
  const report = await askLab(file);
  if (report === undefined) return { state: 'died', folder: place, file, logTail: logTail(place) };
  return { state: 'running', folder: place, file, faults: report.faults };
}
