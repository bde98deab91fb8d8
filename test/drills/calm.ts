import type { Tape } from '../../src/drills/tape.ts';
import { pageTimeouts } from '../../src/twin/planned-run.ts';

/** A planned failover of two VMs in which nothing goes wrong. */
export const calm: Tape = {
  seed: 1,
  topology: { nodes: 1, quorumSite: true, virtualMachines: 2 },
  timeouts: pageTimeouts,
  items: [{ kind: 'failover', name: 'away', to: 'cluster2', when: { at: 5_000 } }],
};

/** The device of a VM stays open on the source after the VM has stopped. */
export const deviceStaysOpen: Tape = {
  ...calm,
  items: [...calm.items, { kind: 'fault', fault: { kind: 'opener-stuck', vm: 'vm-1' }, when: { at: 0 } }],
};
