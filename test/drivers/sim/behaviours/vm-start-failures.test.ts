import { describe, expect, test } from 'vitest';
import { resources } from '../../../../src/model/kube.ts';
import { clusterResources } from '../../../../src/drivers/sim/behaviours/resource-types.ts';
import { listAt, objectAt, textAt } from '../../../../src/model/json.ts';
import { guestOf, runningVm } from './running-vm.ts';
import { ClusterLab } from './cluster-lab.ts';
import { claim, prepareDisk, prepareNamespace, storageClass, virtualMachine, volume } from './manifests.ts';

const vm = resources.virtualMachine;
const vmi = resources.virtualMachineInstance;
const second = 1000;

const started = ['Pending', 'Scheduling', 'Scheduled', 'Running'];
const stoppedWell = [...started, 'Running (deletionTimestamp)', 'Succeeded (deletionTimestamp)', 'DELETED'];

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

describe('a launcher whose image is not there', () => {
  test('waits for it, longer each time, and says so; once it is there the VM starts', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.pods.setImages('a', false);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(60 * second);
    const attempt = ['ErrImagePull', 'ImagePullBackOff'];
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', ...attempt, ...attempt, ...attempt]);
    expect(lab.phases()).toEqual(['Pending', 'Scheduling']);
    expect(lab.events('Pod').join()).toContain(
      'Normal BackOff: Back-off pulling image "quay.io/kubevirt/virt-launcher',
    );
    const conditions = listAt(lab.get(vmi, 'vm1'), 'status', 'conditions');
    expect(conditions.find((each) => textAt(each, 'type') === 'Synchronized')).toMatchObject({
      status: 'False',
      reason: 'ImagePullBackOff',
    });
    lab.pods.setImages('a', true);
    lab.runFor(60 * second);
    expect(lab.printableStatuses().slice(-2)).toEqual(['Starting', 'Running']);
  });

  test('is stopped while it waits', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.pods.setImages('a', false);
    lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(10 * second);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(10 * second);
    expect(lab.get(vmi, 'vm1')).toBeUndefined();
    expect(lab.launcher()).toBeUndefined();
  });
});

describe('what a VM names of its size', () => {
  const failureOf = (lab: ClusterLab): unknown =>
    listAt(lab.get(vm, 'vm1'), 'status', 'conditions').find((condition) => textAt(condition, 'type') === 'Failure');

  test.each([
    [
      { instancetype: { name: 'big' } },
      'FailedFindInstancetype',
      'virtualmachineclusterinstancetypes.instancetype.kubevirt.io "big" not found',
    ],
    [
      { instancetype: { name: 'big', revisionName: 'vm1-big-1' } },
      'FailedFindInstancetype',
      'controllerrevisions.apps "vm1-big-1" not found',
    ],
    [
      { preference: { kind: 'VirtualMachinePreference', name: 'linux' } },
      'FailedFindPreference',
      'virtualmachinepreferences.instancetype.kubevirt.io "linux" not found',
    ],
  ])('%j is missed before it is started, too', (names, reason, message) => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(vm, virtualMachine({ runStrategy: 'Halted', ...names }));
    lab.runFor(3 * second);
    expect(failureOf(lab)).toMatchObject({ status: 'True', reason, message });
    expect(lab.printableStatuses()).toEqual(['Stopped']);
  });

  test('a copy is kept of what was found, which counts when that is gone', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    const { uid } = lab.send(clusterResources.clusterInstancetype, {
      metadata: { name: 'big' },
      spec: { cpu: { guest: 4 }, memory: { guest: '2Gi' } },
    }).metadata;
    lab.send(vm, virtualMachine({ runStrategy: 'Always', instancetype: { name: 'big' } }));
    lab.runFor(10 * second);
    const revision = `vm1-big-v1beta1-${uid}-1`;
    expect(lab.get(vm, 'vm1')?.status?.instancetypeRef).toEqual({
      controllerRevisionRef: { name: revision },
      kind: 'virtualmachineclusterinstancetype',
      name: 'big',
    });
    lab.delete(clusterResources.clusterInstancetype, 'big');
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(10 * second);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Always' } });
    lab.runFor(10 * second);
    expect(lab.printableStatuses().slice(-2)).toEqual(['Starting', 'Running']);
    expect(objectAt(lab.get(vmi, 'vm1'), 'spec', 'domain', 'memory')).toEqual({ guest: '2Gi' });
    lab.delete(vm, 'vm1');
    lab.runFor(10 * second);
    expect(lab.get(clusterResources.controllerRevision, revision)).toBeUndefined();
  });

  test('a ControllerRevision that is there gives the size', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(clusterResources.controllerRevision, {
      metadata: { name: 'vm1-big-1', namespace: 'shop' },
      data: { spec: { cpu: { guest: 4 }, memory: { guest: '2Gi' } } },
      revision: 1,
    });
    const instancetype = { name: 'big', revisionName: 'vm1-big-1' };
    lab.send(vm, virtualMachine({ runStrategy: 'Always', instancetype }));
    lab.runFor(10 * second);
    expect(failureOf(lab)).toBeUndefined();
    expect(objectAt(lab.get(vmi, 'vm1'), 'spec', 'domain')).toMatchObject({
      cpu: { sockets: 4 },
      memory: { guest: '2Gi' },
    });
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
