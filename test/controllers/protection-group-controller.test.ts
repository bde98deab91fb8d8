import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ControllerLab } from '../e2e/controllers/controller-lab.ts';

const controller = 'protection-group-controller';
let lab: ControllerLab;
beforeAll(async () => {
  lab = await ControllerLab.open();
  lab.protect('pg');
});
afterEach(() => lab.endControllers());
afterAll(() => lab.close());

test('a group is reconciled on both sites by a process on each, which ends in good order when it is asked to', async () => {
  expect(lab.stateOf('cluster1', 'pg')).toBe('unknown');
  const processes = [lab.start(controller, 'cluster1'), lab.start(controller, 'cluster2')];
  await expect.poll(() => lab.stateOf('cluster1', 'pg')).toBe('running');
  await expect.poll(() => lab.stateOf('cluster2', 'pg')).toBe('stopped');
  for (const one of processes) {
    expect(await fetch(`${one.url}/healthz`).then(({ status }) => status)).toBe(200);
    expect(await fetch(`${one.url}/readyz`).then(({ status }) => status)).toBe(200);
    expect(await one.end()).toBe(0);
    expect(one.stderr).toBe('');
  }
});

test('VMs follow the desired state, and each order to one is a line of the log', async () => {
  const one = lab.start(controller, 'cluster1');
  lab.order('cluster1', 'pg', 'stopped');
  await expect.poll(() => lab.stateOf('cluster1', 'pg')).toBe('stopped');
  expect(lab.runningOn('cluster1')).toEqual([]);
  lab.order('cluster1', 'pg', 'running');
  await expect.poll(() => lab.stateOf('cluster1', 'pg')).toBe('running');
  const line = { level: 'info', cluster: 'cluster1', protectionGroup: 'default/pg', outcome: 'applied' };
  for (const order of ['orderStop', 'orderStart'])
    for (const virtualMachine of ['prod-vm-1', 'prod-vm-2'])
      expect(one.logged('reconcile_vm_state')).toContainEqual(
        expect.objectContaining({ ...line, order, virtualMachine }),
      );
});

test('a group that is made while the controller runs is reconciled, and one that is deleted is let be', async () => {
  const one = lab.start(controller, 'cluster1');
  await expect.poll(() => one.logged('copy_synced').length).toBeGreaterThan(10);
  lab.remove('cluster1', 'pg');
  lab.create('cluster1', 'again');
  await expect.poll(() => lab.stateOf('cluster1', 'again')).toBe('running');
  expect(one.logged('reconcile_failed')).toEqual([]);
});
