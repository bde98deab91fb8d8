import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { resources } from '../../../src/model/kube.ts';
import { ControllerLab } from './controller-lab.ts';

let lab: ControllerLab;
beforeAll(async () => {
  lab = await ControllerLab.open();
  lab.protect('pg');
});
afterEach(() => lab.endControllers());
afterAll(() => lab.close());

/** Both controllers of both sites. */
function startAll() {
  const [groups, failovers] = ['protection-group-controller', 'failover-controller'].map((controller) =>
    ['cluster1', 'cluster2'].map((cluster) => lab.start(controller, cluster)),
  );
  return { groups, failovers };
}

test('an operation whose pgctl has died is carried out, and so is the way back', { timeout: 120_000 }, async () => {
  const { failovers = [] } = startAll();
  await expect.poll(() => lab.stateOf('cluster2', 'pg')).toBe('stopped');
  lab.orderFailover('away', 'pg', 'cluster1', 'cluster2');
  await expect.poll(() => lab.progress('cluster2', 'away'), { timeout: 60_000 }).toBe('Succeeded/succeeded');
  expect(lab.runningOn('cluster1')).toEqual([]);
  expect(lab.runningOn('cluster2')).toEqual(['prod-vm-1', 'prod-vm-2']);
  lab.orderFailover('back', 'pg', 'cluster2', 'cluster1');
  await expect.poll(() => lab.progress('cluster1', 'back'), { timeout: 60_000 }).toBe('Succeeded/succeeded');
  expect(lab.runningOn('cluster1')).toEqual(['prod-vm-1', 'prod-vm-2']);
  // What has ended is known on both sites.
  await expect.poll(() => lab.progress('cluster1', 'away')).toMatch(/^Succeeded/);
  await expect.poll(() => lab.progress('cluster2', 'back')).toMatch(/^Succeeded/);
  const states = failovers[1]?.logged('failover_step').map(({ state }) => state);
  expect(states?.[0]).toBe('acquiringLease');
  expect(states?.at(-1)).toBe('succeeded');
});

test('operations of the past ask for one pass over their history, and for none of their own', async () => {
  expect(Object.keys(lab.versions('cluster2', resources.failover))).toEqual(['away', 'back']);
  const one = lab.start('failover-controller', 'cluster2');
  await one.untilLogged('leader_elected');
  const passes = (): Promise<readonly string[]> => one.metrics('reconcile_seconds_count');
  await expect.poll(passes).not.toEqual([]);
  expect(await passes()).toEqual([expect.stringMatching(/result="done"} 1$/)]);
});

test('each site tells the quorum cluster that it is alive', async () => {
  lab.start('failover-controller', 'cluster1');
  const heartbeat = (): unknown =>
    lab.lab.twin.world.cluster('cluster3').api.get(resources.lease, 'default', 'site-recovery-heartbeat-cluster1');
  await expect.poll(heartbeat).toMatchObject({ spec: { holderIdentity: 'cluster1' } });
});
