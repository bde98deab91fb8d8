import { describe, expect, test } from 'vitest';
import { runTape } from '../../../src/drills/run.ts';
import { shrink } from '../../../src/drills/shrink.ts';
import { tapeOf } from '../../../src/drills/swarm.ts';
import type { Tape } from '../../../src/drills/tape.ts';
import { calm, deviceStaysOpen } from '../../drills/calm.ts';
import { definitions } from '../../drills/definitions.ts';
import { mutants } from '../../drills/mutants.ts';

const tapes = [calm, deviceStaysOpen, ...Array.from({ length: 40 }, (_, run) => tapeOf(1, run))];

describe('a planted bug is caught by the property that it breaks', () => {
  test.each(mutants)('$id', ({ breaks, machines }) => {
    const caught = tapes.find((tape) =>
      runTape(tape, definitions, machines).violations.some(({ property }) => breaks.includes(property)),
    );
    expect(caught).toBeDefined();
  });
});

test('a failing tape is reduced until nothing more can be taken away', () => {
  const { machines, breaks } = mutants[0] as (typeof mutants)[number];
  const fails = (tape: Tape): boolean =>
    runTape(tape, definitions, machines).violations.some(({ property }) => breaks.includes(property));
  const tape = tapes.find((each) => each.items.length > 2 && fails(each)) as Tape;
  const smallest = shrink(tape, fails);
  expect(fails(smallest)).toBe(true);
  expect(smallest.items.length).toBeLessThan(tape.items.length);
  smallest.items.forEach((_item, index) => {
    expect(fails({ ...smallest, items: smallest.items.toSpliced(index, 1) })).toBe(false);
  });
});
