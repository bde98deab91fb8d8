import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApiServer } from '../../src/drivers/sim/api-server/api-server.ts';
import { Randomness } from '../../src/drivers/sim/random.ts';
import { at, type Json, type JsonObject, listAt } from '../../src/model/json.ts';
import { withTwin } from '../cli/twin-cli.ts';

const manifest = parse(readFileSync(new URL('../../deploy/verify/cronjob.yaml', import.meta.url), 'utf8')) as Json;
const job = at(manifest, 'spec', 'jobTemplate') as JsonObject;
const container = listAt(job, 'spec', 'template', 'spec', 'containers')[0];

describe('the CronJob of a verify', () => {
  test('makes Jobs that an API server takes as they stand', () => {
    const server = new ApiServer({
      cluster: 'cluster3',
      kubernetesVersion: 'v1.30.6',
      wallNow: () => 1_767_225_600_000,
      random: new Randomness(1).stream('api-server'),
    });
    const resource = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true };
    const body = { ...job, apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'verify-1' } } as Json;
    expect(server.request({ verb: 'create', resource, namespace: 'default', body })).toMatchObject({
      status: 201,
      body: { spec: { backoffLimit: 0 } },
    });
  });

  test('runs a command that compares the groups on both clusters without asking anybody', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      cli.pass(60);
      const [program, ...words] = (at(container, 'command') as readonly string[]).slice(0, -2);
      expect(program).toBe('pgctl');
      expect(at(container, 'command')).toEqual(expect.arrayContaining(['--config-dir', '/etc/site-recovery']));
      const run = await cli.run(words.join(' '));
      expect(run).toMatchObject({
        exit: 0,
        stdout: expect.stringContaining('Every copy of production-pg is the same'),
      });
    }));
});
