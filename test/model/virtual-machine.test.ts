import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { known, unknown } from '../../src/model/known.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import {
  originalRunStrategyAnnotation,
  powerFieldOf,
  powerStateOf,
  startPlan,
  stopPatch,
  wantsToRun,
} from '../../src/model/virtual-machine.ts';
import { attachment, claim, instance, launcherPod, template, virtualMachine } from './kubevirt-objects.ts';
import { mergePatched } from './merge-patched.ts';

const withPower = (power: JsonObject, status: JsonObject = {}): KubeObject =>
  virtualMachine({ spec: { ...power, template: template() }, status });

const patched = (vm: KubeObject, patch: JsonObject | undefined): KubeObject =>
  patch === undefined ? vm : (mergePatched(vm, patch) as KubeObject);

describe('the power field', () => {
  test.each([
    [{ running: true }, { kind: 'running', value: true }, true],
    [{ running: false }, { kind: 'running', value: false }, false],
    [{ runStrategy: 'Always' }, { kind: 'runStrategy', value: 'Always' }, true],
    [{ runStrategy: 'Halted' }, { kind: 'runStrategy', value: 'Halted' }, false],
    [{ runStrategy: 'Once' }, { kind: 'runStrategy', value: 'Once' }, true],
    [{ runStrategy: 'Manual' }, { kind: 'runStrategy', value: 'Manual' }, undefined],
    [{ running: true, runStrategy: 'Always' }, { kind: 'both' }, undefined],
    [{}, { kind: 'none' }, undefined],
  ])('%j reads as %j and wants to run: %s', (power, field, wants) => {
    expect(powerFieldOf(withPower(power))).toEqual(field);
    expect(wantsToRun(withPower(power))).toBe(wants);
  });
});

describe('stopping', () => {
  test('patches the strategy to Halted at the version seen and saves the original', () => {
    expect(stopPatch(withPower({ runStrategy: 'RerunOnFailure' }))).toEqual({
      metadata: { resourceVersion: '11448', annotations: { [originalRunStrategyAnnotation]: 'RerunOnFailure' } },
      spec: { runStrategy: 'Halted' },
    });
  });

  test('patches running where that field is in use, for KubeVirt refuses both', () => {
    expect(stopPatch(withPower({ running: true }))).toEqual({
      metadata: { resourceVersion: '11448' },
      spec: { running: false },
    });
  });

  test.each([{ running: false }, { runStrategy: 'Halted' }])('has nothing to do for %j', (power) => {
    expect(stopPatch(withPower(power))).toBeUndefined();
  });

  test('a second stop keeps the strategy that the first one saved', () => {
    const once = patched(withPower({ runStrategy: 'Manual' }), stopPatch(withPower({ runStrategy: 'Manual' })));
    expect(stopPatch(once)).toBeUndefined();
    expect(once.metadata.annotations?.[originalRunStrategyAnnotation]).toBe('Manual');
  });

  test('a strategy chosen after an earlier failover replaces the one saved then', () => {
    const vm = virtualMachine({
      metadata: { annotations: { [originalRunStrategyAnnotation]: 'Manual' } },
      spec: { runStrategy: 'Always', template: template() },
    });
    expect(stopPatch(vm)?.metadata).toMatchObject({ annotations: { [originalRunStrategyAnnotation]: 'Always' } });
  });

  test('running chosen after an earlier failover takes the strategy away that was saved then', () => {
    const vm = virtualMachine({
      metadata: { annotations: { [originalRunStrategyAnnotation]: 'Manual' } },
      spec: { running: true, template: template() },
    });
    expect(stopPatch(vm)?.metadata).toMatchObject({ annotations: { [originalRunStrategyAnnotation]: null } });
  });
});

