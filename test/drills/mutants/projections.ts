import { type Mutant, rewrite } from './mutant.ts';

const gates = 'src/model/gates.ts';
const power = 'src/model/virtual-machine.ts';
const guards = 'src/machines/failover/guards.ts';

/** Bugs of how the world is read: what is not known, not finished or not looked at. */
export const projectionMutants: readonly Mutant[] = [
  rewrite(
    'stopping counts as stopped',
    'S22',
    gates,
    [
      ".filter((vm) => vm.power.state !== 'stopped')",
      ".filter((vm) => vm.power.state !== 'stopped' && vm.power.state !== 'stopping')",
    ],
    'the guest still shuts down when the step counts as done',
  ),
  rewrite(
    'starting counts as running',
    'S21',
    gates,
    [
      ".filter((vm) => vm.power.state !== 'running')",
      ".filter((vm) => vm.power.state !== 'running' && vm.power.state !== 'starting')",
    ],
    'the operation succeeds before any guest executes',
  ),
  rewrite(
    'only the instance is waited for',
    'S22',
    power,
    ['remainsOf(machine, instance, pods.value, attachments.value)', 'remainsOf(machine, instance, [], [])'],
    'the step counts as done while the launcher pod is there and the volumes are attached',
  ),
  rewrite(
    'attachments are not waited for',
    'S22',
    power,
    ['remainsOf(machine, instance, pods.value, attachments.value)', 'remainsOf(machine, instance, pods.value, [])'],
    'the step counts as done while volumes are attached',
  ),
  rewrite(
    'nobody looks whether the source is ordered to stay stopped',
    'S11',
    guards,
    ['return left.length === 0 ? vms :', 'return vms.gate !== undefined ? vms :'],
    'the target is started although the source is told to run',
  ),
  rewrite(
    'locks are not looked at',
    'S22',
    guards,
    ['    ...held,\n', ''],
    'the step counts as done while a volume is Primary on the source',
  ),
  rewrite(
    'a lock on the source counts as free',
    'S22',
    'src/model/drbd-lock.ts',
    ["if (elsewhere.length > 0) return found('held',", "if (elsewhere.length > 0) return found('free',"],
    'the step counts as done while a volume is Primary on the source',
  ),
  rewrite(
    'nobody looks whether the target holds the data',
    'S22',
    guards,
    ['    ...targetReplicasAreCurrent(view.group).blockers,\n', ''],
    'the step counts as done while the replica on the target is behind',
  ),
  rewrite(
    'a replica that does not follow counts as current',
    'S22',
    gates,
    ['    .filter((peer) => peer.node !== replica.node)', "    .filter((peer) => peer.node === 'nobody')"],
    'a replica that was cut off does not know that it is behind',
  ),
  rewrite(
    'taints are not looked at',
    'S22',
    guards,
    ['...quorumTaintsAreGone(view.group).blockers]', ']'],
    'the step counts as done while a node still carries a taint',
  ),
  rewrite(
    'the way forward goes on after a cancel',
    'L14',
    'src/model/failover-view.ts',
    [
      'cancelRequested: operation.known && operation.value !== undefined && cancelIsRequested(operation.value),',
      'cancelRequested: false,',
    ],
    'nobody hears of it',
  ),
  rewrite(
    'time limits count milliseconds',
    'L11',
    'src/machines/failover/assignments.ts',
    [
      "'drbdWait', now + context.request.timeouts.drbdWaitSeconds * second)",
      "'drbdWait', now + context.request.timeouts.drbdWaitSeconds)",
    ],
    'the wait for the locks is over as it begins',
  ),
  rewrite(
    'the start has no time limit',
    'L12',
    'src/machines/failover/assignments.ts',
    [
      "...keepDeadline(context, 'vmStart', now + context.request.timeouts.vmStartSeconds * second),\n  })),\n  beginMonitorStartup",
      '  })),\n  beginMonitorStartup',
    ],
    'a VM that cannot start is waited for, for ever',
  ),
  {
    id: 'in_use that is not reported counts as no, and neither DRBD nor the other side of a connection is asked',
    property: 'S22',
    why: 'a satellite that LINSTOR does not reach looks as if its volume were not open',
    changes: [
      {
        file: 'src/model/linstor-reading.ts',
        from: "if (flag === undefined) return 'unknown';",
        to: "if (flag === undefined) return 'no';",
      },
      {
        file: 'src/model/drbd-lock.ts',
        from: "if (there.some((replica) => replica.mayPromote === 'yes'))",
        to: 'if (there.length > 0)',
      },
      {
        file: 'src/model/gates.ts',
        from: ' ?? connectionTrouble(peer, replica)',
        to: '',
      },
    ],
  },
  {
    id: 'what the target lacks does not count',
    property: 'S24',
    why: 'the source is stopped for a start that cannot come',
    changes: [
      {
        file: 'src/model/checks/preflight.ts',
        from: "PV definitions exist on target cluster', volumeDefinitionsExist(target, source, scope.group))",
        to: "PV definitions exist on target cluster', [])",
      },
      {
        file: 'src/model/checks/preflight.ts',
        from: "line('claims', 'PVC definitions exist on target cluster', claimDefinitionsExist(target, scope.group))",
        to: "line('claims', 'PVC definitions exist on target cluster', [])",
      },
    ],
  },
];
