import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activityOf, progressLines } from '../../src/cli/failover-progress.ts';
import type { OperationVerdict, OperationView, StepName, StepView } from '../../src/model/projection.ts';

const second = 1000;
const forward: readonly StepName[] = ['stopSource', 'awaitRelease', 'removeTaints', 'startTarget', 'monitorStartup'];

const view = (steps: readonly StepView[], verdict?: OperationVerdict): OperationView => ({
  name: 'production-pg-1',
  protectionGroup: 'production-pg',
  namespace: 'default',
  source: 'cluster1',
  target: 'cluster2',
  startedAt: 0,
  drbdWaitSeconds: 30,
  steps: [
    ...steps,
    ...forward
      .filter((name) => steps.every((step) => step.name !== name))
      .map((name): StepView => ({ name, state: 'pending', virtualMachines: [] })),
  ],
  ...(verdict === undefined ? {} : { verdict }),
});

const stopped = (...names: string[]): StepView['virtualMachines'] =>
  names.map((name) => ({ name, state: 'stopped', at: 1 }));

describe('progress of a failover', () => {
  test('a step that has not begun prints nothing', () => {
    expect(progressLines(undefined, view([]))).toEqual([]);
  });

  test('only what is new since the earlier view is printed', () => {
    const before = view([{ name: 'stopSource', state: 'running', virtualMachines: [{ name: 'a', state: 'pending' }] }]);
    const after = view([
      { name: 'stopSource', state: 'done', virtualMachines: stopped('a') },
      { name: 'awaitRelease', state: 'running', virtualMachines: [] },
    ]);
    expect(progressLines(undefined, before)).toEqual(['▶ Step 1: Stopping VMs on cluster1']);
    expect(progressLines(before, after)).toEqual(['✓ a stopped', '▶ Step 2: Waiting for DRBD locks (30s)']);
  });

  test('VMs are printed in the order of the group, whichever comes first', () => {
    const earlySecond = view([
      {
        name: 'stopSource',
        state: 'running',
        virtualMachines: [{ name: 'a', state: 'pending' }, ...stopped('b')],
      },
    ]);
    const both = view([{ name: 'stopSource', state: 'running', virtualMachines: stopped('a', 'b') }]);
    expect(progressLines(undefined, earlySecond)).toEqual(['▶ Step 1: Stopping VMs on cluster1']);
    expect(progressLines(earlySecond, both)).toEqual(['✓ a stopped', '✓ b stopped']);
  });

  test('the seconds of a VM count from its start on the target', () => {
    const running = view([
      { name: 'startTarget', state: 'done', virtualMachines: [{ name: 'a', state: 'starting', at: 10 * second }] },
      { name: 'monitorStartup', state: 'running', virtualMachines: [{ name: 'a', state: 'running', at: 55 * second }] },
    ]);
    expect(progressLines(undefined, running)).toContain('✓ a running (45s)');
  });

  test('locks that are not released: the reason, the way back, the verdict with its remedy', () => {
    const reason =
      'DRBD_WAIT_TIME (30 s) is over and the locks are not released: vol-1 on node-a (cluster1) is Primary';
    const lines = progressLines(
      undefined,
      view(
        [
          { name: 'awaitRelease', state: 'failed', virtualMachines: [], message: reason },
          { name: 'rollBack', state: 'done', virtualMachines: [{ name: 'a', state: 'running' }] },
        ],
        { kind: 'rolledBack', reason, remedy: 'pgctl validate protectiongroup production-pg' },
      ),
    );
    expect(lines).toEqual([
      '▶ Step 2: Waiting for DRBD locks (30s)',
      '✗ Locks not released',
      '▶ Rolling back: starting VMs on cluster1',
      '✓ a running',
      '⚠ Failover rolled back: VMs run on cluster1 again',
      `reason: ${reason}`,
      'remedy: pgctl validate protectiongroup production-pg',
    ]);
  });

  test('a refusal says that another operation holds the group', () => {
    const verdict = { kind: 'refused', because: 'held', reason: 'pgctl/x holds it', remedy: 'wait' } as const;
    expect(progressLines(undefined, view([], verdict))).toEqual([
      '✗ Failover refused: another operation holds the group',
      'reason: pgctl/x holds it',
      'remedy: wait',
    ]);
  });

  const states = fc.constantFrom('pending' as const, 'running' as const, 'done' as const, 'failed' as const);
  const vmStates = fc.constantFrom('pending' as const, 'stopped' as const, 'starting' as const, 'running' as const);
  const anyView = fc
    .array(fc.record({ state: states, vms: fc.tuple(vmStates, vmStates) }), { minLength: 5, maxLength: 5 })
    .map((drawn) =>
      view(
        drawn.map(({ state, vms }, index) => ({
          name: forward[index] ?? 'rollBack',
          state,
          virtualMachines: vms.map((vm, place) => ({ name: `vm-${place}`, state: vm })),
        })),
      ),
    );

  test('a view after itself adds nothing, and after an earlier one never a line that was there', () => {
    fc.assert(
      fc.property(anyView, anyView, (earlier, later) => {
        expect(progressLines(later, later)).toEqual([]);
        const added = progressLines(earlier, later);
        const before = progressLines(undefined, earlier);
        expect(added.filter((line) => before.includes(line) && !line.includes('vm-'))).toEqual([]);
      }),
    );
  });
});

describe('activity of a failover', () => {
  test('names the VM that is waited for, and why', () => {
    const stopping = view([
      {
        name: 'stopSource',
        state: 'running',
        virtualMachines: [
          ...stopped('a'),
          { name: 'b', state: 'pending', message: 'The guest has been asked to shut down.' },
        ],
      },
    ]);
    expect(activityOf(stopping)).toEqual({
      doing: 'Stopping VMs on cluster1',
      detail: 'b: The guest has been asked to shut down.',
    });
  });

  test('is over with the operation', () => {
    expect(activityOf(view([], { kind: 'succeeded' }))).toBeUndefined();
  });
});
