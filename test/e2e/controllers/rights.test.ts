import { rmSync } from 'node:fs';
import { test } from 'vitest';
import { ControllerLab } from './controller-lab.ts';
import { restrictedConfig } from './restricted-config.ts';

const timeout = 180_000;
test.concurrent('with its own rights only, the Protection Group Controller stops and starts VMs', { timeout }, async ({
  expect,
}) => {
  await using lab = await ControllerLab.open();
  lab.protect('pg');
  const folder = restrictedConfig(lab, 'protection-group-controller', 'cluster1');
  const one = lab.start('protection-group-controller', 'cluster1', { CONFIG_DIR: folder });
  await expect.poll(() => lab.stateOf('cluster1', 'pg')).toBe('running');
  for (const state of ['stopped', 'running'] as const) {
    lab.order('cluster1', 'pg', state);
    await expect.poll(() => lab.stateOf('cluster1', 'pg')).toBe(state);
  }
  expect(lab.eventsOf('cluster1', 'pg')).toContain('Normal Stopped');
  expect(await one.metrics('api_requests_total')).not.toContainEqual(expect.stringContaining('code="403"'));
  // A VM that KubeVirt has changed meanwhile is refused with a warning, and ordered again: that is no matter of rights.
  expect(one.log.filter(({ message }) => /is forbidden/.test(String(message)))).toEqual([]);
  expect(one.log.filter(({ level }) => level === 'error')).toEqual([]);
  rmSync(folder, { recursive: true });
});

test.concurrent('with its own rights only, the Failover Controller carries an operation out and makes it known', {
  timeout,
}, async ({ expect }) => {
  await using lab = await ControllerLab.open();
  lab.protect('pg');
  for (const cluster of ['cluster1', 'cluster2']) lab.start('protection-group-controller', cluster);
  const folder = restrictedConfig(lab, 'failover-controller', 'cluster2');
  const one = lab.start('failover-controller', 'cluster2', { CONFIG_DIR: folder });
  lab.orderFailover('away', 'pg', 'cluster1', 'cluster2');
  await expect.poll(() => lab.progress('cluster2', 'away'), { timeout: 60_000 }).toBe('Succeeded/succeeded');
  // What is copied has no record: nobody goes on with it.
  await expect.poll(() => lab.progress('cluster1', 'away')).toMatch(/^Succeeded/);
  expect(await one.metrics('api_requests_total')).not.toContainEqual(expect.stringContaining('code="403"'));
  expect(await one.metrics('heartbeat_heard')).toHaveLength(1);
  rmSync(folder, { recursive: true });
});

test.concurrent('a right that is missing is named in the log', { timeout }, async ({ expect }) => {
  await using lab = await ControllerLab.open();
  const folder = restrictedConfig(lab, 'somebody-else', 'cluster1');
  const one = lab.start('protection-group-controller', 'cluster1', { CONFIG_DIR: folder });
  await one.untilLogged('copy_stale', ({ message }) => /cannot list resource "virtualmachines"/.test(String(message)));
  await one.untilLogged('leader_election', ({ message }) => /cannot get resource "leases"/.test(String(message)));
  expect(await fetch(`${one.url}/readyz`).then(({ status }) => status)).toBe(503);
  rmSync(folder, { recursive: true });
});
