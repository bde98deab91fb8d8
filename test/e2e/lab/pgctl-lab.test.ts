import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const pgctlFile = join(import.meta.dirname, '../../../bin/pgctl');
const home = mkdtempSync(join(tmpdir(), 'site-recovery-pgctl-lab-'));
const dir = join(home, 'lab');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function pgctl(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(pgctlFile, args, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
  });
}

let up: Ran;
beforeAll(async () => {
  up = await pgctl('lab', 'up', '--dir', dir, '--speed', '10', '--clusters', '2');
});
afterAll(async () => {
  if (existsSync(dir)) await pgctl('lab', 'down', '--dir', dir);
  rmSync(home, { recursive: true });
});

test('up says where everything is and what to try', () => {
  expect(up).toMatchObject({ code: 0, err: '' });
  expect(up.out).toMatch(
    /^✓ The lab in \S+ is up\nCLUSTER +ROLE +SERVER +KUBECONFIG\ncluster1 +primary +https:\/\/127\.0\.0\.1:\d+/,
  );
  expect(up.out).toContain(`kubectl --kubeconfig ${join(dir, 'cluster1.kubeconfig')} get vm,vmi`);
});

test('up again says that it is up', async () => {
  expect((await pgctl('lab', 'up', '--dir', dir)).out).toMatch(/^✓ The lab in \S+ is up already\n/);
});

test('status is for people and for programs', async () => {
  expect((await pgctl('lab', 'status', '--dir', dir)).out).toMatch(/runs, at speed 10\n[\s\S]*No fault is on\n$/);
  const document = JSON.parse((await pgctl('lab', 'status', '--dir', dir, '-o', 'json')).out) as object;
  expect(document).toMatchObject({
    state: 'running',
    clusters: [
      { name: 'cluster1', role: 'primary' },
      { name: 'cluster2', role: 'dr' },
    ],
    linstorUrl: expect.stringMatching(/^http:/) as string,
    faults: [],
  });
});

describe('faults', () => {
  test('are started, listed and healed', async () => {
    const started = await pgctl('lab', 'fault', 'api-outage', '--site', 'cluster2', '--how', 'refuse', '--dir', dir);
    expect(started.out).toContain('the API of cluster2 refuses connections');
    expect((await pgctl('lab', 'fault', 'list', '--dir', dir)).out).toMatch(/^FAULT .*\nfault-1 +api-outage/);
    expect((await pgctl('lab', 'fault', 'heal', '--all', '--dir', dir)).out).toContain('✓ It is healed');
    expect((await pgctl('lab', 'fault', 'heal', '--dir', dir)).out).toBe('No fault is on\n');
  });

  test('that make no sense are refused with what is possible', async () => {
    const unknown = await pgctl('lab', 'fault', 'earthquake', '--dir', dir);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('Expected KIND to be one of api-outage')]);
    const incomplete = await pgctl('lab', 'fault', 'site-loss', '--dir', dir);
    expect([incomplete.code, incomplete.err]).toEqual([
      1,
      expect.stringContaining('--site is missing: one of cluster1, cluster2'),
    ]);
  });
});

test('what is no lab is said with the remedy', async () => {
  const { code, err } = await pgctl('lab', 'status', '--dir', home);
  expect([code, err]).toEqual([1, `error: There is no lab in ${home}\nremedy: pgctl lab up --dir ${home}\n`]);
  expect((await pgctl('lab', 'down', '--dir', home)).err).toContain('it has no lab.json');
});

test('down leaves nothing', async () => {
  expect(await pgctl('lab', 'down', '--dir', dir)).toEqual({ code: 0, out: `✓ The lab in ${dir} is down\n`, err: '' });
  expect(existsSync(dir)).toBe(false);
});
