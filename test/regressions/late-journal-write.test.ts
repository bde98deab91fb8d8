import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import type { Tape } from '../../src/drills/tape.ts';
import { calm } from '../drills/calm.ts';
import { definitions } from '../drills/definitions.ts';

/** A write of the journal is held up for seven seconds: pgctl gives it up, goes on, and the operation ends before it arrives. */
function heldUp(nth: number): Tape {
  return {
    ...calm,
    seed: 15,
    timeouts: { failoverSeconds: 600, vmStartSeconds: 1, drbdWaitSeconds: 1, taintRemovalWindowSeconds: 1 },
    items: [...calm.items, { kind: 'answer', host: 'pgctl', nth, fault: 'appliedLater' }],
  };
}

test.each(Array.from({ length: 40 }, (_, index) => index + 1))(
  'a late write does not take an operation back to where it was (change %i)',
  (nth) => {
    expect(runTape(heldUp(nth), definitions).violations).toEqual([]);
  },
);

test('an answer to the journal that is lost does not keep an operation from its end', () => {
  for (let nth = 4; nth < 30; nth++) {
    const items = [...calm.items, { kind: 'answer', host: 'pgctl', nth, fault: 'appliedAndLost' } as const];
    const { violations, marks } = runTape({ ...calm, items }, definitions);
    expect(violations, `change ${nth}`).toEqual([]);
    expect(marks, `change ${nth}`).toContain('away succeeded');
  }
});
