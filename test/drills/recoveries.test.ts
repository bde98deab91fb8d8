import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import { tapeOf } from '../../src/drills/swarm.ts';
import type { Tape, TapeItem } from '../../src/drills/tape.ts';
import { definitions } from './definitions.ts';

/** A random run, in which a person has parted copies brought together, and compared, instead of ordering failovers. */
function withRecovery(tape: Tape): Tape {
  const byPerson = new Set(['failover', 'cancel', 'edit', 'sync']);
  const items: readonly TapeItem[] = [
    { kind: 'fault', fault: { kind: 'split-brain', vm: 'vm-1' }, when: { at: 0 }, lasts: 'forGood' },
    { kind: 'recovery', name: 'mend', survivor: 'cluster1', when: { at: 40_000 } },
    { kind: 'recovery', name: 'check', repair: 'cluster2', when: { at: 400_000 } },
    ...tape.items.filter(({ kind }) => !byPerson.has(kind)),
  ];
  return { ...tape, items };
}

test('under random faults nothing is given up that nobody has accepted, and what succeeds is the same', () => {
  let succeeded = 0;
  for (let run = 0; run < 15; run++) {
    const { violations, marks } = runTape(withRecovery(tapeOf(7, run)), definitions);
    // Where a fault kept it from its end the copies are apart still: those who wait for that are right.
    const wrong = violations.filter(({ property }) => property !== 'L5' && property !== 'L6');
    expect([run, wrong]).toEqual([run, []]);
    if ([...marks].includes('mend succeeded')) succeeded += 1;
  }
  expect(succeeded).toBeGreaterThan(8);
});
