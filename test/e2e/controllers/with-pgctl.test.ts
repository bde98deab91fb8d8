import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabUser } from '../lab/lab-user.ts';
import { ControllerProcess } from './controller-lab.ts';

const timeout = 120_000;
const me = new LabUser();
const processes: ControllerProcess[] = [];

beforeAll(async () => {
  await me.labUp('--without-controllers');
  await me.configure();
  // The controllers are told what pgctl is told.
  const folder = join(me.home, '.kube', 'pgctl');
  for (const [cluster, role] of [
    ['cluster1', 'primary'],
    ['cluster2', 'dr'],
  ] as const)
    for (const controller of ['protection-group-controller', 'failover-controller']) {
      const environment = { CLUSTER_NAME: cluster, CLUSTER_ROLE: role, CONFIG_DIR: folder, LISTEN: '127.0.0.1:0' };
      processes.push(new ControllerProcess(controller, environment));
    }
});
afterAll(async () => {
  await Promise.all(processes.map((one) => one.end()));
  await me.end();
});

/** The phases of the operations that pgctl knows of, the newest first. */
async function history(): Promise<readonly string[]> {
  const { stdout } = await me.type('pgctl history production-pg -o json');
  const { items } = JSON.parse(stdout) as { readonly items: readonly { readonly phase: string }[] };
  return items.map(({ phase }) => phase);
}

test('a group is created, and moved there and back by pgctl, with controllers beside it', { timeout }, async () => {
  const created = await me.type('pgctl create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
  expect(created.code, created.stderr).toBe(0);
  const shown = async (): Promise<string> => (await me.type('pgctl get protectiongroup production-pg')).stdout;
  await expect.poll(shown).toMatch(/^production-pg +Active +2 +Healthy +cluster1$/m);
  const away = await me.type('pgctl failover production-pg --yes');
  expect(away.code, away.stderr).toBe(0);
  // Who has the volumes is asked of LINSTOR again at once: not after the ten seconds for which its answers are kept.
  const role = ['get', 'pg', 'production-pg', '-o', 'jsonpath={.status.role}'];
  const shownRole = async (): Promise<string> => (await me.kubectl('cluster2', role)).stdout;
  await expect.poll(shownRole, { timeout: 8_000 }).toBe('Active');
  await expect.poll(shown).toMatch(/^production-pg +Active +2 +Healthy +cluster2$/m);
  const back = await me.type('pgctl failback production-pg --yes');
  expect(back.code, back.stderr).toBe(0);
  await expect.poll(shown).toMatch(/^production-pg +Active +2 +Healthy +cluster1$/m);
});

test('what a pgctl has begun that is killed is finished by the Failover Controller', { timeout }, async () => {
  const killed = await me.type('pgctl failover production-pg --yes', {
    onOutput: (text, kill) => {
      if (text.includes('▶ Step 1')) kill('SIGKILL');
    },
  });
  expect(killed.code).toBeNull();
  await expect.poll(async () => (await history())[0], { timeout: 90_000 }).toBe('Succeeded');
  await expect.poll(() => me.names('cluster2', 'vmi')).toHaveLength(2);
});
