import { describe, expect, test } from 'vitest';
import { resources } from '../../../../src/model/kube.ts';
import { clusterResources } from '../../../../src/drivers/sim/behaviours/resource-types.ts';
import { listAt, objectAt, textAt, type JsonObject } from '../../../../src/model/json.ts';
import { ClusterLab } from './cluster-lab.ts';
import { claim, prepareDisk, prepareNamespace, storageClass, virtualMachine, volume } from './manifests.ts';

const vm = resources.virtualMachine;
const vmi = resources.virtualMachineInstance;
const second = 1000;

/** A cluster with a bound disk and a running VM. */
function runningVm(power: JsonObject, graceSeconds = 30): ClusterLab {
  const lab = new ClusterLab();
  prepareDisk(lab);
  lab.send(vm, virtualMachine(power, graceSeconds));
  lab.runFor(second);
  if (power.runStrategy === 'Manual') start(lab);
  lab.runFor(8 * second);
  expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Running');
  return lab;
}

function start(lab: ClusterLab): number {
  return power(lab, 'start');
}

function power(lab: ClusterLab, action: 'start' | 'stop' | 'restart'): number {
  const resource = {
    group: 'subresources.kubevirt.io',
    version: 'v1',
    plural: 'virtualmachines',
    kind: 'VirtualMachine',
    namespaced: true,
  };
  return lab.api.request({ verb: 'update', resource, namespace: 'shop', name: 'vm1', subresource: action }).status;
}

function guestOf(lab: ClusterLab): string {
  return lab.guests.all().find((guest) => guest.phase !== 'ended')?.podUid ?? '';
}

const started = ['Pending', 'Scheduling', 'Scheduled', 'Running'];
const stoppedWell = [...started, 'Running (deletionTimestamp)', 'Succeeded (deletionTimestamp)', 'DELETED'];
const endedBy = (phase: string) => [...started, phase, `${phase} (deletionTimestamp)`, 'DELETED'];

describe('stopping a VM', () => {
  test('a guest without grace is destroyed at once and counts as succeeded', () => {
    const lab = runningVm({ runStrategy: 'Always' }, 0);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Stopping', 'Stopped']);
    expect(lab.phases()).toEqual(stoppedWell);
    expect(lab.events('VirtualMachineInstance')).toContain('Normal Deleted: VirtualMachineInstance stopping');
  });

  test('a guest that ignores the signal is destroyed when its grace is over, and failed', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    lab.guests.setFault('shop', 'vm1', 'ignores-acpi');
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(29 * second);
    expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Stopping');
    lab.runFor(10 * second);
    expect(lab.phases()).toEqual([...started, 'Running (deletionTimestamp)', 'Failed (deletionTimestamp)', 'DELETED']);
    expect(lab.events('VirtualMachineInstance')).toContain('Warning Stopped: The VirtualMachineInstance crashed.');
  });

  test('a guest that survives its destruction keeps the VM stopping and the device open', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    lab.guests.setFault('shop', 'vm1', 'never-stops');
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(300 * second);
    expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Stopping');
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toHaveLength(1);
    lab.guests.healFault('shop', 'vm1', 'never-stops');
    lab.runFor(40 * second);
    expect(lab.get(vmi, 'vm1')).toBeUndefined();
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual([]);
  });

  test('a stuck opener outlives the VM, its pod and its attachment', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    lab.guests.setFault('shop', 'vm1', 'opener-stuck');
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(20 * second);
    expect(lab.get(vmi, 'vm1')).toBeUndefined();
    expect(lab.launcher()).toBeUndefined();
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toHaveLength(1);
    lab.guests.healFault('shop', 'vm1', 'opener-stuck');
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual([]);
  });

  test('a VM that is stopped while its pod is being created fails without ever running', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(1200);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Stopping', 'Stopped']);
    expect(lab.phases()).toEqual([
      'Pending',
      'Scheduling',
      'Scheduling (deletionTimestamp)',
      'Failed (deletionTimestamp)',
      'DELETED',
    ]);
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual([]);
  });

  test('a deleted VM is terminating until its VMI and its pod are gone', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    lab.delete(vm, 'vm1');
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Terminating', 'DELETED']);
    expect(lab.phases()).toEqual(stoppedWell);
  });

  test('force has no effect on the deletion of a VM', () => {
    const lab = runningVm({ runStrategy: 'Always' }, 180);
    lab.guests.setFault('shop', 'vm1', 'ignores-acpi');
    lab.delete(vm, 'vm1', 0);
    lab.runFor(170 * second);
    expect(lab.get(vm, 'vm1')).toBeDefined();
    lab.runFor(20 * second);
    expect(lab.get(vm, 'vm1')).toBeUndefined();
  });
});

