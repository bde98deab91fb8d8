import { type Mutant, rewrite } from './mutant.ts';

const machine = 'src/machines/failover/machine.ts';
const effects = 'src/machines/failover/effects.ts';
const power = 'src/model/virtual-machine.ts';

/** Bugs of what is ordered, and when. */
export const effectMutants: readonly Mutant[] = [
  rewrite(
    'the target is started when the source is told to stop',
    'S11',
    machine,
    ["entry: ['beginStopSource', 'stopSource'],", "entry: ['beginStopSource', 'startTarget', 'stopSource'],"],
    'the classic one: both sites are told to run while the source still does',
  ),
  rewrite(
    'a cancel turns back after the point of no return',
    'S28',
    machine,
    [
      "{ guard: 'targetIsOrdered', target: 'monitoringStartup' },",
      "{ guard: 'turnsBackOnCancel', target: 'rollingBack', actions: 'noteCancel' },\n          { guard: 'targetIsOrdered', target: 'monitoringStartup' },",
    ],
    'what has been started on the target is stopped again for a person who came too late',
  ),
  rewrite(
    'a start that takes too long turns back',
    'L11',
    machine,
    [
      "deadlinePassed: { guard: 'vmStartIsOver', target: 'needsAttention', actions: 'concludeNotStarted' },\n      },\n    },\n    rollingBack",
      "deadlinePassed: { guard: 'vmStartIsOver', target: 'rollingBack', actions: 'noteTimeUp' },\n      },\n    },\n    rollingBack",
    ],
    'the way back begins when its time is over already, and a person is asked at once',
  ),
  rewrite(
    'the group is ordered whatever its version',
    'S9',
    effects,
    ['metadata: { resourceVersion: group.resourceVersion },', ''],
    'an order writes over what somebody else has decided since',
  ),
  rewrite(
    'a node is untainted whatever its version',
    'S9',
    effects,
    ["{ op: 'test', path: '/metadata/resourceVersion', value: node.metadata.resourceVersion ?? '' },", ''],
    'a taint that was put on meanwhile is taken off unseen',
  ),
  rewrite(
    'the power of a VM is set whatever its version',
    'S9',
    power,
    ['...(resourceVersion === undefined ? {} : { resourceVersion }),', ''],
    'an order writes over what somebody else has decided since',
  ),
  rewrite(
    'an untainted node is uncordoned as well',
    'S12',
    effects,
    [
      "kept.length === 0 ? { op: 'remove', path: '/spec/taints' }",
      "{ op: 'add', path: '/spec/unschedulable', value: false },\n      kept.length === 0 ? { op: 'remove', path: '/spec/taints' }",
    ],
    'more of the node changes than its taints',
  ),
  rewrite(
    'on the way back the source is started whatever runs on the target',
    'S11',
    effects,
    [
      'mayBeUp(context, view.group.target) || heldByTarget(view).length > 0',
      'context.epoch === 0 && (mayBeUp(context, view.group.target) || heldByTarget(view).length > 0)',
    ],
    'both sites are told to run where a person has started the target meanwhile',
  ),
  rewrite(
    'on the way back nobody looks whether the source runs',
    'S22',
    'src/machines/failover/guards.ts',
    ['&& virtualMachinesAreRunning(view.group.source).open', ''],
    'the way back counts as done when the source is told to run',
  ),
  rewrite(
    'a VM is stopped in a way that lets it start again',
    'S26',
    power,
    [
      'powerPatch(vm, { running: false }, markTakenOff(vm))',
      "powerPatch(vm, { running: null, runStrategy: 'RerunOnFailure' })",
    ],
    'what the person had set is lost with the stop',
  ),
  rewrite(
    'a VM is started under another strategy',
    'S26',
    power,
    [
      'return field.value ? {} : { patch: powerPatch(vm, { running: true }) };',
      "return field.value ? {} : { patch: powerPatch(vm, { running: null, runStrategy: 'Always' }) };",
    ],
    'what the person had set is lost with the failover',
  ),
  rewrite(
    'a group whose VMs are all told to stop counts as stopped',
    'S14',
    'src/model/group-status.ts',
    [
      'currentState: currentStateOf(view.site.virtualMachines.map((vm) => vm.power.state)),',
      'currentState: group.desiredState,',
    ],
    'the status tells the wish and not what is',
  ),
  rewrite(
    'a group is shown Ready whatever its replicas are',
    'S19',
    'src/model/group-status.ts',
    [
      'const all = [...findings, ...doubtsElsewhere(group, view), ...replicationFindings(view)];',
      'const all = [...findings, ...doubtsElsewhere(group, view)];',
    ],
    'a replica that lacks writes is no reason any more',
  ),
];