describe('starting', () => {
  const strategies = ['Always', 'Manual', 'RerunOnFailure', 'Once', 'WaitAsReceiver', 'StrategyOfALaterRelease'];

  test('restores what stopping saved, for every strategy, and leaves no mark behind', () => {
    const power = fc.oneof(
      fc.constantFrom(...strategies).map((runStrategy) => ({ runStrategy })),
      fc.constant({ running: true }),
    );
    fc.assert(
      fc.property(power, (field) => {
        const vm = withPower(field);
        const stopped = patched(vm, stopPatch(vm));
        expect(wantsToRun(stopped)).toBe(false);
        const started = patched(stopped, startPlan(stopped).patch);
        expect(started.spec).toEqual(vm.spec);
        expect(started.metadata.annotations?.[originalRunStrategyAnnotation]).toBeUndefined();
        expect(startPlan(started).patch).toBeUndefined();
      }),
    );
  });

  test('a halted VM without a saved strategy becomes Always, as with the start subresource', () => {
    expect(startPlan(withPower({ runStrategy: 'Halted' })).patch).toMatchObject({ spec: { runStrategy: 'Always' } });
  });

  test('Manual needs a start request besides: only after the restore, until one is pending', () => {
    const stopped = patched(withPower({ runStrategy: 'Manual' }), stopPatch(withPower({ runStrategy: 'Manual' })));
    expect(startPlan(stopped)).not.toHaveProperty('subresourceStart');
    expect(startPlan(patched(stopped, startPlan(stopped).patch))).toEqual({ subresourceStart: true });
    expect(startPlan(withPower({ runStrategy: 'Manual' }, { stateChangeRequests: [{ action: 'Start' }] }))).toEqual({});
  });

  test('RerunOnFailure starts when switched to, and by request when KubeVirt saw no switch', () => {
    const annotations = { [originalRunStrategyAnnotation]: 'RerunOnFailure' };
    const halted = virtualMachine({
      metadata: { annotations },
      spec: { runStrategy: 'Halted', template: template() },
      status: { runStrategy: 'Halted' },
    });
    expect(startPlan(halted).subresourceStart).toBeUndefined();
    expect(startPlan(withPower({ runStrategy: 'RerunOnFailure' }, { runStrategy: 'Halted' }))).toEqual({});
    expect(startPlan(withPower({ runStrategy: 'RerunOnFailure' }, { runStrategy: 'RerunOnFailure' }))).toEqual({
      subresourceStart: true,
    });
  });

  test.each(['Once', 'WaitAsReceiver'])('%s comes with a note for the person', (runStrategy) => {
    expect(startPlan(withPower({ runStrategy })).note).toContain(runStrategy);
  });
});

