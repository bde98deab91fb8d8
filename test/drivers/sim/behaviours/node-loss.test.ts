import { describe, expect, test } from 'vitest';
import { listAt, textAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { prepareDisk, virtualMachine } from './manifests.ts';

const vm = resources.virtualMachine;
const second = 1000;
const started = ['Pending', 'Scheduling', 'Scheduled', 'Running'];

function labWithVm(nodes?: readonly string[]): { lab: ClusterLab; node: string } {
  const lab = new ClusterLab(nodes === undefined ? {} : { nodes: [...nodes] });
  prepareDisk(lab);
  lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
  lab.runFor(10 * second);
  return { lab, node: textAt(lab.launcher(), 'spec', 'nodeName') ?? '' };
}

function taintsOf(lab: ClusterLab, node: string): readonly string[] {
  const taints = listAt(lab.get(resources.node, node), 'spec', 'taints');
  return taints.map((taint) => `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`);
}

const status = (lab: ClusterLab) => textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus');

describe('a node that stops answering under a VM', () => {
  test('leaves VMI and VM Running until its pod object goes', () => {
    const { lab, node } = labWithVm();
    lab.losePower(node);
    lab.runFor(45 * second);
    expect(taintsOf(lab, node)).toEqual([]);
    lab.runFor(20 * second);
    expect(taintsOf(lab, node)).toContain('node.kubernetes.io/unreachable:NoSchedule');
    expect(status(lab)).toBe('Running');
    expect(lab.get(vm, 'vm1')?.status?.ready).toBeUndefined();
    lab.runFor(30 * second);
    expect(taintsOf(lab, node)).toContain('node.kubernetes.io/unreachable:NoExecute');
    lab.runFor(310 * second);
    expect(lab.get(resources.node, node)?.metadata.labels?.['kubevirt.io/schedulable']).toBe('false');
    expect(lab.launcher()?.metadata.deletionTimestamp).toBeDefined();
    expect(lab.events('Pod')).toContain(
      `Normal TaintManagerEviction: Marking for deletion Pod shop/${lab.launcher()?.metadata.name}`,
    );
    expect(status(lab)).toBe('Running');
    lab.delete(resources.pod, lab.launcher()?.metadata.name ?? '', 0);
    lab.runFor(15 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Stopped', 'Starting', 'Running']);
    expect(lab.phases()).toEqual([...started, 'Failed', 'Failed (deletionTimestamp)', 'DELETED', ...started]);
  });

  test('cannot be stopped from outside while it is away', () => {
    const { lab, node } = labWithVm();
    lab.losePower(node);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(200 * second);
    expect(status(lab)).toBe('Stopping');
    lab.delete(resources.virtualMachineInstance, 'vm1', 0);
    lab.runFor(10 * second);
    expect(lab.get(resources.virtualMachineInstance, 'vm1')).toBeDefined();
    lab.mergePatch(resources.virtualMachineInstance, 'vm1', { metadata: { finalizers: null } });
    lab.runFor(10 * second);
    expect(status(lab)).toBe('Stopped');
    expect(lab.launcher()).toBeDefined();
  });

  test('keeps its volume attached for six minutes after the pod was removed', () => {
    const { lab, node } = labWithVm();
    lab.losePower(node);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(100 * second);
    lab.delete(resources.pod, lab.launcher()?.metadata.name ?? '', 0);
    lab.runFor(300 * second);
    expect(lab.api.list(resources.volumeAttachment)).toHaveLength(1);
    lab.runFor(70 * second);
    expect(lab.api.list(resources.volumeAttachment)).toHaveLength(0);
  });

  test('whose taint goes before its pods have to, says that they stay', () => {
    const { lab, node } = labWithVm();
    lab.downNodes.add(node);
    lab.runFor(150 * second);
    const pod = lab.launcher()?.metadata.name ?? '';
    lab.restorePower(node);
    lab.runFor(10 * second);
    expect(taintsOf(lab, node)).toEqual([]);
    expect(lab.events('Pod')).toContain(`Normal TaintManagerEviction: Cancelling deletion of Pod shop/${pod}`);
    lab.runFor(400 * second);
    expect(lab.launcher()?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('that is removed leaves pods that count as failed, and then none', () => {
    const { lab, node } = labWithVm();
    const pod = lab.launcher()?.metadata.name ?? '';
    lab.losePower(node);
    lab.delete(resources.node, node);
    lab.runFor(15 * second);
    const seen = lab.changes.map(({ change }) => change.object).filter(({ metadata }) => metadata.name === pod);
    expect(textAt(seen.at(-1), 'status', 'phase')).toBe('Failed');
    expect(listAt(seen.at(-1), 'status', 'conditions').at(-1)).toMatchObject({
      type: 'DisruptionTarget',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    });
    expect(lab.get(resources.pod, pod)).toBeUndefined();
  });

  test('is given up by the out-of-service taint: pod, attachment and VM move on', () => {
    const { lab, node } = labWithVm();
    lab.losePower(node);
    lab.runFor(70 * second);
    const present = listAt(lab.get(resources.node, node), 'spec', 'taints');
    const outOfService = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
    lab.mergePatch(resources.node, node, { spec: { taints: [...present, outOfService] } });
    lab.runFor(40 * second);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Stopped', 'Starting', 'Running']);
    const attached = lab.api.list(resources.volumeAttachment).map((one) => textAt(one, 'spec', 'nodeName'));
    expect(attached).toHaveLength(1);
    expect(attached).not.toContain(node);
  });

  test('that comes back after a crash reports its pods as failed, and the VM starts anew', () => {
    const { lab, node } = labWithVm();
    lab.losePower(node);
    lab.runFor(120 * second);
    lab.downNodes.delete(node);
    lab.runFor(40 * second);
    expect(taintsOf(lab, node)).toEqual([]);
    expect(lab.phases().slice(0, 5)).toEqual([...started, 'Failed']);
    expect(status(lab)).toBe('Running');
  });
});

describe('a node that reboots before anybody misses it', () => {
  test('fails the pods that it lost, without ever being unreachable', () => {
    const { lab, node } = labWithVm();
    lab.losePower(node);
    lab.runFor(25 * second);
    lab.downNodes.delete(node);
    lab.runFor(40 * second);
    expect(taintsOf(lab, node)).toEqual([]);
    expect(lab.phases().slice(0, 5)).toEqual([...started, 'Failed']);
    expect(status(lab)).toBe('Running');
  });
});

describe('a node that is cut off and runs on', () => {
  test('keeps its guest writing; when it is back the guest that was told to go is shut down', () => {
    const { lab, node } = labWithVm();
    lab.downNodes.add(node);
    const before = lab.drbd.writes;
    lab.runFor(60 * second);
    expect(lab.drbd.writes).toBeGreaterThan(before);
    lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(120 * second);
    expect(status(lab)).toBe('Stopping');
    expect(lab.guests.executing('shop', 'vm1')).toHaveLength(1);
    lab.downNodes.delete(node);
    lab.runFor(30 * second);
    expect(lab.guests.executing('shop', 'vm1')).toHaveLength(0);
    expect(lab.phases()).toEqual([
      ...started,
      'Running (deletionTimestamp)',
      'Succeeded (deletionTimestamp)',
      'DELETED',
    ]);
  });
});

describe('a cluster that loses all its nodes', () => {
  test('taints them all, and evicts from one of them only', () => {
    const { lab } = labWithVm(['node-a1', 'node-a2']);
    for (const node of ['node-a1', 'node-a2']) lab.losePower(node);
    lab.runFor(200 * second);
    const taints = ['node-a1', 'node-a2'].flatMap((node) => taintsOf(lab, node));
    expect(taints.filter((taint) => taint.endsWith(':NoSchedule'))).toHaveLength(2);
    expect(taints.filter((taint) => taint.endsWith(':NoExecute'))).toHaveLength(1);
    expect(status(lab)).toBe('Running');
  });
});
