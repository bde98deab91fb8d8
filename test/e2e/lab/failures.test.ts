import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';
import { claim, machine } from './manifests.ts';

const me = new LabUser();
beforeAll(async () => {
  await me.labUp();
  await me.configure();
  const created = await me.type('pgctl create protectiongroup pg --vm prod-vm-1 --vm prod-vm-2');
  expect(created.code, created.stderr).toBe(0);
  const config = join(me.home, '.kube', 'pgctl', 'config');
  writeFileSync(config, readFileSync(config, 'utf8').replace('DRBD_WAIT_TIME=30', 'DRBD_WAIT_TIME=5'));
});
afterEach(async () => {
  await me.heal();
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.status.currentState', 'running');
  // Not the group's conditions: its controller may look at the storage again a whole minute later.
  await expect.poll(async () => (await me.type('pgctl validate protectiongroup pg')).code, { timeout: 30_000 }).toBe(0);
});
afterAll(() => me.end());

/** All calls to a silent API server run side by side, each for 5 s at most. */
const boundOfSilence = 9_000;

test('config test names a silent cluster after one time-out', async () => {
  await me.fault('api-outage', '--site', 'cluster2', '--how', 'hang');
  const start = Date.now();
  const { code, stdout } = await me.type('pgctl config test');
  expect(Date.now() - start).toBeLessThan(boundOfSilence);
  expect(code).toBe(1);
  expect(stdout).toContain('DR cluster is not accessible: Unable to connect to the server');
  expect(stdout).toContain('no answer within 5 s');
});

test('a planned failover away from a silent source is refused, in bounded time, with the reason', async () => {
  await me.fault('api-outage', '--site', 'cluster1', '--how', 'hang');
  const start = Date.now();
  const { code, stderr } = await me.type('pgctl failover pg --yes');
  expect(Date.now() - start).toBeLessThan(boundOfSilence);
  expect(code).toBe(3);
  expect(stderr).toContain('Planned failover of pg refused: the source cluster1 cannot be read');
  expect(await me.names('cluster2', 'failover')).toEqual([]);
});

test('a create that cannot see the other cluster leaves nothing behind', async () => {
  await me.fault('api-outage', '--site', 'cluster2', '--how', 'refuse');
  const { code, stderr } = await me.type('pgctl create protectiongroup other --vm prod-vm-1');
  expect(code).toBe(1);
  expect(stderr).toContain('cluster2');
  expect(await me.names('cluster1', 'protectiongroup')).toEqual(['protectiongroup.siterecovery.trilio.io/pg']);
});

test.each([
  ['a VM that does not exist', 'other', 'nope', 'nope does not exist on cluster1'],
  ['a VM of another group', 'other', 'prod-vm-1', 'prod-vm-1 is in Protection Group pg as well'],
])('%s is refused, and nothing is left behind', async (_, group, vm, why) => {
  const { code, stderr } = await me.type(`pgctl create protectiongroup ${group} --vm ${vm}`);
  expect(code).toBe(3);
  expect(stderr).toContain(why);
  for (const cluster of ['cluster1', 'cluster2']) {
    expect(await me.names(cluster, 'protectiongroup')).toEqual(['protectiongroup.siterecovery.trilio.io/pg']);
  }
});

test('a missing PV is found by validate and made again by sync, and the failover works', async () => {
  await me.fault('pv-missing', '--vm', 'prod-vm-1');
  const invalid = await me.type('pgctl validate protectiongroup pg');
  expect(invalid.code).toBe(3);
  expect(invalid.stdout).toContain('the PV of PVC prod-vm-1-disk does not exist on cluster2');
  expect((await me.type('pgctl sync vm prod-vm-1')).code).toBe(0);
  expect((await me.type('pgctl validate protectiongroup pg')).code).toBe(0);
  expect((await me.type('pgctl failover pg --yes')).code).toBe(0);
  expect((await me.type('pgctl failback pg --yes')).code).toBe(0);
});

test('a device that stays open on the source turns the failover back', async () => {
  await me.fault('opener-stuck', '--vm', 'prod-vm-1');
  const { code, stdout } = await me.type('pgctl failover pg --yes');
  expect(stdout).toContain('▶ Rolling back: starting VMs on cluster1');
  expect(stdout).toContain('Failover rolled back');
  expect(code).toBe(6);
  expect(await me.names('cluster1', 'vmi')).toHaveLength(2);
});

