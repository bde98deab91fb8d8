import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApiServer } from '../../src/drivers/sim/api-server/api-server.ts';
import { at, type Json, listAt, numberAt, textAt } from '../../src/model/json.ts';
import { Randomness } from '../../src/drivers/sim/random.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { ResourceType } from '../../src/model/kube.ts';

const manifest = parse(readFileSync(new URL('../../deploy/drills/job.yaml', import.meta.url), 'utf8')) as Json;

const jobs: ResourceType = { group: 'batch', version: 'v1', plural: 'jobs', kind: 'Job', namespaced: true };

function created(body: Json): { readonly status: number; readonly body: Json } {
  const server = new ApiServer({
    cluster: 'cluster1',
    kubernetesVersion: 'v1.30.6',
    wallNow: () => 1_767_225_600_000,
    random: new Randomness(1).stream('api-server'),
  });
  return server.request({ verb: 'create', resource: jobs, namespace: 'default', body });
}

describe('the Job of a drill', () => {
  test('is taken by an API server as it stands', () => {
    expect(created(manifest)).toMatchObject({
      status: 201,
      body: { kind: 'Job', spec: at(manifest, 'spec') as JsonObject },
    });
    expect(created({ ...(manifest as JsonObject), apiVersion: 'batch/v2' }).status).toBe(400);
  });

  test('plays as many parts as it has pods, each exactly once', () => {
    const container = listAt(manifest, 'spec', 'template', 'spec', 'containers')[0];
    const environment = Object.fromEntries(
      listAt(container, 'env').map((entry) => [textAt(entry, 'name') ?? '', textAt(entry, 'value') ?? '']),
    );
    expect(textAt(manifest, 'spec', 'completionMode')).toBe('Indexed');
    expect(numberAt(manifest, 'spec', 'completions')).toBe(Number(environment.PARTS));
    expect(numberAt(manifest, 'spec', 'parallelism')).toBe(Number(environment.PARTS));
    expect(at(container, 'command')).toEqual(['sh', '-c']);
    expect(listAt(container, 'args')).toEqual([
      expect.stringContaining('--shard "$((JOB_COMPLETION_INDEX + 1))/$PARTS"'),
    ]);
  });
});
