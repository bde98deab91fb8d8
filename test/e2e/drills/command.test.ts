import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'drills-'));
const root = join(import.meta.dirname, '..', '..', '..');

afterAll(() => rmSync(folder, { recursive: true }));

describe('pgctl drill', () => {
  test('the same seed gives the same digest, on one thread or on two', async () => {
    const [one, two] = await Promise.all(
      [1, 2].map((jobs) => drill('--seed', '5', '--runs', '12', '--jobs', `${jobs}`)),
    );
    expect(one).toMatchObject({ verdict: 'pass', runs: 12, failures: [] });
    expect(two?.digest).toBe(one?.digest);
  });

  test('shards play together what one machine plays alone', async () => {
    const parts = await Promise.all(
      ['1/2', '2/2'].map((shard) => drill('--seed', '5', '--runs', '12', '--shard', shard)),
    );
    expect(parts.map(({ runs }) => runs)).toEqual([6, 6]);
  });

  test('a set is called full only with enough runs, on one machine', async () => {
    expect((await pgctl('drill', '--full', '--runs', '10')).stderr).toContain('A full set is 20000 runs or more');
    expect((await pgctl('drill', '--full', '--shard', '1/2')).stderr).toContain('A shard sees its own part only');
  });

  test('what was reached is written to a file, and says which marks are missing', async () => {
    const file = join(folder, 'coverage.json');
    await drill('--seed', '5', '--runs', '3', '--coverage', file);
    const coverage = JSON.parse(readFileSync(file, 'utf8'));
    expect(coverage.counts.runs).toBe(3);
    expect(coverage.machines.failover.states.missing).toContain('failover/failed');
    expect(coverage.unreached.length).toBeGreaterThan(20);
  });

  test('a hundred runs pass', async () => {
    expect(await drill('--seed', '11', '--runs', '100')).toMatchObject({ verdict: 'pass', passed: 100, unknown: 0 });
  });
});

describe('pgctl replay', () => {
  const scenarios = readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));

  test.each(scenarios)('%s is as it expects', async (file) => {
    const { code, stdout } = await pgctl('replay', join(root, 'scenarios', file));
    expect(stdout).toContain('✓ as expected');
    expect(code).toBe(0);
  });

  test('a planted bug is replayed up to where its property breaks, with a trace of the way there', async () => {
    const bug = 'failover guard sourceIsStopped removed';
    await pgctl('drill', 'mutants', '--only', bug, '--keep', join(folder, 'planted'));
    const file = join(folder, 'planted', 'failover-guard-sourceIsStopped-removed.json');
    const trace = join(folder, 'trace.jsonl');
    const replay = ['replay', file, '--planted', bug, '--until', 'S22', '--from', '4', '--trace', trace];
    const { code, stdout } = await pgctl(...replay);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^4 +\d+\.\d{3} {2}away: awaitingRelease/m);
    expect(stdout).toMatch(/✗ S22 is broken after .* executes on cluster1\n {2}StepHonesty: /);
    expect(stdout).toMatch(/cluster1 virtualmachines\/vm-\d: { running: /);
    const last = readFileSync(trace, 'utf8').trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ event: { kind: 'verdict', result: 'fail', property: 'S22' } });
    expect(await pgctl('replay', file, '--until', 'S22')).toMatchObject({ code: 1 });
  });

  test('a property that nobody judges is refused by name', async () => {
    const file = join(root, 'scenarios', 'planned.yaml');
    const { code, stderr } = await pgctl('replay', file, '--until', 'S99');
    expect(code).toBe(2);
    expect(stderr).toMatch(/error: There is no property S99\nreason: drills judge S1, .*\nremedy: /);
  });

  test('a file that is no scenario is refused by name, with what is wrong', async () => {
    const file = join(folder, 'wrong.yaml');
    writeFileSync(
      file,
      'about: x\ntopology: { nodes: 0, quorumSite: true, virtualMachines: 1 }\nitems: [{ kind: earthquake }]\nexpect: { verdict: pass }\n',
    );
    const { code, stderr } = await pgctl('scenario', 'validate', file);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file} is no scenario`);
    expect(stderr).toContain('topology.nodes must be >= 1');
    expect(stderr).toMatch(/items\.0/);
  });
});

interface DrillDocument {
  readonly verdict: string;
  readonly runs: number;
  readonly digest: string;
}

async function drill(...args: readonly string[]): Promise<DrillDocument> {
  const { stdout } = await pgctl('drill', ...args, '--keep', join(folder, 'failures'), '-o', 'json');
  return JSON.parse(stdout) as DrillDocument;
}

function pgctl(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(join(root, 'bin', 'pgctl'), args, { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
