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

  test('parts play together what one machine plays alone, to the same digest', async () => {
    const whole = ['--seed', '5', '--runs', '12'];
    const parts = await Promise.all(['1/2', '2/2'].map((shard) => drill(...whole, '--shard', shard)));
    expect(parts.map(({ runs }) => runs)).toEqual([6, 6]);
    const files = parts.map((part, index) => {
      const file = join(folder, `part-${index + 1}.json`);
      writeFileSync(file, JSON.stringify(part));
      return file;
    });
    const { code, stdout } = await pgctl('drill', 'merge', ...files, '-o', 'json');
    const { digest, coverage, properties } = await drill(...whole);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', runs: 12, digest, coverage, properties });
    expect(code).toBe(0);
    const half = await pgctl('drill', 'merge', files[0] ?? '');
    expect(half).toMatchObject({ code: 2, stdout: expect.stringContaining('⚠ Missing: part 2/2') });
    const junit = await pgctl('drill', 'merge', ...files, '-o', 'junit');
    expect(junit.stdout).toMatch(/^<\?xml .*\n<testsuite name="pgctl drill, seed 5" tests="\d+" failures="0"/);
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
    expect(stdout).toMatch(/^4 +\d+\.\d{3} {2}\w+: \w+, driven by pgctl/m);
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
  readonly coverage: object;
  readonly properties: object;
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
