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

// The page for the day of the disaster in docs/operations.md, over HTTPS.
test('a lost site is done without, comes back as the standby, and gets its group again', async () => {
  await me.waitFor('cluster2', ['protectiongroup', 'pg'], conditionOf('Ready'), 'True');
  await me.fault('site-loss', '--site', 'cluster1');
  const planned = await me.type('pgctl failover pg --yes');
  expect([planned.code, planned.stderr]).toEqual([3, expect.stringContaining('--unplanned --dry-run')]);
  // DRBD and LINSTOR notice a little later than the API does, and until then the source counts as alive.
  let taken = await me.type('pgctl failover pg --unplanned', { input: 'pg\n' });
  for (let attempt = 0; attempt < 5 && taken.code === 3; attempt++)
    taken = await me.type('pgctl failover pg --unplanned', { input: 'pg\n' });
  expect(taken.code, taken.stderr).toBe(0);
  expect(taken.stdout).toContain('UnverifiedSource: It cannot be proven that pg stands still on cluster1');
  expect(taken.stdout).toContain('✓ Failover completed successfully!');

  await me.heal();
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.spec.desiredState', 'stopped', 90);
  for (const cluster of ['cluster1', 'cluster2'])
    await me.waitFor(cluster, ['protectiongroup', 'pg'], conditionOf('Ready'), 'True', 90);
  // Either site can be lost from now on, and the other one still tells of what was done.
  const group = ['failovers', '-l', 'siterecovery.trilio.io/protection-group=pg'];
  await me.waitFor('cluster1', group, '.items[0].status.phase', 'Succeeded', 60);
  const history = (await me.type('pgctl history pg')).stdout;
  expect(history).toMatch(/Unplanned +cluster1 → cluster2 +Succeeded/);
  const back = await me.type('pgctl failback pg --yes');
  expect(back.code, back.stderr).toBe(0);
  // Each look waits five seconds for the site that is silent.
}, 300_000);
