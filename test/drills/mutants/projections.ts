import { type Mutant, rewrite } from './mutant.ts';

const gates = 'src/model/gates.ts';
const power = 'src/model/virtual-machine.ts';
const guards = 'src/machines/failover/guards.ts';

/** Bugs of how the world is read: what is not known, not finished or not looked at. */
export const projectionMutants: readonly Mutant[] = [
  rewrite(
    'an instance that could not be read counts as absent',
    'S22',
    power,
    [
      '  if (!vmi.known) return unknownPower(vmi.why);\n  const instance = vmi.value;',
      '  const instance = vmi.known ? vmi.value : undefined;',
    ],
    'a site that does not show its instances looks as if none ran there',
  ),
  rewrite(
    'unknown counts as stopped',
    'S22',
    gates,
    [
      ".filter((vm) => vm.power.state !== 'stopped')",
      ".filter((vm) => vm.power.state !== 'stopped' && vm.power.state !== 'unknown')",
    ],
    'what could not be read is taken for what is hoped for',
  ),
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
    'the launcher pod is not waited for',
    'S22',
    power,
    [
      'remainsOf(machine, instance, pods.value, attachments.value)',
      'remainsOf(machine, instance, [], attachments.value)',
    ],
    'the step counts as done while the pod still holds the devices',
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
    'S23',
    guards,
    ["if (isOrdered(context, view.group.source, 'stopped')) return vms;", 'if (vms.gate !== undefined) return vms;'],
    'the target is started although the source is told to run',
  ),
  rewrite(
    'in_use that is not reported counts as no',
    'S22',
    'src/model/linstor-reading.ts',
    ["if (flag === undefined) return 'unknown';", "if (flag === undefined) return 'no';"],
    'a satellite that does not answer looks as if its volume were not open',
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
    'UpToDate is not looked at',
    'S22',
    gates,
    ["if (replica.diskState !== 'UpToDate') {", "if (replica.diskState === 'Failed') {"],
    'a replica that says itself that it is behind counts as current',
  ),
  rewrite(
    'a replica that does not follow counts as current',
    'S22',
    gates,
    ['    .filter((peer) => peer.node !== replica.node)', "    .filter((peer) => peer.node === 'nobody')"],
    'a replica that was cut off does not know that it is behind',
  ),
  rewrite(
    'a split brain is not looked at',
    'S22',
    'src/model/drbd-lock.ts',
    ['if (standAlone.length > 0)', 'if (standAlone.length > 100)'],
    'x',
  ),
  rewrite(
    'taints that could not be read count as gone',
    'S22',
    gates,
    [
      "return verdict('quorumTaintsAreGone', ['the taints of the target nodes could not be read']);",
      "return verdict('quorumTaintsAreGone', []);",
    ],
    'x',
  ),
  rewrite(
    'taints are not looked at',
    'S22',
    guards,
    ['...quorumTaintsAreGone(view.group).blockers]', ']'],
    'the step counts as done while a node still carries a taint',
  ),
  rewrite(
    "DRBD's word that it would not promote is not heard",
    'S22',
    'src/model/drbd-lock.ts',
    [
      "if (there.some((replica) => replica.mayPromote === 'yes')) return found('free');",
      "if (there.length > 0) return found('free');",
    ],
    'x',
  ),
  rewrite(
    'VMs that were added to the group are not looked at',
    'S22',
    guards,
    ['    ...addedMembers(context, view),\n', ''],
    'x',
  ),
  rewrite(
    'what the target lacks does not count',
    'S24',
    'src/model/checks/preflight.ts',
    [
      "line('volumes', 'PV definitions exist on target cluster', volumeDefinitionsExist(target, source, scope.group)),",
      "line('volumes', 'PV definitions exist on target cluster', []),",
    ],
    'the source is stopped for a start that cannot come',
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
];
