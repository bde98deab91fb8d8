import { drawnFaults, reachedFaults } from '../faults/catalogue.ts';
import { markOf } from '../faults/fault.ts';

const idOfMark: ReadonlyMap<string, string> = new Map(reachedFaults.map((fault) => [markOf(fault), fault.id]));

/** The id of the fault that a mark says has fired; undefined for other marks. */
export function faultOfMark(mark: string): string | undefined {
  return idOfMark.get(mark);
}

/** The ids of the faults that random runs are to meet. */
export const markedFaults: readonly string[] = drawnFaults.map(({ id }) => id);
