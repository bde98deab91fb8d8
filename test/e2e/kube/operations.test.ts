import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ControllerProcess } from '../controllers/controller-lab.ts';
import { controllers } from './accounts.ts';
import { Stage } from './stage.ts';

const timeout = 180_000;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterEach(async () => {
  await stage?.endControllers();
  expect(stage?.truth.breaches).toEqual([]);
  expect(stage?.world.faults).toEqual([]);
});
afterAll(() => stage?.close());

/** Both controllers of both sites with VMs. */
function startControllers(): readonly ControllerProcess[] {
  return ['cluster1', 'cluster2'].flatMap((cluster) => controllers.map((one) => stage.start(one, cluster)));
}

/** A group of two VMs that run on cluster1. */
async function protect(group: string): Promise<readonly string[]> {
  const vms = [`${group}-vm-1`, `${group}-vm-2`];
  await stage.runVms('cluster1', vms);
  await succeeds(['create', 'protectiongroup', group, ...vms.flatMap((vm) => ['--vm', vm])]);
  return vms;
}

/** The output of a pgctl that ends with code 0. */
async function succeeds(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await stage.me.pgctl(args);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  return stdout;
}

/** `DESIRED/CURRENT` of each line of `kubectl get pg -w`, the same ones in a row once; `mixed` is not always caught. */
function progressOf(lines: readonly string[]): readonly string[] {
  const states = lines.slice(1).map((line) => line.split(/\s+/).slice(1, 3).join('/'));
  return states.filter((state, place) => !state.endsWith('/mixed') && state !== states[place - 1]);
}

test('a group of two VMs goes to the other site and comes back', { timeout }, async () => {
  startControllers();
  const vms = await protect('app');
  expect(await succeeds(['validate', 'protectiongroup', 'app'])).toContain('ready for failover');
  const [first, second] = ['cluster1', 'cluster2'].map((cluster) => stage.watch(cluster, ['get', 'pg', 'app', '-w']));

  expect(await succeeds(['failover', 'app', '--yes'])).toContain('All VMs now running on cluster2');
  expect(stage.executingOn('cluster1', vms)).toEqual([]);
  expect(stage.executingOn('cluster2', vms)).toEqual(vms);
  await expect.poll(() => progressOf(second?.lines ?? []).at(-1)).toBe('running/running');

  expect(await succeeds(['failback', 'app', '--yes'])).toContain('All VMs now running on cluster1');
  expect(stage.executingOn('cluster1', vms)).toEqual(vms);
  expect(stage.executingOn('cluster2', vms)).toEqual([]);
  await expect.poll(() => progressOf(second?.lines ?? []).at(-1)).toBe('stopped/stopped');
  await expect.poll(() => progressOf(first?.lines ?? []).at(-1)).toBe('running/running');

  for (const watch of [first, second]) watch?.child.kill();
  const there = ['running/running', 'stopped/running', 'stopped/stopped'];
  expect(progressOf(first?.lines ?? [])).toEqual([...there, 'running/stopped', 'running/running']);
  expect(progressOf(second?.lines ?? [])).toEqual(['stopped/stopped', 'running/stopped', ...there]);
});
