import fc from 'fast-check';
import { type FaultFamily, needing, notReached, onlyInScenarios, reached } from './fault.ts';
import { oneOf, only, type Range } from './knob.ts';
import { anyMoment, anyNode, anyVm, atState, broken, dataSite } from './ranges.ts';

/** The members of the second group, with one of the first. */
const sharedMembers: Range = {
  text: '[{ name: vm-1 }, { name: vm-2 }]',
  accepts: (value) => Array.isArray(value) && value.length === 2,
  draw: () => fc.constant([{ name: 'vm-1' }, { name: 'vm-2' }]),
};

/** What may happen to VMs. */
export const kubevirtFaults: FaultFamily = {
  letter: 'V',
  title: 'KubeVirt',
  faults: [
    reached(
      'V1',
      'PartialStart',
      'Some VMs of a group start on the target and one does not: its launcher gets no volume.',
      broken('claim-mismatch', { vm: anyVm, site: only('cluster2') }, atState('startingTarget', 'monitoringStartup')),
    ),
    reached(
      'V2',
      'Unschedulable',
      'A node takes no new pods, so that VMs that are to start wait for a place.',
      broken('node-cordoned', { node: anyNode }),
    ),
    reached(
      'V3',
      'GuestDeaf',
      'A guest ignores the request to shut down, and is stopped when its grace period is over.',
      broken('guest-deaf', { vm: anyVm }),
    ),
    reached(
      'V4',
      'FailedWithDevice',
      'A guest crashes, and its launcher keeps the device open.',
      broken('guest-crash', { vm: anyVm }),
      broken('opener-stuck', { vm: anyVm }),
    ),
    notReached('V5', 'Migration', 'A VM is migrated live while it is to move.', 'the twin simulates no live migration'),
    reached(
      'V6',
      'Paused',
      'A guest is paused, and does not hear the request to shut down.',
      broken('guest-paused', { vm: anyVm }),
    ),
    onlyInScenarios(
      reached('V7', 'PowerClash', 'A person sets running beside the run strategy of a VM.', {
        kind: only('kubectl'),
        site: dataSite,
        verb: only('patch'),
        resource: only('virtualmachines'),
        name: anyVm,
        body: { spec: { running: only(true), runStrategy: oneOf('Always', 'Manual') } },
        when: anyMoment,
      }),
      'the API server refuses it whenever it comes',
    ),
    reached(
      'V8',
      'ImageMissing',
      'The nodes of a site get no images, so that no VM starts there.',
      broken('image-missing', { site: dataSite }),
    ),
    reached(
      'V9',
      'KubevirtDown',
      'virt-controller or virt-handler does not run on a site.',
      broken('component-down', { site: dataSite, component: oneOf('virt-controller', 'virt-handler') }),
    ),
    notReached('V10', 'Hotplug', 'A VM has a disk that was plugged in later.', 'the twin simulates no hotplug'),
    onlyInScenarios(
      needing(
        { text: 'two groups', holds: ({ groups = 1, virtualMachines }) => Math.min(groups, virtualMachines) > 1 },
        reached('V11', 'SharedMember', 'A person puts a VM of one group into another as well.', {
          kind: only('kubectl'),
          site: dataSite,
          verb: only('patch'),
          resource: only('protectiongroups'),
          name: only('pg-2'),
          body: { spec: { virtualMachines: sharedMembers } },
          when: anyMoment,
        }),
      ),
      'two groups that want different things of one VM are not at peace before a person decides',
    ),
    reached(
      'V12',
      'GuestNeverStops',
      'A guest does not end, however it is told to.',
      broken('vm-stuck', { vm: anyVm }),
    ),
  ],
};