describe('a guest that ends by itself', () => {
  const restarted = ['Stopped', 'Starting', 'Running', 'Stopped', 'Starting', 'Running'];
  const stays = ['Stopped', 'Starting', 'Running', 'Stopped'];

  test.each([
    ['Always', 'shutdown', restarted, [...endedBy('Succeeded'), ...started]],
    ['Always', 'crashed', restarted, [...endedBy('Failed'), ...started]],
    ['RerunOnFailure', 'shutdown', stays, endedBy('Succeeded')],
    ['RerunOnFailure', 'crashed', restarted, [...endedBy('Failed'), ...started]],
    ['Once', 'shutdown', stays, [...started, 'Succeeded']],
    ['Manual', 'shutdown', stays, [...started, 'Succeeded']],
    ['Manual', 'crashed', stays, [...started, 'Failed']],
  ] as const)('with %s and %s', (runStrategy, end, statuses, phases) => {
    const lab = runningVm({ runStrategy });
    lab.guests.endByItself(guestOf(lab), end);
    lab.runFor(20 * second);
    expect(lab.printableStatuses()).toEqual(statuses);
    expect(lab.phases()).toEqual(phases);
  });

  test('a Manual VM that ended is started again by a request, over its old VMI', () => {
    const lab = runningVm({ runStrategy: 'Manual' });
    lab.guests.endByItself(guestOf(lab), 'shutdown');
    lab.runFor(10 * second);
    expect(start(lab)).toBe(202);
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(restarted);
    expect(lab.phases()).toEqual([...endedBy('Succeeded'), ...started]);
  });
});

describe('a VMI that is deleted by hand', () => {
  const again = ['Stopped', 'Starting', 'Running', 'Stopping', 'Stopped', 'Starting', 'Running'];
  const stays = ['Stopped', 'Starting', 'Running', 'Stopping', 'Stopped'];
  test.each([
    ['Always', again],
    ['Once', again],
    ['Manual', stays],
    ['RerunOnFailure', stays],
  ] as const)('with %s', (runStrategy, statuses) => {
    const lab = runningVm({ runStrategy });
    lab.delete(vmi, 'vm1');
    lab.runFor(20 * second);
    expect(lab.printableStatuses()).toEqual(statuses);
  });

  test('a launcher pod removed by force fails the VMI at once; Always starts anew, Manual keeps it', () => {
    for (const [runStrategy, end] of [
      ['Always', 'Running'],
      ['Manual', 'Stopped'],
    ] as const) {
      const lab = runningVm({ runStrategy });
      lab.delete(resources.pod, lab.launcher()?.metadata.name ?? '', 0);
      lab.runFor(second);
      expect(lab.phases().slice(0, 5)).toEqual([...started, 'Failed']);
      lab.runFor(15 * second);
      expect(lab.printableStatuses().at(-1)).toBe(end);
    }
  });
});