test('a replication link that is cut in the middle turns the failover back', async () => {
  let cut: Promise<void> | undefined;
  const { code, stdout } = await me.type('pgctl failover pg --yes', {
    onOutput: (text) => {
      if (text.includes('▶ Step 1')) {
        cut ??= me.fault('link-cut', '--plane', 'drbd', '--site', 'cluster1', '--peer', 'cluster2');
      }
    },
  });
  await cut;
  expect(stdout).toContain('Failover rolled back: VMs run on cluster1 again');
  expect(code).toBe(6);
});

test('a volume that its claim would take along is an obstacle, and sync removes it', async () => {
  const name = await volumeOf('prod-vm-1-disk');
  const policy = '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}';
  await me.kubectl('cluster1', ['patch', 'pv', name, '-p', policy]);
  const { code, stderr } = await me.type('pgctl failover pg --yes');
  expect(code).toBe(3);
  expect(stderr).toContain(`the reclaim policy of PV ${name} on cluster1 is Delete`);
  const synced = await me.type('pgctl sync protectiongroup pg');
  expect(synced.stdout).toContain(`PV ${name} set to reclaim policy Retain on cluster1`);
});

test('a volume with both replicas in one site is refused', async () => {
  const vm = 'one-sided';
  await me.apply('cluster1', [claim(vm, 'Block'), machine(vm, 'Always', [vm])].join('---\n'));
  await me.waitFor('cluster1', ['vmi', vm], '.status.phase', 'Running');
  const definition = `${me.linstorUrl()}/v1/resource-definitions/${await volumeOf(vm)}/resources`;
  const replica = { node_name: 'cluster1-node-2', props: { StorPoolName: 'pool1' } };
  const headers = { 'content-type': 'application/json' };
  await fetch(`${definition}/cluster1-node-2`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ resource: replica }),
  });
  await fetch(`${definition}/cluster2-node-1`, { method: 'DELETE' });
  const { code, stderr } = await me.type(`pgctl create protectiongroup other --vm ${vm}`);
  expect(code).toBe(3);
  expect(stderr).toContain('has no diskful replica in cluster2');
  expect(await me.names('cluster2', 'vm')).not.toContain(`virtualmachine.kubevirt.io/${vm}`);
});

test('a VM that does not stop: --timeout bounds the wait, --no-rollback leaves everything as it stands', async () => {
  await me.fault('vm-stuck', '--vm', 'prod-vm-1');
  const { code, stdout, stderr } = await me.type('pgctl failover pg --yes --no-rollback --timeout 5');
  expect(code).toBe(5);
  expect(`${stdout}${stderr}`).toContain('prod-vm-1');
  expect(stdout).not.toContain('Rolling back');
  await me.heal();
  await me.waitFor('cluster1', ['protectiongroup', 'pg'], '.status.currentState', 'stopped');
  const back = await me.type('pgctl failback pg --yes');
  expect(back.code, `${back.stdout}${back.stderr}`).toBe(0);
});

test('taints that come back during the failover do not stop it', async () => {
  await me.fault('taint-flap');
  expect((await me.type('pgctl failover pg --yes')).code).toBe(0);
  expect((await me.type('pgctl failback pg --yes')).code).toBe(0);
  await me.heal();
  // Quorum taints on the node of a running VM cast doubt on its copies, which only a verify settles.
  const settled = async (): Promise<number | null> => {
    await me.type('pgctl verify protectiongroup pg');
    return (await me.type('pgctl validate protectiongroup pg')).code;
  };
  await expect.poll(settled, { timeout: 90_000, interval: 5_000 }).toBe(0);
});

test('after a lost site has come back its VMs run and its controller reports them', async () => {
  await me.fault('site-loss', '--site', 'cluster1');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await me.heal();
  await me.waitFor('cluster1', ['vmi', 'prod-vm-1'], '.status.phase', 'Running');
});

async function volumeOf(claimName: string): Promise<string> {
  const { stdout } = await me.kubectl('cluster1', ['get', 'pvc', claimName, '-o', 'jsonpath={.spec.volumeName}']);
  return stdout;
}
