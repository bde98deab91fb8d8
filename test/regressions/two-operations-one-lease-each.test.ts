import { expect, test } from 'vitest';
import { runTape } from '../../src/drills/run.ts';
import type { Tape } from '../../src/drills/tape.ts';
import { pageTimeouts } from '../../src/twin/planned-run.ts';
import { definitions } from '../drills/definitions.ts';

// Both controllers die again and again while they take the Leases: each then held one that the other needed, and took the
// other's when it had run out, for ever.
const tape: Tape = {
  seed: 733_712_552,
  topology: { nodes: 1, quorumSite: true, virtualMachines: 2 },
  timeouts: pageTimeouts,
  items: [
    { kind: 'failover', name: 'away', to: 'cluster2', when: { at: 5_000 } },
    { kind: 'failover', name: 'opposite', to: 'cluster1', when: { operation: 'away', state: 'startingTarget' } },
    { kind: 'crash', host: 'pgctl', nth: 14, moment: 'before', times: 17 },
    { kind: 'crash', host: 'protection-group-controller', nth: 9, moment: 'before', times: 9 },
    { kind: 'crash', host: 'failover-controller', nth: 26, moment: 'after', times: 10 },
  ],
};

test('two operations that came back with one Lease each do not wait for each other for ever', () => {
  const { violations, properties } = runTape(tape, definitions);
  expect(violations).toEqual([]);
  expect(properties.L2).toBe('pass');
});
