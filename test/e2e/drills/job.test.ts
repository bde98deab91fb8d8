import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'job-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Manifest {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } };
  };
}

const { spec } = parse(readFileSync(join(root, 'deploy', 'drills', 'job.yaml'), 'utf8')) as Manifest;
const line = spec.template.spec.containers[0]?.args[0] ?? '';

/** Runs the shell line of the pod with that completion index, as the kubelet does. */
function podLog(index: number): string {
  const env = {
    PATH: `${join(root, 'bin')}:${process.env.PATH}`,
    HOME: folder,
    JOB_COMPLETION_INDEX: String(index),
    SEED: '5',
    RUNS: '6',
    PARTS: '2',
  };
  return execFileSync('sh', ['-c', line], { cwd: folder, env, encoding: 'utf8' });
}

test('the logs of the pods of a Job are the parts of one drill', () => {
  const files = [0, 1].map((index) => {
    const file = join(folder, `part-${index}.json`);
    writeFileSync(file, podLog(index));
    return file;
  });
  const merge = ['drill', 'merge', ...files, '-o', 'json'];
  const whole = execFileSync(join(root, 'bin', 'pgctl'), merge, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 });
  expect(JSON.parse(whole)).toMatchObject({ verdict: 'pass', runs: 6, seed: 5, parts: { of: 2, played: [1, 2] } });
});
