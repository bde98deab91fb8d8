import fc from 'fast-check';
import { expect, test } from 'vitest';
import { known } from '../../src/model/known.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { isSignificant } from '../../src/model/significance.ts';
import { powerStateOf } from '../../src/model/virtual-machine.ts';
import { instance, launcherPod, virtualMachine } from './kubevirt-objects.ts';

const phases = ['', 'Pending', 'Scheduling', 'Scheduled', 'Running', 'Succeeded', 'Failed', 'Unknown'];

const condition = (type: string): fc.Arbitrary<{ type: string; status: string }[]> =>
  fc.constantFrom('True', 'False', undefined).map((status) => (status === undefined ? [] : [{ type, status }]));

const deletions = fc.constantFrom({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });

const instances = fc
  .tuple(fc.constantFrom(...phases), condition('Ready'), condition('Paused'), condition('Synchronized'), deletions)
  .map(
    ([phase, ready, paused, synchronized, metadata]): KubeObject =>
      instance(phase, { metadata, status: { conditions: [...ready, ...paused, ...synchronized] } }),
  );

const pods = fc
  .tuple(fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'), deletions, fc.boolean())
  .map(([phase, metadata, isLauncher]): KubeObject => {
    const pod = launcherPod(phase, { metadata });
    return isLauncher ? pod : { ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } };
  });

const powers = fc.constantFrom('Always', 'Halted').map((runStrategy) => virtualMachine({ spec: { runStrategy } }));

test('a change of an instance that wakes nobody leaves the power of its VM as it was', () => {
  fc.assert(
    fc.property(powers, fc.option(instances), fc.option(instances), fc.option(pods), (vm, old, object, pod) => {
      fc.pre(old !== null || object !== null);
      if (isSignificant(changeOf('virtualMachineInstance', old, object))) return;
      const all = pod === null ? [] : [pod];
      expect(powerOf(vm, object, all)).toBe(powerOf(vm, old, all));
    }),
  );
});

test('a change of a pod that wakes nobody leaves the power of every VM as it was', () => {
  fc.assert(
    fc.property(powers, fc.option(instances), fc.option(pods), fc.option(pods), (vm, vmi, old, object) => {
      fc.pre(old !== null || object !== null);
      if (isSignificant(changeOf('pod', old, object))) return;
      const listed = (pod: KubeObject | null): readonly KubeObject[] => (pod === null ? [] : [pod]);
      expect(powerOf(vm, vmi, listed(object))).toBe(powerOf(vm, vmi, listed(old)));
    }),
  );
});

test('a guest that starts, ends or is told to wakes, the steps on its way do not', () => {
  const wakes = (from: string, to: string): boolean =>
    isSignificant(changeOf('virtualMachineInstance', instance(from), instance(to)));
  expect(wakes('Scheduled', 'Running')).toBe(true);
  expect(wakes('Running', 'Succeeded')).toBe(true);
  expect(wakes('Pending', 'Scheduling')).toBe(false);
  const leaving = instance('Running', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
  expect(isSignificant(changeOf('virtualMachineInstance', instance('Running'), leaving))).toBe(true);
});

test('what keeps a VM from starting wakes when it shows and when it is gone', () => {
  const waiting = { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] };
  const stuck = launcherPod('Pending', { status: waiting });
  expect(isSignificant(changeOf('pod', launcherPod('Pending'), stuck))).toBe(true);
  expect(isSignificant(changeOf('pod', stuck, launcherPod('Running')))).toBe(true);
  expect(isSignificant(changeOf('pod', launcherPod('Pending'), launcherPod('Running')))).toBe(false);
});

test('nobody is woken by what nobody looks at, nor by a renewed Lease', () => {
  const lease = (holderIdentity: string, renewTime: string): KubeObject => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'site-recovery-pg', namespace: 'prod' },
    spec: { holderIdentity, renewTime },
  });
  expect(isSignificant(changeOf('lease', lease('a', '1'), lease('a', '2')))).toBe(false);
  expect(isSignificant(changeOf('lease', lease('a', '1'), lease('b', '2')))).toBe(true);
  expect(isSignificant(changeOf('configMap', null, lease('a', '1')))).toBe(false);
});

function changeOf(
  kind: keyof typeof resources,
  old: KubeObject | null,
  object: KubeObject | null,
): Parameters<typeof isSignificant>[0] {
  const resource = resources[kind];
  if (object === null) return { type: 'DELETED', resource, object: old as KubeObject };
  return old === null ? { type: 'ADDED', resource, object } : { type: 'MODIFIED', resource, object, old };
}

function powerOf(vm: KubeObject, vmi: KubeObject | null, pods: readonly KubeObject[]): string {
  return powerStateOf(known(vm), known(vmi ?? undefined), known(pods), known([])).state;
}
