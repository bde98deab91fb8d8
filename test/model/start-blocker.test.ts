import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import { startBlockerOf } from '../../src/model/start-blocker.ts';
import { claim, instance, launcherPod, virtualMachine } from './kubevirt-objects.ts';

const withConditions = (...conditions: readonly JsonObject[]): JsonObject => ({ phase: 'Scheduling', conditions });
const unschedulable = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'Unschedulable',
  message: '0/3 nodes are available: 3 node(s) had untolerated taint(s).',
};
const event = (
  reason: string,
  message: string,
  lastTimestamp: string,
  uid = launcherPod('Pending').metadata.uid,
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: `virt-launcher-vm1-zt46f.${lastTimestamp}`, namespace: 'prod' },
  type: 'Warning',
  reason,
  message,
  lastTimestamp,
  involvedObject: { kind: 'Pod', name: 'virt-launcher-vm1-zt46f', uid },
});
const starting = virtualMachine({ status: { printableStatus: 'Starting' } });

test('nothing wrong reads as starting', () => {
  expect(startBlockerOf({ vm: starting, vmi: instance('Scheduling'), pods: [launcherPod('Pending')] }).reason).toBe(
    'Starting',
  );
});

test('an instance that cannot be made shows in the VM only, whose status column says Stopped', () => {
  const message = 'virtualmachineinstancetypes.instancetype.kubevirt.io "small" not found';
  const vm = virtualMachine({
    status: {
      printableStatus: 'Stopped',
      conditions: [{ type: 'Failure', status: 'True', reason: 'FailedFindInstancetype', message }],
    },
  });
  expect(startBlockerOf({ vm, pods: [] })).toMatchObject({ reason: 'FailedFindInstancetype', message });
});

test('a missing claim is told in the words of KubeVirt', () => {
  const message = 'PVC prod/vm1-disk does not exist, waiting for it to appear';
  const vmi = instance('Pending', {
    status: withConditions(
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message },
      { type: 'Synchronized', status: 'False', reason: 'FailedPvcNotFound', message },
    ),
  });
  expect(startBlockerOf({ vm: starting, vmi, pods: [] })).toMatchObject({ reason: 'FailedPvcNotFound', message });
});

test('a Lost claim is named before the scheduler message that it causes', () => {
  const lost = claim({ status: { phase: 'Lost' } });
  const vmi = instance('Scheduling', { status: withConditions(unschedulable) });
  const blocker = startBlockerOf({ vm: starting, vmi, pods: [], claims: [lost] });
  expect(blocker.reason).toBe('ClaimLost');
  expect(blocker.message).toContain('vm1-disk');
});

test('an unschedulable pod gives the scheduler message', () => {
  const vmi = instance('Scheduling', { status: withConditions(unschedulable) });
  expect(startBlockerOf({ vm: starting, vmi, pods: [] })).toMatchObject({
    reason: 'Unschedulable',
    message: unschedulable.message,
  });
});

test('a container that waits for more than its creation is a reason', () => {
  const waiting = (reason: string): KubeObject =>
    launcherPod('Pending', {
      status: { phase: 'Pending', containerStatuses: [{ name: 'compute', state: { waiting: { reason } } }] },
    });
  const vmi = instance('Scheduling');
  expect(startBlockerOf({ vm: starting, vmi, pods: [waiting('ImagePullBackOff')] }).reason).toBe('ImagePullBackOff');
  expect(startBlockerOf({ vm: starting, vmi, pods: [waiting('ContainerCreating')] }).reason).toBe('Starting');
});

test('a failed attach shows in Events only; the newest one of this very pod counts', () => {
  const refused = 'MapVolume.SetUpDevice failed: could not open block device: read-only file system';
  const events = [
    event('FailedAttachVolume', 'AttachVolume.Attach failed', '2026-11-22T12:58:30Z'),
    event('FailedMapVolume', refused, '2026-11-22T12:58:40Z'),
    event('FailedMount', 'of an earlier pod of that name', '2026-11-22T12:59:40Z', 'an-earlier-uid'),
  ];
  const scene = { vm: starting, vmi: instance('Scheduling'), pods: [launcherPod('Pending')], events };
  expect(startBlockerOf(scene)).toEqual({ reason: 'FailedMapVolume', message: refused });
});

test('the status column is the last resort', () => {
  const vm = virtualMachine({ status: { printableStatus: 'CrashLoopBackOff' } });
  expect(startBlockerOf({ vm, pods: [] }).reason).toBe('CrashLoopBackOff');
});
