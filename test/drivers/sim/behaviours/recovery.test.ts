import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { ClusterLab } from './cluster-lab.ts';
import { prepareDisk, virtualMachine } from './manifests.ts';
import { guestOf, power } from './running-vm.ts';

const second = 1000;
const vm = resources.virtualMachine;
const nodes = ['node-a1', 'node-a2', 'node-a3'];

/** What people, guests and machines do to a VM. */
const disturbances: Readonly<Record<string, (lab: ClusterLab) => void>> = {
  start: (lab) => void power(lab, 'start'),
  stop: (lab) => void power(lab, 'stop'),
  restart: (lab) => void power(lab, 'restart'),
  always: (lab) => void lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Always' } }),
  halted: (lab) => void lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } }),
  manual: (lab) => void lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Manual' } }),
  rerun: (lab) => void lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'RerunOnFailure' } }),
  deleteVmi: (lab) => void lab.delete(resources.virtualMachineInstance, 'vm1'),
  deletePod: (lab) => void lab.delete(resources.pod, lab.launcher()?.metadata.name ?? ''),
  forcePod: (lab) => void lab.delete(resources.pod, lab.launcher()?.metadata.name ?? '', 0),
  powerOff: (lab) => lab.guests.endByItself(guestOf(lab), 'shutdown'),
  crash: (lab) => lab.guests.endByItself(guestOf(lab), 'crashed'),
  deafGuest: (lab) => lab.guests.setFault('shop', 'vm1', 'ignores-acpi'),
  stuckGuest: (lab) => lab.guests.setFault('shop', 'vm1', 'never-stops'),
  stuckOpener: (lab) => lab.guests.setFault('shop', 'vm1', 'opener-stuck'),
  refuse: (lab) => {
    lab.drbd.openAnswer = { kind: 'refused', errno: 'EROFS', text: 'No quorum' };
  },
  failWrites: (lab) => {
    lab.drbd.writeAnswer = { kind: 'error', errno: 'EIO' };
  },
  failAttach: (lab) => {
    lab.publishAnswer = { kind: 'error', code: 'Internal', message: 'no' };
  },
  crashNode: (lab) => lab.losePower(textAt(lab.launcher(), 'spec', 'nodeName') ?? 'node-a1'),
  cutNode: (lab) => void lab.downNodes.add(textAt(lab.launcher(), 'spec', 'nodeName') ?? 'node-a2'),
};

function heal(lab: ClusterLab): void {
  for (const fault of ['ignores-acpi', 'never-stops', 'opener-stuck'] as const)
    lab.guests.healFault('shop', 'vm1', fault);
  lab.drbd.openAnswer = { kind: 'open' };
  lab.drbd.writeAnswer = { kind: 'acked', seq: 1 };
  lab.publishAnswer = { kind: 'ok' };
  for (const node of nodes) lab.downNodes.delete(node);
}

const step = fc.record({ what: fc.constantFrom(...Object.keys(disturbances)), wait: fc.integer({ min: 0, max: 40 }) });

describe('whatever was done to a VM', () => {
  test('once all is well it can be stopped without a trace, and started again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const lab = new ClusterLab({ events: false });
        prepareDisk(lab);
        lab.send(vm, virtualMachine({ runStrategy: 'Always' }));
        for (const { what, wait } of steps) {
          disturbances[what]?.(lab);
          lab.runFor(wait * second);
        }
        heal(lab);
        lab.runFor(60 * second);
        lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Halted' } });
        lab.runFor(900 * second);
        expect(lab.get(resources.virtualMachineInstance, 'vm1')).toBeUndefined();
        expect(lab.launcher()).toBeUndefined();
        expect(lab.drbd.openersOf('pvc-vm1-disk')).toEqual([]);
        expect(lab.api.list(resources.volumeAttachment)).toEqual([]);
        expect(lab.guests.executing('shop', 'vm1')).toEqual([]);
        lab.mergePatch(vm, 'vm1', { spec: { runStrategy: 'Always' } });
        lab.runFor(400 * second);
        expect(textAt(lab.get(vm, 'vm1'), 'status', 'printableStatus')).toBe('Running');
        expect(lab.guests.executing('shop', 'vm1')).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });
});
