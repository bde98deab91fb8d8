import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ControllerLab } from './controller-lab.ts';
import { restrictedConfig } from './restricted-config.ts';

test('where DRBD Operator keeps the volumes the controllers move a group, with the rights of their manifests only', {
  timeout: 180_000,
}, async () => {
  await using lab = await ControllerLab.open(10, 'drbd-operator');
  lab.protect('pg');
  const folders: string[] = [];
  const start = (controller: string, cluster: string) => {
    const folder = restrictedConfig(lab, controller, cluster);
    folders.push(folder);
    return lab.start(controller, cluster, { CONFIG_DIR: folder });
  };
  const all = ['protection-group-controller', 'failover-controller'].flatMap((controller) =>
    ['cluster1', 'cluster2'].map((cluster) => start(controller, cluster)),
  );
  await expect.poll(() => lab.stateOf('cluster2', 'pg'), { timeout: 30_000 }).toBe('stopped');
  lab.orderFailover('away', 'pg', 'cluster1', 'cluster2');
  await expect.poll(() => lab.progress('cluster2', 'away'), { timeout: 60_000 }).toBe('Succeeded/succeeded');
  expect(lab.runningOn('cluster1')).toEqual([]);
  expect(lab.runningOn('cluster2')).toEqual(['prod-vm-1', 'prod-vm-2']);
  for (const one of all) {
    const calls = await one.metrics('api_requests_total');
    expect(calls).not.toContainEqual(expect.stringContaining('code="403"'));
    // There is none, and nobody asks for it.
    expect(calls).not.toContainEqual(expect.stringContaining('site="linstor"'));
  }
  for (const folder of folders) rmSync(folder, { recursive: true });
});
