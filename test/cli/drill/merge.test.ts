import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type PlayedDrill, drillDocument, verdictOf } from '../../../src/cli/drill/drill-document.ts';
import { readDrillResult } from '../../../src/cli/drill/drill-result.ts';
import { DrillTally } from '../../../src/cli/drill/drill-tally.ts';
import { type DrillFile, joinDrills } from '../../../src/cli/drill/join-drills.ts';
import { junitText } from '../../../src/cli/drill/junit.ts';
import { progressText } from '../../../src/cli/drill/progress.ts';
import type { CommandError } from '../../../src/cli/command-error.ts';
import type { RunReport } from '../../../src/drills/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'merge-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What a run of that number has come to: every fifth one fails. */
function reportOf(run: number): RunReport {
  const isBad = run % 5 === 4;
  return {
    verdict: isBad ? 'fail' : 'pass',
    properties: { S1: isBad ? 'fail' : 'pass', S12: 'unknown' },
    violations: isBad ? [{ property: 'S1', at: 7, what: `run ${run} <breaks> "it" & more` }] : [],
    timeline: [],
    marks: new Set([`mark ${run % 3}`]),
    coverage: { pairs: new Set([`pair ${run % 2}`]), classes: new Set([`class ${run}`]) },
    digest: (0x1234_5678_9abcn * BigInt(run + 1)).toString(16).padStart(16, '0'),
    simulated: 1_000 + run,
    events: 1,
  };
}

function partOf(index: number, count: number, { seed = 1, runs = 12 } = {}): PlayedDrill {
  const tally = new DrillTally();
  for (let run = index; run < runs; run += count) tally.add(run, reportOf(run));
  return {
    seed,
    total: runs,
    shard: { index, count },
    seconds: 2,
    full: false,
    counts: tally.counts(),
    files: new Map(),
  };
}

/** The part as it comes out of its file. */
function written(name: string, drill: PlayedDrill): DrillFile {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(drillDocument(drill)));
  return { file, drill: readDrillResult(file) };
}

function refusalOf(act: () => unknown): CommandError {
  try {
    act();
  } catch (error) {
    return error as CommandError;
  }
  throw new Error('nothing was refused');
}

describe('parts of a drill', () => {
  const [one, two, three] = [0, 1, 2].map((index) => written(`part-${index}.json`, partOf(index, 3))) as [
    DrillFile,
    DrillFile,
    DrillFile,
  ];

  test('come to what the whole comes to, in whatever order', () => {
    const { counts } = partOf(0, 1);
    for (const files of [
      [one, two, three],
      [three, one, two],
    ] as const) {
      const joined = joinDrills([...files]);
      expect(joined.counts).toMatchObject({
        runs: 12,
        failed: 2,
        passed: 10,
        digest: counts.digest,
        simulated: counts.simulated,
        coverage: counts.coverage,
        properties: counts.properties,
      });
      expect(joined.counts.failures.map(({ run }) => run)).toEqual([4, 9]);
    }
  });

  test('that are joined can be joined with others', () => {
    const half = written('half.json', joinDrills([one, two]));
    expect(joinDrills([half, three]).counts.digest).toBe(partOf(0, 1).counts.digest);
  });

  test('leave it open whether a drill passes while one is missing', () => {
    const calm = [0, 1].map((index) => written(`calm-${index}.json`, partOf(index, 2, { runs: 4 })));
    expect(verdictOf(joinDrills([calm[0] as DrillFile]))).toBe('unknown');
    expect(verdictOf(joinDrills(calm as [DrillFile, DrillFile]))).toBe('pass');
  });

  test('are refused when two hold the same runs', () => {
    const { message, reason, remedy } = refusalOf(() => joinDrills([one, written('again.json', partOf(0, 3))]));
    expect(message).toMatch(/again.json holds runs that .*part-0.json holds too/);
    expect([reason, remedy]).toEqual([
      'both are part 1 of 3, so that its runs would count twice',
      'give each part once',
    ]);
  });

  test('are refused when they are of different drills', () => {
    const stranger = written('stranger.json', partOf(1, 3, { seed: 2, runs: 9 }));
    expect(refusalOf(() => joinDrills([one, stranger])).reason).toBe(
      'the seed is 2, not 1; the number of runs is 9, not 12',
    );
    const cut = written('cut.json', partOf(1, 4));
    expect(refusalOf(() => joinDrills([one, cut])).reason).toBe('the number of parts is 4, not 3');
  });

  test('are refused when a file is no result of a drill, or of another release', () => {
    const bad = join(folder, 'bad.json');
    const refusal = (text: string): CommandError => {
      writeFileSync(bad, text);
      return refusalOf(() => readDrillResult(bad));
    };
    for (const text of ['nonsense', '[]', '{}', '{"kind":"drill"}'])
      expect(refusal(text)).toMatchObject({ message: `${bad} is no result of a drill`, exit: 'usage' });
    const other = JSON.stringify({ ...drillDocument(partOf(0, 1)), program: 'pgctl 99' });
    expect(refusal(other).reason).toMatch(/pgctl 99 has played it/);
    expect(refusalOf(() => readDrillResult(join(folder, 'none.json'))).message).toMatch(/cannot be read/);
  });
});

test('a JUnit report has a case for each property, and what broke it in a form that XML can hold', () => {
  const text = junitText({ ...partOf(0, 1), files: new Map([[4, 'drill-failures/seed-1-run-4.json']]) });
  expect(text).toContain('tests="3" failures="1" skipped="1"');
  expect(text).toContain(
    '<testcase classname="drill" name="S12"><skipped message="no run had anything to judge"/></testcase>',
  );
  expect(text).toContain(
    '<failure message="broken in 2 runs">run 4 &lt;breaks&gt; &quot;it&quot; &amp; more\nagain: pgctl replay',
  );
});

test('progress tells the rate, what was reached and the time left, by whichever limit comes first', () => {
  const soFar = { runs: 300, failed: 1, marks: 120 };
  const never = Number.MAX_SAFE_INTEGER;
  expect(progressText(soFar, { runs: 1_000, milliseconds: never }, 10_000)).toBe(
    '300 of 1000 runs, 1 failed, 30.0 a second, 120 marks, 24 s left',
  );
  expect(progressText(soFar, { runs: never, milliseconds: 610_000 }, 10_000)).toBe(
    '300 runs, 1 failed, 30.0 a second, 120 marks, 10 min left',
  );
});

test('what is kept of runs does not grow with their number', () => {
  const tally = new DrillTally();
  for (let run = 0; run < 5_000; run++) tally.add(run, { ...reportOf(4), coverage: reportOf(1).coverage });
  expect(tally.failed).toBe(5_000);
  expect(JSON.stringify(tally.counts()).length).toBeLessThan(20_000);
});
