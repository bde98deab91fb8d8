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

// The page on copies that have parted in docs/operations.md: DRBD is asked and told in its satellites, over HTTPS.
test('copies that have parted are shown, one side is chosen by name, and the group is ready again', async () => {
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], conditionOf('Ready'), 'True');
  await me.fault('split-brain', '--vm', 'prod-vm-1');
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], conditionOf('SplitBrain'), 'True', 90);

  const shown = await me.type('pgctl recover pg');
  expect(shown.code, shown.stderr).toBe(8);
  expect(shown.stdout).toMatch(/\(cluster1\) has gone another way than \S+ \(cluster2\)/);
  const declined = await me.type('pgctl recover pg --survivor cluster1', { input: 'yes\n' });
  expect(declined.code, declined.stderr).toBe(7);

  const mended = await me.type('pgctl recover pg --survivor cluster1', { input: 'pg\n' });
  expect(mended.code, mended.stderr + mended.stdout).toBe(0);
  expect(mended.stdout).toContain('⚠ DiscardCopy: The storage takes a snapshot first of what is lost: pvc-');
  expect(mended.stdout).toMatch(/ {2}✓ pvc-\S+ on \S+: before-recovery-\d+\n/);
  expect(mended.stdout).toMatch(/✓ The copies of pg are together, and the same\n$/);
  const snapshots = await fetch(`${me.linstorUrl()}/v1/view/snapshots`);
  expect(await snapshots.json()).toMatchObject([{ name: expect.stringMatching(/^before-recovery-\d+$/) }]);

  for (const cluster of ['cluster1', 'cluster2'])
    await me.waitFor(cluster, ['protectiongroup', 'pg'], conditionOf('Ready'), 'True', 90);
  expect((await me.type('pgctl recover pg')).code).toBe(0);
  expect((await me.type('pgctl history pg')).stdout).toMatch(/Resolve +cluster1 → cluster2 +Succeeded/);
  const away = await me.type('pgctl failover pg --yes');
  expect(away.code, away.stderr).toBe(0);
}, 300_000);
