import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, withFolder } from './run-cli.ts';
import { withTwin } from './twin-cli.ts';

const candidates = async (words: readonly string[], folder?: string): Promise<readonly string[]> => {
  const { stdout } = await runCli(['__complete', '--', ...words], folder === undefined ? {} : { folder });
  return stdout.split('\n').filter((line) => line !== '');
};

describe('completion', () => {
  test('of commands, by what was typed of them', async () => {
    expect(await candidates(['con'])).toEqual(['config']);
    expect(await candidates(['config', ''])).toEqual(['add-cluster', 'test', 'view', 'remove-cluster']);
    expect(await candidates([''])).not.toContain('__complete');
  });

  test('of options that are not given yet, and of their values', async () => {
    expect(await candidates(['failover', 'x', '--dry-run', '--'])).toEqual(
      expect.arrayContaining(['--to', '--yes', '--timeout', '--no-rollback']),
    );
    expect(await candidates(['failover', 'x', '--dry-run', '--'])).not.toContain('--dry-run');
    expect(await candidates(['config', 'add-cluster', '--role', ''])).toEqual(['primary', 'dr', 'quorum']);
    expect(await candidates(['get', 'pg', '-o', 'j'])).toEqual(['json']);
    expect(await candidates(['config', 'add-cluster', '--kubeconfig', ''])).toEqual([':files']);
  });

  test('of cluster names from the configuration, and of nothing without one', () =>
    withFolder(async (folder) => {
      expect(await candidates(['failover', 'x', '--to', ''], folder)).toEqual([]);
      await writeFile(join(folder, 'config'), 'PRIMARY_CLUSTER=cluster1\nDR_CLUSTER=cluster2\n');
      expect(await candidates(['failover', 'x', '--to', ''], folder)).toEqual(['cluster1', 'cluster2']);
    }));

  test('of protection groups from the clusters, once', () =>
    withTwin(async ({ run }) => {
      await run('create protectiongroup production-pg --vm prod-vm-1');
      expect((await run('__complete -- failover prod')).stdout).toBe('production-pg\n');
      expect((await run('__complete -- failover production-pg prod')).stdout).toBe('');
    }));

  test('the bash script completes in a real bash', () =>
    withFolder(async (folder) => {
      const pgctl = join(folder, 'bin', 'pgctl');
      const main = join(import.meta.dirname, '../../src/cli/main.ts');
      await mkdir(join(folder, 'bin'));
      await writeFile(pgctl, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 });
      const { stdout: script } = await runCli(['completion', 'bash']);
      const ask = `${script}\nCOMP_WORDS=(${pgctl} config re); COMP_CWORD=2; _pgctl; echo "\${COMPREPLY[@]}"`;
      expect(execFileSync('bash', ['-c', ask], { encoding: 'utf8' })).toBe('remove-cluster\n');
    }));
});
