import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import { tapeOf } from '../../src/drills/swarm.ts';
import { definitions } from './definitions.ts';
import { calm } from './calm.ts';

test('a seed and a number always give the same tape', () => {
  for (let run = 0; run < 20; run++) expect(tapeOf(7, run)).toEqual(tapeOf(7, run));
  expect(JSON.stringify(tapeOf(7, 1))).not.toBe(JSON.stringify(tapeOf(7, 2)));
});

test('a tape always gives the same history, to the last bit', () => {
  const [first, again] = [runTape(calm, definitions), runTape(calm, definitions)];
  expect(again).toEqual(first);
  expect(runTape({ ...calm, seed: 2 }, definitions).digest).not.toBe(first.digest);
});

test('the first runs of a seed pass, and get through every state of a failover that succeeds', () => {
  const marks = new Set<string>();
  for (let run = 0; run < 6; run++) {
    const report = runTape(tapeOf(1, run), definitions);
    expect(report.violations, `run ${run}`).toEqual([]);
    for (const mark of report.marks) marks.add(mark);
  }
  const states = ['preflight', 'stoppingSource', 'awaitingRelease', 'removingTaints', 'startingTarget', 'succeeded'];
  expect([...marks]).toEqual(expect.arrayContaining(states.map((state) => `state ${state}`)));
});
