import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { withTwin } from './twin-cli.ts';

const create = 'create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2';

describe('what programs read', () => {
  test('a group as JSON and as YAML says the same', () =>
    withTwin(async ({ run }) => {
      await run(create);
      const json: unknown = JSON.parse((await run('get protectiongroup production-pg -o json')).stdout);
      expect(parse((await run('get pg production-pg -o yaml')).stdout)).toEqual(json);
      expect(json).toMatchObject({
        name: 'production-pg',
        namespace: 'default',
        health: 'Healthy',
        activeSites: ['cluster1'],
        sites: [
          { site: 'cluster1', state: 'Active', desiredState: 'running', currentState: 'running' },
          { site: 'cluster2', state: 'Active', desiredState: 'stopped', currentState: 'stopped' },
        ],
      });
    }));

  test('a list has items, also without any', () =>
    withTwin(async ({ run }) => {
      expect(JSON.parse((await run('get protectiongroups -o json')).stdout)).toEqual({ items: [] });
      await run(create);
      expect(JSON.parse((await run('get protectiongroups -o json')).stdout)).toMatchObject({
        items: [{ name: 'production-pg' }],
      });
    }));

  test('names are those that kubectl takes', () =>
    withTwin(async ({ run }) => {
      await run(create);
      expect((await run('get protectiongroups -o name')).stdout).toBe(
        'protectiongroup.siterecovery.trilio.io/production-pg\n',
      );
    }));

  test('a validation has a result per check, and its exit code', () =>
    withTwin(async ({ run, twin }) => {
      await run(create);
      const good = await run('validate protectiongroup production-pg -o json');
      expect(good.exit).toBe(0);
      expect(JSON.parse(good.stdout)).toMatchObject({ protectionGroup: 'production-pg', valid: true });
      twin.world.network.startOutage('cluster2', 'refuse');
      const bad = await run('validate protectiongroup production-pg -o json');
      expect(bad.exit).toBe(3);
      const { valid, clusters } = JSON.parse(bad.stdout) as {
        valid: boolean;
        clusters: { name: string; checks: { id: string; result: string }[] }[];
      };
      expect(valid).toBe(false);
      const results = Object.fromEntries((clusters[1]?.checks ?? []).map((check) => [check.id, check.result]));
      expect(results).toMatchObject({ group: 'failed', claims: 'notChecked', volumes: 'notChecked' });
    }));

  test('a dry run says ready, how long, and why not', () =>
    withTwin(async ({ run }) => {
      await run(create);
      const { exit, stdout, stderr } = await run('failover production-pg --dry-run -o json');
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
      const { ready, estimateSeconds } = JSON.parse(stdout) as {
        ready: boolean;
        estimateSeconds: { least: number; most: number };
      };
      expect(ready).toBe(true);
      expect(estimateSeconds.least).toBeGreaterThan(0);
      expect(estimateSeconds.most).toBeGreaterThan(estimateSeconds.least);
    }));

  test('the times of an operation are RFC 3339', () =>
    withTwin(async ({ run }) => {
      await run(create);
      const { stdout } = await run('failover production-pg --yes -o json');
      const { startedAt, steps } = JSON.parse(stdout) as { startedAt: string; steps: { finishedAt: string }[] };
      for (const time of [startedAt, ...steps.map((step) => step.finishedAt)]) {
        expect(time).toMatch(/^2026-01-01T00:\d\d:\d\dZ$/);
      }
    }));

  test('an error is JSON too', () =>
    withTwin(async ({ run }) => {
      const { exit, stdout, stderr } = await run('get protectiongroup ghost -o json');
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: 'error', exitCode: 1, remedy: expect.stringMatching(/./) },
      });
    }));
});

describe('what people read more of', () => {
  test('wide tables have more columns', () =>
    withTwin(async ({ run }) => {
      await run(create);
      expect((await run('get pg -o wide')).stdout).toMatch(
        /^NAME +STATE +VMS +HEALTH +RUNNING ON +NAMESPACE +DIRECTION +DATA ON +REPLICATION +LAST OPERATION +LAST DRILL +CONDITIONS +REASON\n/,
      );
      const { stdout } = await run('get pg production-pg --all-clusters -o wide');
      expect(stdout).toMatch(
        /NAME +STATE +VMS +HEALTH +DESIRED +CURRENT\nproduction-pg +Active +2 +Healthy +running +running/,
      );
      expect(stdout).toMatch(/prod-vm-1 +cluster1 +Running +The guest runs\./);
    }));

  test('--verbose tells each request and its answer on stderr', () =>
    withTwin(async ({ run }) => {
      const { stderr } = await run('get protectiongroups --verbose');
      expect(stderr).toMatch(/cluster1 list protectiongroups\.siterecovery\.trilio\.io default: 200 \(\d+ ms\)\n/);
      expect(stderr).toMatch(/LINSTOR GET \/v1\/view\/resources: 200 \(\d+ ms\)\n/);
    }));
});
