import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mutants } from '../../drills/mutants/catalogue.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
let folder: string;
let shipped: readonly string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'site-recovery-pack-'));
  const answer = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
  const [packed] = JSON.parse(answer.slice(answer.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  shipped = packed.files.map((file) => file.path);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['install', '--prefix', folder, ...quiet, join(folder, packed.filename)], { cwd: folder });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the installed pgctl where no newer Node is in PATH. */
function pgctl(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { HOME: folder, PATH: '/usr/bin:/bin' };
  return spawnSync(join(folder, 'node_modules', '.bin', 'pgctl'), args, { cwd: folder, env, encoding: 'utf8' });
}

test('an installed package ships the bundle, the CRDs and the licences, and neither sources nor tests', () => {
  expect(shipped).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'bin/pgctl',
      'crds/protection-group-crd.yaml',
      'crds/drbd-operator-crds.yaml',
      'dist/LICENSES.txt',
    ]),
  );
  expect(shipped.filter((path) => /^(src|test|tools|bench|node_modules)\//.test(path))).toEqual([]);
});

test('an installed pgctl prints its version', () => {
  const { status, stdout, stderr } = pgctl('version');
  expect(stderr).toBe('');
  expect(stdout).toContain(version);
  expect(status).toBe(0);
});

test('an installed pgctl lists its commands', () => {
  const { status, stdout } = pgctl('--help');
  expect(stdout).toContain('failover');
  expect(stdout).toContain('validate');
  expect(status).toBe(0);
});

test('the quick program of get and help knows what is asked, also by mistake, and the other commands', () => {
  const help = pgctl('--help').stdout;
  for (const words of [[], ['help'], ['-h']]) expect(pgctl(...words).stdout).toBe(help);
  expect(pgctl('--what')).toMatchObject({ status: 2, stderr: expect.stringContaining("'--what'") });
  expect(pgctl('help', 'failover').stdout).toContain('--dry-run');
  expect(pgctl('get', 'pg', '--help').stdout).toContain('--all-clusters');
  expect(pgctl('get', 'pg', '--what')).toMatchObject({ status: 2, stderr: expect.stringContaining("'--what'") });
  expect(pgctl('--config-dir', 'nowhere', 'get', 'pgs')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('pgctl init'),
  });
  expect(pgctl('--config-dir', 'get', 'version').stdout).toContain(version);
});

test('an installed pgctl runs through a symbolic link from another folder', () => {
  const link = join(folder, 'linked-pgctl');
  symlinkSync(join('node_modules', '.bin', 'pgctl'), link);
  const { status, stdout } = spawnSync('./linked-pgctl', ['version'], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toContain(version);
  expect(status).toBe(0);
});

test('an installed pgctl brings a lab up, protects a VM in it and takes it down', () => {
  const lab = join(folder, 'lab');
  expect(pgctl('lab', 'up', '--dir', lab)).toMatchObject({ status: 0, stderr: '' });
  try {
    pgctl('init');
    for (const [name, role] of [
      ['cluster1', 'primary'],
      ['cluster2', 'dr'],
    ] as const) {
      const kubeconfig = join(lab, `${name}.kubeconfig`);
      const added = pgctl('config', 'add-cluster', '--name', name, '--kubeconfig', kubeconfig, '--role', role);
      expect(added.status, added.stderr).toBe(0);
    }
    const created = pgctl('create', 'protectiongroup', 'production-pg', '--vm', 'prod-vm-1');
    expect(created.status, `${created.stdout}\n${created.stderr}`).toBe(0);
    const shown = pgctl('get', 'protectiongroup', 'production-pg');
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^production-pg +Active +1 +Healthy +cluster1$/m);
    const everything = pgctl('get', 'pg', 'production-pg', '--all-clusters', '-o', 'yaml');
    expect(everything.stdout).toContain('name: production-pg');
    expect(pgctl('failover', 'production-pg', '--dry-run').stdout).toContain('Ready for failover: YES');
  } finally {
    expect(pgctl('lab', 'down', '--dir', lab).status).toBe(0);
  }
});

test.each(['protection-group-controller', 'failover-controller'])(
  'the installed %s works for a cluster',
  async (name) => {
    const lab = join(folder, `lab-of-${name}`);
    expect(pgctl('lab', 'up', '--dir', lab, '--without-controllers')).toMatchObject({ status: 0 });
    try {
      writeFileSync(join(lab, 'config'), 'PRIMARY_CLUSTER=cluster1\nDR_CLUSTER=cluster2\nQUORUM_CLUSTER=cluster3\n');
      const words = ['--cluster-name', 'cluster1', '--cluster-role', 'primary', '--config-dir', lab];
      const env = { HOME: folder, PATH: '/usr/bin:/bin' };
      const program = join(folder, 'node_modules', '.bin', name);
      const child = spawn(program, [...words, '--listen', '127.0.0.1:0'], { cwd: folder, env });
      let told = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
      const ended = new Promise((resolve) => child.on('close', resolve));
      await expect.poll(() => told).toContain('leader_elected');
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    } finally {
      pgctl('lab', 'down', '--dir', lab);
    }
  },
);

test('no bug can be planted into an installed package', () => {
  expect(shipped.filter((path) => /mutant/.test(path))).toEqual([]);
  const bundle = shipped.filter((path) => path.startsWith('dist/') && path.endsWith('js'));
  const installed = join(folder, 'node_modules', 'site-recovery');
  const texts = bundle.map((path) => readFileSync(join(installed, path), 'utf8')).join('\n');
  // The name of one is an example in the help.
  for (const { why } of mutants) expect(texts).not.toContain(why);
  const { status, stderr } = pgctl('drill', 'mutants');
  expect(status).toBe(2);
  expect(stderr).toContain('error: Bugs can be planted in a checkout only');
});
