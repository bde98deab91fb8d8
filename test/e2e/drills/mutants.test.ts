import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutants } from '../../drills/mutants/catalogue.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'mutants-'));

interface Report {
  readonly mutants: readonly { readonly id: string; readonly caught: boolean; readonly items: number | null }[];
  readonly unmodified: { readonly runs: number; readonly alarms: readonly unknown[] };
}

let report: Report = { mutants: [], unmodified: { runs: 0, alarms: [] } };

beforeAll(async () => {
  // The budget is that of runs: how fast the machine is must not decide.
  report = await drillMutants('--time', '600', '--keep', folder, '-o', 'json');
}, 1_500_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('a planted bug is caught by the property that it breaks, in at most eight items', () => {
  test.each(mutants.map(({ id }) => id))('%s', (id) => {
    const found = report.mutants.find((each) => each.id === id);
    expect(found).toMatchObject({ caught: true });
    expect(found?.items).toBeLessThanOrEqual(8);
  });
});

test('the product without a planted bug raises no alarm in as many runs', () => {
  expect(report.unmodified.runs).toBeGreaterThan(0);
  expect(report.unmodified.alarms).toEqual([]);
});

function drillMutants(...args: readonly string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    execFile(join(root, 'bin', 'pgctl'), ['drill', 'mutants', ...args], { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      try {
        resolve(JSON.parse(stdout) as Report);
      } catch {
        reject(new Error(`no report: ${error?.message ?? ''}\n${stdout.slice(0, 500)}\n${stderr}`));
      }
    });
  });
}
