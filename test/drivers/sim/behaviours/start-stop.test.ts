import { describe, expect, test } from 'vitest';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { prepareDisk, virtualMachine } from './manifests.ts';

describe('a VM that is started and stopped', () => {
  test('goes exactly the same way twice from the same seed', () => {
    const run = () => {
      const lab = new ClusterLab();
      prepareDisk(lab);
      lab.send(resources.virtualMachine, virtualMachine({ runStrategy: 'Always' }));
      lab.runFor(8000);
      lab.mergePatch(resources.virtualMachine, 'vm1', { spec: { runStrategy: 'Halted' } });
      lab.runFor(10_000);
      return JSON.stringify(lab.changes.map(({ at, change }) => [at, change.type, change.object]));
    };
    expect(run()).toBe(run());
  });

  test('goes the same way when nobody stores Events', () => {
    const lab = new ClusterLab({ events: false });
    prepareDisk(lab);
    lab.send(resources.virtualMachine, virtualMachine({ runStrategy: 'Always' }));
    lab.runFor(8000);
    lab.mergePatch(resources.virtualMachine, 'vm1', { spec: { runStrategy: 'Halted' } });
    lab.runFor(10_000);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Stopping', 'Stopped']);
    expect(lab.api.list(resources.event)).toEqual([]);
  });

  test('passes through the recorded statuses and phases', () => {
    const lab = new ClusterLab();
    prepareDisk(lab);
    lab.send(resources.virtualMachine, virtualMachine({ running: false }));
    lab.runFor(1500);
    lab.mergePatch(resources.virtualMachine, 'vm1', { spec: { running: true } });
    lab.runFor(8000);
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toHaveLength(1);
    lab.mergePatch(resources.virtualMachine, 'vm1', { spec: { running: false } });
    lab.runFor(10_000);
    expect(lab.printableStatuses()).toEqual(['Stopped', 'Starting', 'Running', 'Stopping', 'Stopped']);
    expect(lab.phases()).toEqual([
      'Pending',
      'Scheduling',
      'Scheduled',
      'Running',
      'Running (deletionTimestamp)',
      'Succeeded (deletionTimestamp)',
      'DELETED',
    ]);
    expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual([]);
    expect(lab.api.list(resources.volumeAttachment)).toEqual([]);
  });
});
