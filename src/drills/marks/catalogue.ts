import type { CoverageCounts } from '../coverage/coverage-tally.ts';
import type { RecordKeeper } from '../record-keeper.ts';
import type { Stage } from '../stage.ts';
import { deadlineMarks } from './deadline-marks.ts';
import { faultMarks } from './fault-marks.ts';
import { crashMarks, machineMarks } from './machine-marks.ts';
import type { Mark, MarkFamily } from './mark.ts';
import { operationMarks } from './operation-marks.ts';
import { requestMarks } from './request-marks.ts';
import { storageMarks } from './storage-marks.ts';

/** Every mark there is, in families. */
export const markFamilies: readonly MarkFamily[] = [
  faultMarks,
  machineMarks,
  crashMarks,
  deadlineMarks,
  requestMarks,
  operationMarks,
  storageMarks,
];

/** Every mark there is. */
export const marks: readonly Mark[] = markFamilies.flatMap((family) => family.marks);

/** Those that a full set of random runs is to reach. */
export const randomMarks: readonly Mark[] = marks.filter(({ reach }) => reach === 'random');

/** So many random runs are a full set: they must reach every mark that random runs are to reach. */
export const fullRuns = 20_000;

/** Lets every family watch a run. */
export function watchMarks(stage: Stage, keeper: RecordKeeper): void {
  for (const { watch } of markFamilies) watch?.(stage, (mark) => keeper.mark(mark));
}

/** The marks that random runs are to reach and these have not. */
export function unreachedMarks({ marks: reached, pairs }: CoverageCounts): readonly Mark[] {
  return randomMarks.filter(({ id }) => reached[id] === undefined && pairs[id] === undefined);
}
