import { type CoverageReport, type Reached, reportCoverage } from '../../drills/coverage/coverage-report.ts';
import type { CoverageCounts } from '../../drills/coverage/coverage-tally.ts';
import { randomMarks, unreachedMarks } from '../../drills/marks/catalogue.ts';
import { markedFaults } from '../../drills/marks/fault-marks.ts';

/**
 * What runs have reached, for programs: the summary, the marks that random runs are to reach and have not, and under
 * `counts` what can be added to that of other runs.
 */
export function coverageDocument(
  counts: CoverageCounts,
): CoverageReport & { readonly unreached: readonly string[]; readonly counts: CoverageCounts } {
  const unreached = unreachedMarks(counts).map(({ id }) => id);
  return { ...reportCoverage(counts, markedFaults), unreached, counts };
}

/** The same in a few lines for people. */
export function coverageLines(counts: CoverageCounts): readonly string[] {
  const { machines, faultStates, unseen } = reportCoverage(counts, markedFaults);
  const ofMachines = Object.entries(machines).map(
    ([id, { states, branches }]) => `  ${id}: ${share(states)} states, ${share(branches)} branches reached`,
  );
  return [
    ...ofMachines,
    `  ${randomMarks.length - unreachedMarks(counts).length} of ${randomMarks.length} marks`,
    `  ${share(faultStates)} pairs of a fault and a state of an operation`,
    `  ${unseen.classes} classes of the world, ${unseen.seenOnce} in one run only: the next is new with ${percent(unseen.unseenMass)}`,
  ];
}

function share({ reached, of }: Reached): string {
  return `${reached} of ${of}`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
