import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import type { Tape } from '../../src/drills/tape.ts';
import { calm } from '../drills/calm.ts';
import { definitions } from '../drills/definitions.ts';

/** The Failover Controller's verdict is stored while it is told that nobody answered; by its next look it would decide otherwise. */
const tape: Tape = {
  ...calm,
  seed: 1869091362,
  topology: { nodes: 1, quorumSite: false, virtualMachines: 1 },
  timeouts: { failoverSeconds: 10, vmStartSeconds: 300, drbdWaitSeconds: 1, taintRemovalWindowSeconds: 0 },
  items: [
    ...calm.items,
    { kind: 'crash', host: 'pgctl', nth: 3, moment: 'after' },
    { kind: 'fault', fault: { kind: 'api-slow', site: 'cluster2', by: 6_000 }, when: { at: 7_619 } },
  ],
};

test('a driver whose verdict was stored without its hearing of it comes to rest', () => {
  const { violations, marks } = runTape(tape, definitions);
  expect(marks).toContain('away refused');
  expect(violations).toEqual([]);
});
