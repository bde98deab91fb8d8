import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'explore-'));
const root = join(import.meta.dirname, '..', '..', '..');
const small = ['--faults', '0', '--crashes', '0'];

afterAll(() => rmSync(folder, { recursive: true }));

describe('pgctl drill explore', () => {
  test('the default search is of everything, and nothing is broken', async () => {
    const { code, stdout } = await explore('-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', end: 'exhausted' });
  });

  test('two VMs, one fault: nothing is broken', async () => {
    const { code, stdout } = await explore('--vms', '2', '--crashes', '0');
    expect(stdout).toMatch(/✓ [\d,]+ states, [\d,]+ edges, depth \d+: that is all of them/);
    expect(code).toBe(0);
  });

  test('a person who gives up or orders the way back at any moment, and a crash: nothing is broken', async () => {
    const { code, stdout } = await explore('--faults', '0', '--acts', '1', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', end: 'exhausted' });
    expect(code).toBe(0);
  });

  test('a search that is cut off says so, and cannot tell', async () => {
    const { code, stdout } = await explore(...small, '--depth', '10');
    expect(code).toBe(2);
    expect(stdout).toContain('⚠ S20 StartAfterStop: not broken in what was searched');
  });

  test('a planted bug is shown by the shortest way to it, which is a file that shows it again', async () => {
    const planted = ['--planted', 'failover guard targetRuns removed'];
    const { code, stdout } = await explore(...small, '--keep', 'found', ...planted);
    expect(code).toBe(1);
    expect(stdout).toContain('✗ S21 is broken');
    const file = join(folder, 'found', 'explore-S21.json');
    const again = await explore('--replay', file, ...planted);
    expect(again.stdout).toContain('✓ S21 is broken, as the file says');
    expect(again.code).toBe(0);
    const mended = await explore('--replay', file);
    expect(mended.stdout).toContain(
      '✗ This cannot happen here any more: pgctl/away looks: monitoringStartup → succeeded',
    );
    expect(mended.code).toBe(1);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ property: 'S21', virtualMachines: 1 });
  });

  test('a file that is no counterexample is refused by name, with what is wrong', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, '{ "property": "S1", "virtualMachines": 0 }');
    const { code, stderr } = await explore('--replay', file);
    expect(code).toBe(2);
    expect(stderr).toContain(`${file} is no counterexample`);
    expect(stderr).toContain('virtualMachines is to be from 1 to 3');
  });
});

function explore(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(join(root, 'bin', 'pgctl'), ['drill', 'explore', ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}
