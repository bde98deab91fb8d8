import { type Mutant, rewrite } from './mutant.ts';

const machine = 'src/machines/failover/machine.ts';
const effects = 'src/machines/failover/effects.ts';
const guards = 'src/machines/failover/guards.ts';

/** Bugs of what excludes a second operation: Leases and epochs. */
export const leaseMutants: readonly Mutant[] = [
  {
    id: 'a lost Lease is not noticed',
    property: 'S25',
    why: 'whoever slept through the end of its Lease goes on to order',
    changes: [{ file: guards, append: 'failoverGuards.leaseIsLost = () => false;' }],
  },
  rewrite(
    'Leases are never renewed',
    'L13',
    'src/machines/operation/effects.ts',
    ['renewLeases: (context, { now }) => renewLeases(claimOf(context), now),', 'renewLeases: () => [],'],
    'an operation that takes longer than a Lease lasts is taken from its holder',
  ),
  rewrite(
    'Leases are let go when the target is ordered to run',
    'L13',
    machine,
    ["entry: ['beginStartTarget', 'startTarget'],", "entry: ['beginStartTarget', 'startTarget', 'releaseLeases'],"],
    'the one who began gives way before the VMs run',
  ),
  rewrite(
    'a Lease is taken from a holder that lives',
    'L13',
    'src/model/lease.ts',
    ['return now >= lapseOf(sighting);', 'return true;'],
    'the Failover Controller takes the operation away as soon as it looks',
  ),
  rewrite(
    'a Lease that has been renewed meanwhile counts as lapsed',
    'L13',
    'src/model/lease.ts',
    [
      'if (earlier !== undefined && earlier.holder === lease.holder && earlier.renewTime === renewTime) return earlier;',
      'if (earlier !== undefined && earlier.holder === lease.holder) return { ...earlier, renewTime };',
    ],
    'the lapse is counted from when the holder was first seen, not from its last renewal',
  ),
  rewrite(
    'the epoch is not raised',
    'S8',
    'src/machines/failover/assignments.ts',
    ['return Math.max(...epochs) + 1;', 'return Math.max(1, ...epochs);'],
    'the second of two operations orders under the epoch of the first',
  ),
  rewrite(
    'a group is ordered under the epoch before',
    'S8',
    effects,
    ['spec: { desiredState, epoch: context.epoch },', 'spec: { desiredState, epoch: context.epoch - 1 },'],
    'the order looks like that of the operation before',
  ),
  rewrite(
    'an operation goes on while another one is under way',
    'S24',
    'src/model/checks/group.ts',
    ["operation.metadata.name !== own && textAt(operation, 'status', 'holder') !== undefined", 'false'],
    'nothing else than the preflight sees that an operation was left half-way',
  ),
];
