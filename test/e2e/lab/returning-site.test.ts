import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';

const me = new LabUser();
beforeAll(async () => {
  await me.labUp();
  await me.configure();
  const created = await me.type('pgctl create protectiongroup pg --vm prod-vm-1 --vm prod-vm-2');
  expect(created.code, created.stderr).toBe(0);
});
afterAll(() => me.end());

const conditionOf = (type: string): string => `.status.conditions[?(@.type=="${type}")].status`;

test('a source that comes back after its group was given away holds its VMs, follows, and is ready when it is whole', async () => {
  await me.waitFor('cluster2', ['protectiongroup', 'pg'], conditionOf('Ready'), 'True');
  await me.fault('site-loss', '--site', 'cluster1');
  const order = '{"spec":{"desiredState":"running","epoch":1}}';
  const ordered = await me.kubectl('cluster2', ['patch', 'protectiongroup', 'pg', '--type', 'merge', '-p', order]);
  expect(ordered.code, ordered.stderr).toBe(0);
  await me.waitFor('cluster2', ['protectiongroup', 'pg'], '.status.currentState', 'running', 60);

  await me.heal();
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.spec.desiredState', 'stopped', 60);
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.spec.epoch', '1');
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.status.currentState', 'stopped', 60);
  for (const cluster of ['cluster1', 'cluster2'])
    await me.waitFor(cluster, ['protectiongroup', 'pg'], conditionOf('Ready'), 'True', 60);

  expect((await me.type('pgctl get protectiongroup pg')).stdout).toMatch(/pg +Active +2 +Healthy +cluster2\n/);
  expect((await me.type('pgctl get protectiongroup pg -o wide')).stdout).toContain('cluster2 → cluster1');
  const description = (await me.type('pgctl describe protectiongroup pg')).stdout;
  expect(description).toMatch(/Replication: +InSync/);
  expect(description).toMatch(/Out of sync: +0 KiB/);
  expect((await me.type('pgctl failback pg --yes')).code).toBe(0);
});

test('each site tells the quorum cluster that it is alive', async () => {
  const path = 'jsonpath={.spec.holderIdentity}';
  for (const cluster of ['cluster1', 'cluster2']) {
    const lease = ['get', 'lease', `site-recovery-heartbeat-${cluster}`, '-n', 'default', '-o', path];
    expect((await me.kubectl('cluster3', lease)).stdout).toBe(cluster);
  }
});