describe('run strategies', () => {
  test('switching starts Once and RerunOnFailure, and keeps a running VM under Manual and Always', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'Halted' }));
    lab.runFor(second);
    const switchTo = (runStrategy: string) => {
      lab.mergePatch(vm, 'vm1', { spec: { runStrategy } });
      lab.runFor(12 * second);
      return textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus');
    };
    expect(switchTo('Manual')).toBe('Stopped');
    const request = { status: { stateChangeRequests: [{ action: 'Start' }] } };
    lab.api.request({
      verb: 'patch',
      patch: 'merge',
      resource: vm,
      namespace: 'shop',
      name: 'vm1',
      subresource: 'status',
      body: request,
    });
    lab.runFor(12 * second);
    expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Running');
    const order = ['Halted', 'Once', 'Halted', 'RerunOnFailure', 'Manual', 'Always', 'Halted', 'Manual'];
    expect(order.map(switchTo)).toEqual([
      'Stopped',
      'Running',
      'Stopped',
      'Running',
      'Running',
      'Running',
      'Stopped',
      'Stopped',
    ]);
  });

  test('a restart stops the guest and starts another', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    expect(power(lab, 'restart')).toBe(202);
    lab.runFor(20 * second);
    expect(lab.printableStatuses()).toEqual([
      'Stopped',
      'Starting',
      'Running',
      'Stopping',
      'Stopped',
      'Starting',
      'Running',
    ]);
    expect(lab.get(vm, 'vm1')?.status?.stateChangeRequests).toBeUndefined();
  });
});

describe('a VM that cannot start', () => {
  test('waits for a claim that does not exist, and starts when it comes', () => {
    const lab = new ClusterLab();
    prepareNamespace(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(25 * second);
    lab.send(resources.persistentVolume, volume());
    lab.send(resources.persistentVolumeClaim, claim());
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual([
      'Stopped',
      'Starting',
      'ErrorPvcNotFound',
      'ErrorUnschedulable',
      'Starting',
      'Running',
    ]);
    expect(lab.phases()).toEqual(started);
    expect(lab.events('VirtualMachineInstance')).toContain(
      'Normal FailedPvcNotFound: PVC shop/vm1-disk does not exist, waiting for it to appear',
    );
  });

  test('is stopped while it waits for a claim', () => {
    const lab = new ClusterLab();
    prepareNamespace(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(12 * second);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(second);
    expect(lab.printableStatuses()).toEqual([
      'Stopped',
      'Starting',
      'ErrorPvcNotFound',
      'ErrorUnschedulable',
      'Stopped',
    ]);
    expect(lab.phases()).toEqual(['Pending', 'Pending (deletionTimestamp)', 'Failed (deletionTimestamp)', 'DELETED']);
  });

  test('waits for a claim whose class waits for the first consumer and whose provisioner is silent', () => {
    const lab = new ClusterLab({ provisions: false });
    prepareNamespace(lab);
    lab.send(
      resources.storageClass,
      storageClass({ metadata: { name: 'linstor-wffc' }, volumeBindingMode: 'WaitForFirstConsumer' }),
    );
    lab.send(resources.persistentVolumeClaim, claim({ storageClassName: 'linstor-wffc' }));
    lab.send(vm, virtualMachine({ runStrategy: 'Halted' }));
    lab.runFor(2 * second);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Always' } });
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'WaitingForVolumeBinding']);
    expect(lab.phases()).toEqual(['Pending', 'Scheduling']);
    expect(lab.events('PersistentVolumeClaim')).toContain(
      'Normal WaitForFirstConsumer: waiting for first consumer to be created before binding',
    );
  });

  test('is unschedulable with a claim that stays pending, and starts when a volume appears', () => {
    const lab = new ClusterLab({ provisions: false });
    prepareNamespace(lab);
    lab.send(resources.persistentVolumeClaim, claim());
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(10 * second);
    lab.send(resources.persistentVolume, volume());
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual([
      'Stopped',
      'WaitingForVolumeBinding',
      'ErrorUnschedulable',
      'Starting',
      'Running',
    ]);
  });

  test('is unschedulable while every node has lost its quorum', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const taints = [{ key: 'drbd.linbit.com/lost-quorum', effect: 'NoSchedule' }];
    for (const node of ['node-a1', 'node-a2', 'node-a3']) lab.mergePatch(resources.node, node, { spec: { taints } });
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(20 * second);
    lab.mergePatch(resources.node, 'node-a1', { spec: { taints: null } });
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'ErrorUnschedulable', 'Starting', 'Running']);
    expect(lab.phases()).toEqual(started);
  });

  test('backs off while its launchers die before the guest runs', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    const crash = () => {
      lab.runUntil(() => guestOf(lab) !== '');
      lab.guests.destroy(guestOf(lab), 'killed');
      lab.runFor(5 * second);
    };
    crash();
    crash();
    expect(lab.printableStatuses().slice(0, 5)).toEqual([
      'Stopped',
      'Starting',
      'CrashLoopBackOff',
      'Starting',
      'CrashLoopBackOff',
    ]);
  });

  test('stays stopped when its instance type does not exist, and starts with it', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const instancetype = { kind: 'VirtualMachineInstancetype', name: 'small' };
    const manifest = virtualMachine({ runStrategy: 'Always', instancetype });
    lab.send(vm, manifest);
    lab.runFor(3 * second);
    const conditions = listAt(lab.get(vm, 'vm1'), 'status', 'conditions');
    const failure = conditions.find((condition) => textAt(condition, 'type') === 'Failure');
    expect(textAt(failure, 'reason')).toBe('FailedFindInstancetype');
    expect(textAt(failure, 'message')).toContain(
      'virtualmachineinstancetypes.instancetype.kubevirt.io "small" not found',
    );
    expect(lab.printableStatuses()).toEqual(['Stopped']);
    lab.send(clusterResources.instancetype, {
      metadata: { name: 'small', namespace: 'shop' },
      spec: { cpu: { guest: 2 }, memory: { guest: '1Gi' } },
    });
    lab.runFor(20 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running']);
    expect(objectAt(lab.get(vmi, 'vm1'), 'spec', 'domain', 'memory')).toEqual({ guest: '1Gi' });
  });
});