describe('the power state', () => {
  const halted = withPower({ runStrategy: 'Halted' });
  const always = withPower({ runStrategy: 'Always' });
  const state = (
    vm: KubeObject | undefined,
    vmi: KubeObject | undefined,
    pods: readonly KubeObject[] = [],
    attachments: readonly KubeObject[] = [],
  ): string => {
    const reading = powerStateOf(known(vm), known(vmi), known(pods), known(attachments));
    return `${reading.state} ${reading.reason}`;
  };

  test('is stopped only when instance, launcher pods and attachments are gone or final', () => {
    expect(state(halted, undefined)).toBe('stopped Stopped');
    expect(state(halted, instance('Succeeded'), [launcherPod('Succeeded')])).toBe('stopped Stopped');
    expect(state(halted, undefined, [launcherPod('Failed')])).toBe('stopped Stopped');
    expect(state(halted, instance('Succeeded'), [launcherPod('Running')])).toBe('stopping LauncherPodLeft');
    expect(state(halted, instance('Succeeded'), [launcherPod('Succeeded')], [attachment()])).toBe(
      'stopping VolumeAttached',
    );
  });

  test('is stopped for a Manual or Once VM whose ended instance stays for ever', () => {
    for (const runStrategy of ['Manual', 'Once']) {
      const vm = withPower({ runStrategy }, { created: true, printableStatus: 'Stopped' });
      expect(state(vm, instance('Failed'), [launcherPod('Failed')])).toBe('stopped Stopped');
    }
  });

  test('does not believe printableStatus', () => {
    const says = (printableStatus: string): KubeObject => withPower({ runStrategy: 'Halted' }, { printableStatus });
    expect(state(says('Stopped'), instance('Running'))).toBe('running Running');
    expect(state(says('Running'), undefined)).toBe('stopped Stopped');
  });

  test('is not stopped between two runs of a VM that KubeVirt is about to start again', () => {
    expect(state(always, instance('Failed'), [launcherPod('Failed')])).toMatch(/^starting/);
    expect(state(always, undefined)).toMatch(/^starting/);
    expect(state(withPower({ runStrategy: 'Once' }), undefined)).toMatch(/^starting/);
    expect(state(withPower({ runStrategy: 'RerunOnFailure' }), instance('Failed'))).toMatch(/^starting/);
    expect(state(withPower({ runStrategy: 'RerunOnFailure' }), instance('Succeeded'))).toBe('stopped Stopped');
    expect(
      state(withPower({ runStrategy: 'Manual' }, { stateChangeRequests: [{ action: 'Start' }] }), undefined),
    ).toMatch(/^starting/);
  });

  test('a VM that does not exist is stopped once nothing of it is left', () => {
    expect(state(undefined, undefined)).toBe('stopped NotFound');
    expect(state(undefined, instance('Succeeded'), [launcherPod('Running')])).toBe('stopping LauncherPodLeft');
  });

  test('is unknown whenever a reading that decides is missing, and says which', () => {
    const cannot = unknown<never>('cluster1 did not answer');
    const nothing = known([]);
    const readings = [
      powerStateOf(known(halted), cannot, nothing, nothing),
      powerStateOf(known(halted), known(undefined), cannot, nothing),
      powerStateOf(known(halted), known(undefined), nothing, cannot),
      powerStateOf(cannot, known(undefined), nothing, nothing),
    ];
    for (const reading of readings) {
      expect(reading).toEqual({ state: 'unknown', reason: 'NotReadable', message: 'cluster1 did not answer' });
    }
  });

  test('follows the instance while there is one', () => {
    expect(state(always, instance('Scheduling'))).toBe('starting Starting');
    expect(state(always, instance('Unknown'))).toBe('unknown NodeNotAnswering');
    const deleted = instance('Running', { metadata: { deletionTimestamp: '2026-11-22T12:59:00Z' } });
    expect(state(halted, deleted)).toBe('stopping Stopping');
    expect(state(always, instance('Running', { metadata: { ownerReferences: [] } }))).toBe('running ForeignInstance');
  });

  test('of a VM that cannot start says why, a Lost claim first', () => {
    const lost = claim({ status: { phase: 'Lost' } });
    const nothing = known([]);
    const reading = powerStateOf(known(always), known(instance('Scheduling')), nothing, nothing, { claims: [lost] });
    expect(reading).toMatchObject({ state: 'starting', reason: 'ClaimLost' });
  });

  const notReady = (reason: string | undefined, ...more: readonly JsonObject[]): KubeObject =>
    instance('Running', {
      status: {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False', ...(reason === undefined ? {} : { reason }) }, ...more],
      },
    });

  test.each([
    ['a guest that boots', notReady('GuestNotRunning'), 'starting GuestNotRunning'],
    ['a lost node, whose instance says Running for ever', notReady(undefined), 'unknown NodeNotAnswering'],
    ['a pod that is being ended', notReady('PodTerminating'), 'stopping PodTerminating'],
    ['a failing readiness probe', notReady('ContainersNotReady'), 'running ContainersNotReady'],
    [
      'a pause by an I/O error',
      notReady('ReadinessGatesNotReady', { type: 'Paused', status: 'True', reason: 'PausedIOError' }),
      'unknown PausedIOError',
    ],
    [
      'a pause on request',
      notReady('ReadinessGatesNotReady', { type: 'Paused', status: 'True', reason: 'PausedByUser' }),
      'running Paused',
    ],
  ])('of %s', (_case, vmi, expected) => {
    expect(state(always, vmi)).toBe(expected);
  });
});
