import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'site-recovery-clone-'));
  execFileSync('git', ['clone', '--quiet', root, clone]);
});

afterAll(() => {
  rmSync(clone, { recursive: true, force: true });
});

/** Runs a command of the clone as a newcomer does: with the machine's own Node, which may be an old one. */
function npm(...args: string[]): { status: number | null; stdout: string; stderr: string; milliseconds: number } {
  const ownTools = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  const env = { HOME: process.env['HOME'], PATH: ownTools.join(':') };
  const start = performance.now();
  const result = spawnSync('npm', args, { cwd: clone, env, encoding: 'utf8' });
  return { ...result, milliseconds: performance.now() - start };
}

test('the first npm start of a clone installs what it needs, fails over and back, and leaves nothing behind', () => {
  const { status, stdout, stderr } = npm('start');
  expect(status, `${stdout}\n${stderr}`).toBe(0);
  expect(stderr).toContain('Installing the locked dependencies');
  expect(stdout.match(/✓ Failover completed successfully!/g)).toHaveLength(2);
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: clone, encoding: 'utf8' })).toBe('');
  expect(spawnSync('pgrep', ['-f', clone], { encoding: 'utf8' }).stdout).toBe('');
});

test('the next npm start installs nothing and takes less than two minutes', () => {
  const { status, stderr, milliseconds } = npm('start');
  expect(status).toBe(0);
  expect(stderr).not.toContain('Installing');
  expect(milliseconds).toBeLessThan(120_000);
});
