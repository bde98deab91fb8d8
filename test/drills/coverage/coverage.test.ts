import { describe, expect, test } from 'vitest';
import { chartOf } from '../../../src/drills/coverage/chart.ts';
import { coveredMachines, reportCoverage } from '../../../src/drills/coverage/coverage-report.ts';
import { CoverageTally } from '../../../src/drills/coverage/coverage-tally.ts';
import type { RunCoverage } from '../../../src/drills/coverage/run-coverage.ts';
import { estimateUnseen } from '../../../src/drills/coverage/unseen.ts';
import { runTape } from '../../../src/drills/run.ts';
import { failoverMachine } from '../../../src/machines/failover/machine.ts';
import { calm, deviceStaysOpen } from '../calm.ts';
import { definitions } from '../definitions.ts';

const calmRun = runTape(calm, definitions);
const stuckRun = runTape(deviceStaysOpen, definitions);

describe('the chart of a machine', () => {
  test.each(coveredMachines.map((machine) => [machine.id, machine] as const))(
    '%s: no two branches have one label',
    (_id, machine) => {
      const labels = chartOf(machine).branches.map(({ label }) => label);
      expect(labels.length).toBeGreaterThan(0);
      expect(new Set(labels).size).toBe(labels.length);
    },
  );

  test('a guard with parameters is a branch of its own for each of them', () => {
    const labels = chartOf(failoverMachine).branches.map(({ label }) => label);
    expect(labels).toContain('acquiringLease observed resumes in awaitingRelease');
    expect(labels).toContain('acquiringLease observed otherwise');
  });
});

describe('what a run has reached', () => {
  test('a calm failover takes the branches of success, and none of a way back', () => {
    const { marks } = calmRun;
    expect([...marks]).toEqual(
      expect.arrayContaining([
        'failover/stoppingSource observed sourceIsStopped',
        'failover/stoppingSource observed otherwise',
        'failover/any state deadlinePassed leaseRenewalIsDue',
        'failover/monitoringStartup observed targetRuns',
        'failover/succeeded',
        'protection-group/any state observed isToStart',
        'drbd-lock/released',
      ]),
    );
    expect([...marks].filter((mark) => mark.includes('TurnsBack') || mark.includes('rollingBack'))).toEqual([]);
  });

  test('a fault is paired with every state that it lasts through, and with none that comes before it', () => {
    const { pairs } = stuckRun.coverage;
    expect([...pairs]).toEqual(expect.arrayContaining(['D2 in awaitingRelease', 'D2 in rollingBack']));
    expect([...pairs].filter((pair) => pair.endsWith('startingTarget'))).toEqual([]);
  });

  test('the same tape reaches the same', () => {
    expect(runTape(calm, definitions).coverage.classes).toEqual(calmRun.coverage.classes);
  });

  test('a world with a stuck device is of other classes than a calm one', () => {
    const { classes } = calmRun.coverage;
    expect(classes.size).toBeGreaterThan(5);
    expect([...stuckRun.coverage.classes].some((each) => !classes.has(each))).toBe(true);
  });
});

describe('counts', () => {
  test('shards that are joined, in any order, count what one machine counts', () => {
    const [all, left, right] = [new CoverageTally(), new CoverageTally(), new CoverageTally()];
    all.add(calmRun);
    all.add(stuckRun);
    left.add(stuckRun);
    right.add(calmRun);
    left.merge(right.counts());
    expect(left.counts()).toEqual(all.counts());
    expect(JSON.parse(JSON.stringify(left.counts()))).toEqual(left.counts());
  });

  test('the report says what is missing by name', () => {
    const tally = new CoverageTally();
    tally.add(calmRun);
    const { machines, faultStates } = reportCoverage(tally.counts(), ['D2']);
    expect(machines.failover?.states.missing).toContain('failover/rollingBack');
    expect(machines.failover?.states.missing).not.toContain('failover/succeeded');
    expect(faultStates).toMatchObject({ reached: 0, of: 9 });
  });
});

describe('the estimate of what was never seen', () => {
  const coverage = (...classes: string[]): { marks: string[]; coverage: RunCoverage } => ({
    marks: [],
    coverage: { pairs: new Set(), classes: new Set(classes) },
  });

  test('is the share of sightings that are the only one of their class', () => {
    const tally = new CoverageTally();
    for (const run of [coverage('a', 'b'), coverage('a', 'b'), coverage('a', 'c')]) tally.add(run);
    const { classes, runs } = tally.counts();
    expect(estimateUnseen(classes, runs)).toEqual({
      classes: 3,
      seenOnce: 1,
      sightings: 6,
      unseenMass: 1 / 6,
      newClassesPerRun: 1 / 3,
    });
  });

  test('is everything where nothing was seen', () => {
    expect(estimateUnseen({}, 0)).toMatchObject({ unseenMass: 1, newClassesPerRun: 0 });
  });
});
