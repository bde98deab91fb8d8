import { describe, expect, test } from 'vitest';
import { CoverageTally } from '../../../src/drills/coverage/coverage-tally.ts';
import { marks, randomMarks, unreachedMarks } from '../../../src/drills/marks/catalogue.ts';
import { reachOf } from '../../../src/drills/marks/machine-reach.ts';
import { runTape } from '../../../src/drills/run.ts';
import type { Tape, TapeItem } from '../../../src/drills/tape.ts';
import { calm, deviceStaysOpen } from '../calm.ts';
import { definitions } from '../definitions.ts';

const reachedBy = (tape: Tape): ReadonlySet<string> => runTape(tape, definitions).marks;

function withItems(...items: readonly TapeItem[]): Tape {
  return { ...calm, items: [...calm.items, ...items] };
}

describe('the catalogue', () => {
  test('names no mark twice', () => {
    const ids = marks.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('leaves to others only marks that there are', () => {
    const ids = new Set(marks.map(({ id }) => id));
    expect(Object.keys(reachOf).filter((id) => !ids.has(id))).toEqual([]);
  });

  test('has more than 150 marks, and leaves few of them to nobody', () => {
    expect(marks.length).toBeGreaterThan(150);
    expect(marks.filter(({ reach }) => typeof reach === 'object').length).toBeLessThan(marks.length / 10);
    expect(randomMarks.length).toBeGreaterThan(0.85 * marks.length);
  });
});

describe('a mark is reached by', () => {
  test.each<[string, Tape]>([
    ['deadline drbdWait expired', deviceStaysOpen],
    ['drbd-lock/stuck', deviceStaysOpen],
    [
      'refused by 409, tried again, applied',
      withItems({ kind: 'answer', host: 'protection-group-controller', nth: 8, fault: 'conflict' }),
    ],
    ['answer lost to patch', withItems({ kind: 'answer', host: 'protection-group-controller', nth: 8, fault: 'lost' })],
    ['answer appliedAndLost to create', withItems({ kind: 'answer', host: 'pgctl', nth: 1, fault: 'appliedAndLost' })],
    [
      'two faults at once',
      withItems(
        { kind: 'fault', fault: { kind: 'taint-flap', site: 'cluster1' }, when: { at: 0 } },
        { kind: 'fault', fault: { kind: 'vm-stuck', vm: 'vm-1' }, when: { at: 0 } },
      ),
    ],
    [
      'success without the quorum site',
      withItems({
        kind: 'fault',
        fault: { kind: 'api-outage', site: 'cluster3' },
        when: { operation: 'away', state: 'monitoringStartup' },
      }),
    ],
    ['a partial start is completed', { ...calm, topology: { ...calm.topology, virtualMachines: 6 } }],
    [
      'a Primary is alone',
      withItems({
        kind: 'fault',
        fault: { kind: 'link-cut', site: 'cluster2', plane: 'drbd' },
        when: { at: 0 },
        lasts: 60_000,
      }),
    ],
  ])('%s', (mark, tape) => {
    expect([...reachedBy(tape)]).toContain(mark);
  });

  test('nothing but what happens: a calm failover has no fault, no expired deadline and no trouble with its storage', () => {
    const reached = [...reachedBy(calm)];
    const trouble = /^fault |deadline .* expired|two faults|409|answer |frozen|outdated|alone|quorum is lost/;
    expect(reached.filter((mark) => trouble.test(mark))).toEqual([]);
  });
});

test('what random runs have not reached is told by name', () => {
  const tally = new CoverageTally();
  tally.add(runTape(calm, definitions));
  const missing = unreachedMarks(tally.counts()).map(({ id }) => id);
  expect(missing).toContain('failover/rollingBack');
  expect(missing).toContain('deadline drbdWait expired');
  expect(missing).toContain('P1 in stoppingSource');
  expect(missing).not.toContain('failover/succeeded');
});
