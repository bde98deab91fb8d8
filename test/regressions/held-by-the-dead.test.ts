import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import type { Tape } from '../../src/drills/tape.ts';
import { calm } from '../drills/calm.ts';
import { definitions } from '../drills/definitions.ts';

// Found by a drill that left the quorum site silent for good: each look took five seconds longer, and the wait was over in
// the same moment in which the Lease of the dead had lapsed.
test('an operation takes over the Lease of one that is dead, although a silent site makes its looks slow', () => {
  const tape: Tape = {
    ...calm,
    topology: { ...calm.topology, virtualMachines: 1, storage: { linstor: 'cluster1' } },
    items: [
      ...calm.items,
      {
        kind: 'fault',
        fault: { kind: 'api-outage', site: 'cluster3', how: 'hang' },
        when: { at: 9 },
        lasts: 'forGood',
      },
      {
        kind: 'fault',
        fault: { kind: 'api-outage', site: 'cluster1', how: 'hang' },
        when: { operation: 'away', state: 'preflight' },
        lasts: 130_000,
      },
      { kind: 'failover', name: 'afterwards', to: 'cluster2', when: { mended: 60_000 } },
    ],
  };
  const { verdict, marks } = runTape(tape, definitions);
  expect([...marks]).toContain('away refused');
  expect([...marks]).toContain('afterwards succeeded');
  expect(verdict).toBe('pass');
});
