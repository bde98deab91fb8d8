import type { Tape } from '../../src/drills/tape.ts';
import { pageTimeouts } from '../../src/twin/planned-run.ts';

/** A planned failover of two VMs in which nothing goes wrong. */
export const calm: Tape = {
  seed: 1,
  topology: { nodes: 1, quorumSite: true, virtualMachines: 2 },
  timeouts: pageTimeouts,
  items: [{ kind: 'failover', name: 'away', to: 'cluster2', when: { at: 5_000 } }],
};
