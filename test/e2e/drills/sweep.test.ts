import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'sweep-'));
const scenario = (name: string): string => join(root, 'scenarios', `${name}.yaml`);

afterAll(() => rmSync(folder, { recursive: true }));

interface Report {
  readonly verdict: string;
  readonly plans: number;
  readonly executed: number;
  readonly scenarios: readonly object[];
  readonly failures: readonly { readonly kind: string; readonly property: string; readonly file: string }[];
}

// Two minutes of two processors on a fast machine.
test('every plan over the reference scenarios is executed, and passes', { timeout: 900_000 }, async () => {
  const report = await sweep();
  expect(report).toMatchObject({ verdict: 'pass', failures: [] });
  expect(report.scenarios.length).toBeGreaterThanOrEqual(12);
  expect(report.plans).toBeGreaterThan(5_000);
  expect(report.executed).toBe(report.plans);
});

describe('the sweep finds', () => {
  test.each([
    ['a journal write without an answer counts as stored', 'requestLost', 'S10'],
    ['a host that takes over forgets the plan', 'diesAfter', 'S15'],
  ])('%s', async (bug, kind, property) => {
    const { verdict, failures } = await sweep(scenario('planned-without-quorum-site'), '--planted', bug);
    expect(verdict).toBe('fail');
    const found = failures.find((failure) => failure.kind === kind && failure.property === property);
    expect(found).toBeDefined();
    const { stdout } = await pgctl('replay', found?.file ?? '', '--planted', bug);
    expect(stdout).toContain('✓ as expected');
  });
});

test('a group moves a hundred times in one world', async () => {
  const { stdout } = await pgctl('drill', 'soak', '--operations', '100', '-o', 'json');
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', succeeded: 100 });
});

async function sweep(...args: readonly string[]): Promise<Report> {
  const { stdout } = await pgctl('drill', 'sweep', ...args, '--keep', folder, '-o', 'json');
  return JSON.parse(stdout) as Report;
}

function pgctl(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  return new Promise((resolve) => {
    execFile(join(root, 'bin', 'pgctl'), args, { cwd: folder, maxBuffer: 1e8 }, (_error, stdout) =>
      resolve({ stdout }),
    );
  });
}
