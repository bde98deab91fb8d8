import { describe, expect, test } from 'vitest';
import { resources } from '../../../../src/model/kube.ts';
import { listAt, textAt } from '../../../../src/model/json.ts';
import { guestOf, power, runningVm, start } from './running-vm.ts';
import { ClusterLab } from './cluster-lab.ts';
import { prepareDisk, virtualMachine } from './manifests.ts';

const vm = resources.virtualMachine;
const vmi = resources.virtualMachineInstance;
const second = 1000;

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

  test.each([
    { runStrategy: 'Always', printed: ['Stopped', 'Running'], phases: ['Running'] },
    {
      runStrategy: 'Halted',
      printed: ['Stopped', 'Running', 'Stopping', 'Stopped'],
      phases: ['Running', 'Running (deletionTimestamp)', 'Succeeded (deletionTimestamp)', 'DELETED'],
    },
  ])('a guest that an orphaning deletion left is taken over by a VM of its name ($runStrategy)', (next) => {
    const lab = runningVm({ runStrategy: 'Always' });
    const options = { propagationPolicy: 'Orphan' } as const;
    lab.api.request({ verb: 'delete', resource: vm, namespace: 'shop', name: 'vm1', options });
    lab.runFor(5 * second);
    expect(lab.get(vm, 'vm1')).toBeUndefined();
    expect(lab.get(vmi, 'vm1')?.metadata.ownerReferences).toBeUndefined();
    expect(lab.phases().at(-1)).toBe('Running');
    lab.changes.length = 0;
    lab.send(vm, virtualMachine({ runStrategy: next.runStrategy }));
    lab.runFor(8 * second);
    expect([lab.printableStatuses(), lab.phases()]).toEqual([next.printed, next.phases]);
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

  test('WaitAsReceiver makes a VMI that waits for a guest from elsewhere, without a pod', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'WaitAsReceiver' }));
    lab.runFor(4 * second);
    expect(lab.phases()).toEqual(['Pending', 'WaitingForSync']);
    expect(lab.printableStatuses().at(-1)).toBe('WaitingForReceiver');
    expect(lab.launcher()).toBeUndefined();
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(4 * second);
    expect(lab.get(vmi, 'vm1')).toBeUndefined();
  });

  test('Once takes no request to stop', () => {
    const lab = runningVm({ runStrategy: 'Once' });
    const { uid } = lab.get(vmi, 'vm1')!.metadata;
    const body = { status: { stateChangeRequests: [{ action: 'Stop', uid }] } };
    lab.api.request({
      verb: 'patch',
      patch: 'merge',
      resource: vm,
      namespace: 'shop',
      name: 'vm1',
      subresource: 'status',
      body,
    });
    lab.runFor(5 * second);
    expect(lab.get(vmi, 'vm1')?.metadata.uid).toBe(uid);
    expect(lab.printableStatuses().at(-1)).toBe('Running');
  });

  test('a changed template asks for a restart, and is in force after it', () => {
    const lab = runningVm({ runStrategy: 'Always' });
    const restart = () => {
      const conditions = listAt(lab.get(vm, 'vm1'), 'status', 'conditions');
      return textAt(
        conditions.find((one) => textAt(one, 'type') === 'RestartRequired'),
        'message',
      );
    };
    expect(restart()).toBeUndefined();
    lab.mergePatch(vm, 'vm1', { spec: { template: { spec: { domain: { memory: { guest: '600Mi' } } } } } });
    lab.runFor(second);
    expect(restart()).toBe(
      'memory updated in template spec. Memory-hotplug is not available for this VM configuration',
    );
    expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Running');
    power(lab, 'restart');
    lab.runFor(20 * second);
    expect(restart()).toBeUndefined();
    expect(textAt(lab.get(vmi, 'vm1'), 'spec', 'domain', 'memory', 'guest')).toBe('600Mi');
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