describe('a guest with failing disks', () => {
  test('is paused by an I/O error and needs its whole grace to stop', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    lab.drbd.writeAnswer = { kind: 'error', errno: 'EIO' };
    lab.runFor(6 * second);
    expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Paused');
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(29 * second);
    expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Stopping');
    lab.runFor(10 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Paused', 'Stopping', 'Stopped']);
    expect(lab.phases()).toEqual([...started, 'Running (deletionTimestamp)', 'Failed (deletionTimestamp)', 'DELETED']);
  });

  test('is not started while the device refuses to open, and the pod says why', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.drbd.openAnswer = { kind: 'refused', errno: 'EROFS', text: 'Auto-promote failed: No quorum (-25)' };
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(20 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting']);
    expect(lab.events('Pod').join()).toContain(
      'FailedMapVolume: MapVolume.MapPodDevice failed for volume "pvc-vm1-disk"',
    );
    expect(lab.events('Pod').join()).toContain('read-only file system');
    lab.drbd.openAnswer = { kind: 'open' };
    lab.runFor(60 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running']);
  });
});

describe('a name that is taken', () => {
  test('a VM beside a foreign VMI of its name says Stopped until that is gone', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const spec = objectAt(virtualMachine({}), 'spec', 'template', 'spec');
    lab.send(vmi, { metadata: { name: 'vm1', namespace: 'shop' }, spec });
    lab.runFor(6 * second);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(5 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped']);
    expect(lab.get(vm, 'vm1')?.status?.conditions).toBeUndefined();
    lab.delete(vmi, 'vm1');
    lab.runFor(20 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running']);
    expect(lab.phases()).toEqual([...stoppedWell, ...started]);
  });
});
