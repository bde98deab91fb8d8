import { execFile, spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { healthyCluster, kubeconfigText, openFakeApiServer } from './fake-api-server.ts';
import { withFolder } from './run-cli.ts';

interface ProcessRun {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program as a person's shell does. `input` goes through a pipe; `interruptWhen` sends SIGINT at that output. */
function pgctl(
  words: readonly string[],
  folder: string,
  { input = '', interruptWhen }: { readonly input?: string; readonly interruptWhen?: string } = {},
): Promise<ProcessRun> {
  return new Promise((resolve) => {
    const main = join(import.meta.dirname, '../../src/cli/main.ts');
    const child = spawn(process.execPath, [main, ...words], { env: { ...process.env, PGCTL_HOME: folder } });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (interruptWhen === undefined || !stdout.includes(interruptWhen) || child.killed) return;
      child.kill('SIGINT');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('close', (exit) => resolve({ exit, stdout, stderr }));
    if (interruptWhen === undefined) child.stdin.end(input);
  });
}

describe('the program as a process', () => {
  test('configure and test two clusters, as the page does', () =>
    withFolder(async (parent) => {
      const folder = join(parent, 'pgctl');
      const server = await openFakeApiServer(healthyCluster('v1.30.6'));
      try {
        expect((await pgctl(['init'], folder)).exit).toBe(0);
        await writeFile(join(folder, 'cluster1.kubeconfig'), kubeconfigText({ admin: server.url }));
        await writeFile(join(folder, 'cluster2.kubeconfig'), kubeconfigText({ admin: server.url }));
        for (const [name, role] of [
          ['cluster1', 'primary'],
          ['cluster2', 'dr'],
        ] as const) {
          const words = ['config', 'add-cluster', '--name', name, '--kubeconfig', `${name}.kubeconfig`, '--role', role];
          expect((await pgctl(words, folder)).exit).toBe(0);
        }
        const { exit, stdout, stderr } = await pgctl(['config', 'test'], folder);
        expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
        expect(stdout).toMatch(/✓ All clusters are accessible\n$/);
      } finally {
        await server.close();
      }
    }));

  test('a piped answer is read, and shown behind the question', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'config'), 'PRIMARY_CLUSTER=cluster1\n');
      const words = ['config', 'remove-cluster', '--name', 'cluster1'];
      const declined = await pgctl(words, folder);
      expect(declined).toMatchObject({ exit: 7, stderr: '' });
      expect(declined.stdout).toContain('Forget it? [y/N]: \n');
      const accepted = await pgctl(words, folder, { input: 'y\n' });
      expect(accepted.exit).toBe(0);
      expect(accepted.stdout).toContain('Forget it? [y/N]: y\n✓ Cluster cluster1 is no longer registered\n');
    }));

  test('a slow reader gets all of a long output', () =>
    withFolder(async (folder) => {
      const word = 'x'.repeat(100_000); // more than a pipe holds
      const main = join(import.meta.dirname, '../../src/cli/main.ts');
      const line = `"${process.execPath}" "${main}" ${word} 2>&1 | (sleep 0.5; wc -c)`;
      const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { ...process.env, PGCTL_HOME: folder } });
      expect(Number(stdout)).toBeGreaterThan(word.length);
    }));

  test('Ctrl-C at a question declines it, and nothing is left behind', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'config'), 'PRIMARY_CLUSTER=cluster1\n');
      const words = ['config', 'remove-cluster', '--name', 'cluster1'];
      const { exit } = await pgctl(words, folder, { interruptWhen: '[y/N]' });
      expect(exit).toBe(7);
      expect(await readdir(folder)).toEqual(['config']);
    }));

  test('Ctrl-C ends a command that waits for a cluster at once', () =>
    withFolder(async (folder) => {
      const silent = await openFakeApiServer(() => 'hang');
      try {
        await writeFile(join(folder, 'config'), 'PRIMARY_CLUSTER=cluster1\nDR_CLUSTER=cluster2\n');
        for (const name of ['cluster1', 'cluster2']) {
          await writeFile(join(folder, `${name}.kubeconfig`), kubeconfigText({ admin: silent.url }));
        }
        const startedAt = performance.now();
        const { exit } = await pgctl(['config', 'test'], folder, { interruptWhen: '▶ Testing primary cluster' });
        expect([1, 130]).toContain(exit);
        expect(performance.now() - startedAt).toBeLessThan(4_000);
      } finally {
        await silent.close();
      }
    }));

  test('the exit code of a usage error reaches the shell, and no stack is printed', () =>
    withFolder(async (folder) => {
      const { exit, stdout, stderr } = await pgctl(['failover'], folder);
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
      expect(stderr).toBe('error: NAME is missing\nremedy: Name a protection group, or give --all or -l SELECTOR\n');
    }));

  test.each([
    ['the help of pgctl', ['--help'], ''],
    ['the help of a command', ['get', 'pg', '--help'], 'commander'],
  ])('%s loads neither YAML, nor XState, nor the Kubernetes client', (_what, words, packages) =>
    withFolder(async (folder) => {
      const main = join(import.meta.dirname, '../../src/cli/main.ts');
      const probe = join(folder, 'probe.mjs');
      await writeFile(
        probe,
        `import { registerHooks } from 'node:module';
const heavy = [];
registerHooks({ resolve(name, context, next) { const found = next(name, context); if (/node_modules/.test(found.url)) heavy.push(found.url.split('node_modules/').at(-1).split('/').slice(0, 2).join('/')); return found; } });
process.argv = [process.argv[0], 'pgctl', ...${JSON.stringify(words)}];
process.on('exit', () => console.error([...new Set(heavy.map((name) => name.split('/')[0]))].join(' ')));
await import(${JSON.stringify(main)});`,
      );
      const run = await new Promise<string>((resolve) => {
        const child = spawn(process.execPath, [probe], { stdio: ['ignore', 'ignore', 'pipe'] });
        let stderr = '';
        child.stderr.on('data', (chunk: Buffer) => {
          stderr += chunk.toString();
        });
        child.on('close', () => resolve(stderr.trim()));
      });
      expect(run).toBe(packages);
    }),
  );
});
