import { drawnFaults, reachedFaults } from '../faults/catalogue.ts';
import { markOf } from '../faults/fault.ts';
import type { MarkFamily } from './mark.ts';

const idOfMark: ReadonlyMap<string, string> = new Map(reachedFaults.map((fault) => [markOf(fault), fault.id]));
const drawn: ReadonlySet<string> = new Set(drawnFaults.map(({ id }) => id));

/** The id of the fault that a mark says has fired; undefined for other marks. */
export function faultOfMark(mark: string): string | undefined {
  return idOfMark.get(mark);
}

/** The ids of the faults that random runs are to meet. */
export const markedFaults: readonly string[] = [...drawn];

/** The fault in which a process simply dies. */
export const crashFault = 'P1';

/** Each fault of the catalogue has fired. */
export const faultMarks: MarkFamily = {
  title: 'Faults',
  marks: reachedFaults.map((fault) => ({
    id: markOf(fault),
    says: fault.says,
    reach: drawn.has(fault.id) ? 'random' : 'scenarios',
  })),
};
