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

test('what happens to a group is told by Events, and how it is by metrics', async () => {
  const one = lab.start(controller, 'cluster1');
  await one.untilLogged('leader_elected');
  await expect
    .poll(() => one.metrics('reconcile_seconds_count'))
    .toEqual([expect.stringMatching(/result="done"} [1-9]/)]);
  expect(await one.metrics('group_')).toEqual(
    expect.arrayContaining([
      'group_ready{namespace="default",group="pg"} 1',
      'group_split_brain{namespace="default",group="pg"} 0',
    ]),
  );
  expect(await one.metrics('leader')).toEqual(['leader 1']);
  const events = lab.eventsOf('cluster1', 'pg');
  for (const event of ['Normal Stopped', 'Normal Starting', 'Normal Running']) expect(events).toContain(event);
});

test('a pass that finds nothing to order reads nothing from the clusters', async () => {
  const one = lab.start(controller, 'cluster1');
  await one.untilLogged('leader_elected');
  const isSeen = (): boolean => {
    const group = lab.group('cluster1', 'pg');
    return group?.metadata.generation === group?.status?.['observedGeneration'];
  };
  const reads = async (): Promise<readonly string[]> =>
    (await one.metrics('api_requests_total')).filter((line) => /site="cluster\d",verb="(get|list|watch)"/.test(line));
  await expect.poll(() => one.metrics('reconcile_seconds_count')).toHaveLength(1);
  await expect.poll(isSeen).toBe(true);
  const before = await reads();
  lab.touch('cluster1', 'pg');
  expect(isSeen()).toBe(false);
  await expect.poll(isSeen).toBe(true);
  expect(await reads()).toEqual(before);
});

test('a group that is made while the controller runs is reconciled, and one that is deleted is let be', async () => {
  const one = lab.start(controller, 'cluster1');
  await expect.poll(() => one.logged('copy_synced').length).toBeGreaterThan(10);
  lab.remove('cluster1', 'pg');
  lab.create('cluster1', 'again');
  await expect.poll(() => lab.stateOf('cluster1', 'again')).toBe('running');
  expect(one.logged('reconcile_failed')).toEqual([]);
});
