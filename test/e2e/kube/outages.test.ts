import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ControllerProcess } from '../controllers/controller-lab.ts';
import { Stage } from './stage.ts';

const timeout = 180_000;

let stage: Stage;
let processes: readonly ControllerProcess[] = [];
beforeAll(async () => {
  stage = await Stage.open();
  processes = stage.startControllers();
});
afterEach(() => {
  expect(stage?.truth.breaches).toEqual([]);
  expect(stage?.world.faults).toEqual([]);
});
afterAll(() => stage?.close());

test.for([
  ['cluster1', 1],
  ['cluster2', 4],
  ['cluster3', 2],
] as const)('the API server of %s is killed in step %i, and started again', { timeout }, async ([cluster, step]) => {
  const group = `without-${cluster}`;
  const vms = await stage.protect(group, 1);
  const { plane } = stage.site(cluster);
  let outage: Promise<void> | undefined;
  const { code, stdout } = await stage.me.pgctl(['failover', group, '--yes'], {
    onOutput: (text) => {
      if (text.includes(`▶ Step ${step}`)) outage ??= plane.stopApiServer().then(() => plane.startApiServer());
    },
  });
  await outage;
  expect(code, stdout).toBe(0);
  expect(await stage.operations('cluster2', group)).toEqual(['Succeeded/succeeded']);
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);
});

test('every etcd forgets its history in each step', { timeout }, async () => {
  const vms = await stage.protect('compacted', 1);
  let compactions = Promise.resolve();
  let count = 0;
  const compactAfter = async (earlier: Promise<void>): Promise<void> => {
    await earlier;
    for (const { plane } of stage.world.sites) await plane.compact();
  };
  const { code, stdout } = await stage.me.pgctl(['failover', 'compacted', '--yes'], {
    onOutput: () => {
      count++;
      compactions = compactAfter(compactions);
    },
  });
  await compactions;
  expect(code, stdout).toBe(0);
  expect(count).toBeGreaterThan(5);
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);
  const seen = (): Promise<string> =>
    stage.kubectl('cluster2', ['get', 'pg', 'compacted', '-o', 'jsonpath={.status.currentState}']);
  await expect.poll(seen).toBe('running');
});

test('a site whose API server and nodes are gone is done without, and comes back as the standby', {
  timeout,
}, async () => {
  const vms = await stage.protect('lost', 2);
  const site = stage.site('cluster1');
  await expect.poll(() => stage.conditionOf('cluster2', 'lost', 'Ready')).toBe('True');
  await site.plane.stopApiServer();
  const planned = await stage.me.pgctl(['failover', 'lost', '--yes']);
  expect([planned.code, planned.stderr]).toEqual([3, expect.stringContaining('--unplanned --dry-run')]);
  // Its nodes are seen to work: nothing that a person accepts changes that.
  const early = await stage.me.pgctl(['failover', 'lost', '--unplanned'], { input: 'lost\n' });
  expect([early.code, early.stderr]).toEqual([3, expect.stringContaining('is Primary')]);

  stage.world.losePower(site);
  const takeOver = () => stage.me.pgctl(['failover', 'lost', '--unplanned'], { input: 'lost\n' });
  let taken = await takeOver();
  // DRBD and LINSTOR notice a little later.
  for (let attempt = 0; attempt < 10 && taken.code === 3; attempt++) taken = await takeOver();
  expect(taken.code, `${taken.stdout}${taken.stderr}`).toBe(0);
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);

  await site.plane.startApiServer();
  stage.world.regainPower(site);
  const ordered = (): Promise<string> =>
    stage.kubectl('cluster1', ['get', 'pg', 'lost', '-o', 'jsonpath={.spec.desiredState}']);
  await expect.poll(ordered, { timeout: 90_000 }).toBe('stopped');
  for (const cluster of ['cluster1', 'cluster2'])
    await expect.poll(() => stage.conditionOf(cluster, 'lost', 'Ready'), { timeout: 90_000 }).toBe('True');
  expect(stage.executingOn('cluster1', vms)).toEqual([]);
  expect(await stage.succeeds(['failback', 'lost', '--yes'])).toContain('All VMs now running on cluster1');
});

test('after an authority and all tokens were replaced everybody goes on without a restart with what its folder holds then', {
  timeout,
}, async () => {
  const vms = await stage.protect('rotated', 1);
  await stage.replaceCredentials('cluster2');
  const readiness = (): Promise<readonly number[]> =>
    Promise.all(processes.map(async ({ url }) => (await fetch(`${url}/readyz`)).status));
  // Those of cluster1 go on without the other site.
  await expect.poll(readiness, { timeout: 60_000 }).toEqual([200, 200, 503, 503]);
  expect((await stage.me.pgctl(['failover', 'rotated', '--yes'])).stderr).toMatch(/certificate/);

  await stage.giveAccess();
  await expect.poll(readiness, { timeout: 60_000 }).toEqual([200, 200, 200, 200]);
  for (const cluster of ['cluster1', 'cluster2'])
    await expect.poll(() => stage.conditionOf(cluster, 'rotated', 'Ready'), { timeout: 60_000 }).toBe('True');
  expect(await stage.succeeds(['failover', 'rotated', '--yes'])).toContain('All VMs now running on cluster2');
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);
  for (const one of processes) expect(one.logged('controller_started')).toHaveLength(1);
});
