import { expect, test } from 'vitest';
import { launcherPodsOf, podIsFinal } from '../../src/model/launcher-pod.ts';
import { launcherPod } from './kubevirt-objects.ts';

const vm = { namespace: 'prod', name: 'vm1' };
const vmiUid = '2cbe6902-3c0e-4d2d-ae1b-287c938a1dfa';
const labelled = (labels: Record<string, string>) => launcherPod('Running', { metadata: { labels } });
const launcher = { 'kubevirt.io': 'virt-launcher' };

test.each([
  ['by the old name label', labelled({ ...launcher, 'vm.kubevirt.io/name': 'vm1' })],
  ['by the new name label', labelled({ ...launcher, 'vmi.kubevirt.io/id': 'vm1' })],
  ['by the uid of the instance', labelled({ ...launcher, 'kubevirt.io/created-by': vmiUid })],
  [
    'by its owner, where a long name does not fit a label',
    launcherPod('Running', {
      metadata: {
        labels: { ...launcher, 'vmi.kubevirt.io/id': 'cut-and-hashed' },
        ownerReferences: [{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: 'vm1', uid: 'other' }],
      },
    }),
  ],
])('a launcher pod is known %s', (_way, pod) => {
  expect(launcherPodsOf(vm, vmiUid, [pod])).toEqual([pod]);
});

test.each([
  ['of another VM', labelled({ ...launcher, 'vm.kubevirt.io/name': 'vm10', 'kubevirt.io/created-by': 'x' })],
  ['of another namespace', launcherPod('Running', { metadata: { namespace: 'test' } })],
  ['that is no launcher', labelled({ 'vm.kubevirt.io/name': 'vm1' })],
])('a pod %s does not count', (_case, pod) => {
  expect(launcherPodsOf(vm, vmiUid, [pod])).toEqual([]);
});

test('a pod is final when its phase says so, not when it is being deleted', () => {
  const deletionTimestamp = '2026-11-22T12:58:35Z';
  expect(podIsFinal(launcherPod('Succeeded'))).toBe(true);
  expect(podIsFinal(launcherPod('Failed'))).toBe(true);
  expect(podIsFinal(launcherPod('Running', { metadata: { deletionTimestamp } }))).toBe(false);
  expect(podIsFinal(launcherPod('Unknown'))).toBe(false);
});
