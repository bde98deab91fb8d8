import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';
import { claim, machine } from './manifests.ts';

// Each interruption has a VM and a group of its own, so that the waits for Leases of the dead run side by side.
const names = ['ctrl-c', 'kill-1', 'kill-2', 'kill-3', 'kill-4', 'kill-5', 'orphan'];
const me = new LabUser();
beforeAll(async () => {
  await me.labUp();
  await me.configure();
  const manifests = names.flatMap((name) => [claim(name, 'Block'), machine(name, 'Always', [name])]);
  await me.apply('cluster1', manifests.join('---\n'));
  for (const name of names) {
    await me.waitFor('cluster1', ['vmi', name], '.status.phase', 'Running');
    const created = await me.type(`pgctl create protectiongroup ${name} --vm ${name}`);
    expect(created.code, created.stderr).toBe(0);
  }
});
afterAll(() => me.end());

test.each([
  ['the end of input', ''],
  ['n', 'n\n'],
  ['anything but yes', 'maybe\n'],
])('%s at the prompt means no, and nothing is changed', async (_, input) => {
  const { code, stdout } = await me.type('pgctl failover ctrl-c', { input });
  expect(stdout).toContain('Cancelled: nothing was changed');
  expect(code).toBe(7);
  expect([...(await me.names('cluster1', 'failover')), ...(await me.names('cluster2', 'failover'))]).toEqual([]);
});

describe.concurrent('an operation whose pgctl is gone', () => {
  test('Ctrl-C leaves a journal that the next pgctl failover continues', async () => {
    const left = await me.type('pgctl failover ctrl-c --yes', {
      onOutput: (text, signal) => text.includes('▶ Step 1') && signal('SIGINT'),
    });
    expect(left.code).toBe(5);
    expect(left.stderr).toContain('pgctl failover ctrl-c --to cluster2');
    const next = await me.type('pgctl failover ctrl-c --to cluster2 --yes');
    expect(next.code, next.stderr).toBe(0);
    expect(next.stdout).toContain('All VMs now running on cluster2');
    await runsOnCluster2Only('ctrl-c');
  });

  test.each([1, 2, 3, 4, 5])('killed in step %i: the next pgctl failover brings it to its end', async (step) => {
    const name = `kill-${step}`;
    await killedIn(step, name);
    const next = await me.type(`pgctl failover ${name} --yes`);
    expect(next.code, next.stderr).toBe(0);
    await runsOnCluster2Only(name);
  });

  test('killed, and nobody calls again: the Failover Controller brings it to its end', async () => {
    await killedIn(2, 'orphan');
    await me.waitFor('cluster2', ['protectiongroup', 'orphan'], '.status.currentState', 'running', 90);
    await runsOnCluster2Only('orphan');
  });
});

async function killedIn(step: number, name: string): Promise<void> {
  const killed = await me.type(`pgctl failover ${name} --yes`, {
    onOutput: (text, signal) => text.includes(`▶ Step ${step}`) && signal('SIGKILL'),
  });
  expect(killed.stdout).toContain(`▶ Step ${step}`);
}

async function runsOnCluster2Only(name: string): Promise<void> {
  const vmi = `virtualmachineinstance.kubevirt.io/${name}`;
  expect(await me.names('cluster2', 'vmi')).toContain(vmi);
  expect(await me.names('cluster1', 'vmi')).not.toContain(vmi);
}
