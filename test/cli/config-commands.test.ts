import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { kubeconfigText } from './fake-api-server.ts';
import { runCli, withFolder } from './run-cli.ts';

const addCluster = (name: string, role: string, ...more: string[]): string[] => [
  'config',
  'add-cluster',
  '--name',
  name,
  '--kubeconfig',
  `${name}.kubeconfig`,
  '--role',
  role,
  ...more,
];

async function withConfig<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  return withFolder(async (folder) => {
    await runCli(['init'], { folder });
    for (const name of ['cluster1', 'cluster2', 'cluster3']) {
      const text = kubeconfigText({ admin: 'http://127.0.0.1:1', other: 'http://127.0.0.1:2' });
      await writeFile(join(folder, `${name}.kubeconfig`), text);
    }
    return use(folder);
  });
}

describe('pgctl init', () => {
  test('makes the folder and the config file for their owner only', () =>
    withFolder(async (parent) => {
      const folder = join(parent, 'new', 'pgctl');
      expect((await runCli(['init'], { folder })).exit).toBe(0);
      expect((await stat(folder)).mode & 0o777).toBe(0o700);
      expect((await stat(join(folder, 'config'))).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['config']);
    }));

  test('leaves a configuration that is there as it is', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'config'), 'DRBD_WAIT_TIME=99\n');
      expect((await runCli(['init'], { folder })).exit).toBe(0);
      expect(await readFile(join(folder, 'config'), 'utf8')).toBe('DRBD_WAIT_TIME=99\n');
    }));

  test('--config-dir comes before PGCTL_HOME', () =>
    withFolder(async (folder) => {
      const named = join(folder, 'named');
      await runCli(['init', '--config-dir', named], { folder: join(folder, 'environment') });
      expect(await readdir(folder)).toEqual(['named']);
    }));

  test('a folder that cannot be made is an error that names it', () =>
    withFolder(async (parent) => {
      await writeFile(join(parent, 'file'), '');
      const { exit, stderr } = await runCli(['init'], { folder: join(parent, 'file', 'pgctl') });
      expect(exit).toBe(1);
      expect(stderr).toContain(`error: The folder ${join(parent, 'file', 'pgctl')} cannot be made`);
      expect(stderr).toContain('remedy:');
    }));
});

describe('pgctl config add-cluster', () => {
  test('registers clusters in their roles', () =>
    withConfig(async (folder) => {
      for (const [name, role] of [
        ['cluster1', 'primary'],
        ['cluster2', 'dr'],
        ['cluster3', 'quorum'],
      ] as const) {
        expect(await runCli(addCluster(name, role), { folder })).toMatchObject({
          exit: 0,
          stdout: `✓ Cluster ${name} registered as ${role} (context: admin)\n`,
        });
      }
      const { stdout } = await runCli(['config', 'view', '-o', 'json'], { folder });
      expect(JSON.parse(stdout).clusters).toEqual([
        { name: 'cluster1', role: 'primary', kubeconfig: join(folder, 'cluster1.kubeconfig') },
        { name: 'cluster2', role: 'dr', kubeconfig: join(folder, 'cluster2.kubeconfig') },
        { name: 'cluster3', role: 'quorum', kubeconfig: join(folder, 'cluster3.kubeconfig') },
      ]);
    }));

  test('keeps the context that was named', () =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary', '--context', 'other'), { folder });
      expect(await readFile(join(folder, 'config'), 'utf8')).toContain('PRIMARY_CONTEXT=other\n');
    }));

  test('says the same again without asking', () =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary'), { folder });
      expect((await runCli(addCluster('cluster1', 'primary'), { folder })).exit).toBe(0);
    }));

  test.each([
    [['y'], 0, 'PRIMARY_CLUSTER=cluster2\n'],
    [['n'], 7, 'PRIMARY_CLUSTER=cluster1\n'],
    [[], 7, 'PRIMARY_CLUSTER=cluster1\n'],
  ])('asks before it replaces a cluster: answer %j', (input, exit, line) =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary'), { folder });
      const run = await runCli(addCluster('cluster2', 'primary'), { folder, input });
      expect(run.exit).toBe(exit);
      expect(run.stdout).toContain('Continue? [y/N]: ');
      expect(await readFile(join(folder, 'config'), 'utf8')).toContain(line);
    }),
  );

  test('--force replaces without asking, and a cluster moves from its old role', () =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary'), { folder });
      expect((await runCli(addCluster('cluster1', 'dr', '--force'), { folder })).exit).toBe(0);
      const { stdout } = await runCli(['config', 'view', '-o', 'json'], { folder });
      expect(JSON.parse(stdout).clusters).toMatchObject([{ name: 'cluster1', role: 'dr' }]);
    }));

  test.each([
    ['a file that is missing', addCluster('cluster9', 'dr'), 'cluster9.kubeconfig: the kubeconfig file does not exist'],
    ['a context that is missing', addCluster('cluster1', 'dr', '--context', 'x'), 'has no context "x"'],
    [
      'a role that does not exist',
      addCluster('cluster1', 'witness'),
      'Expected --role to be one of primary, dr, quorum',
    ],
    ['a name that cannot be kept', addCluster('a/b', 'dr'), 'Expected --name to be letters'],
    ['an empty name', addCluster('', 'dr'), '--name must not be empty'],
  ])('refuses %s with exit 2, and writes nothing', (_what, words, message) =>
    withConfig(async (folder) => {
      const before = await readFile(join(folder, 'config'), 'utf8');
      const { exit, stderr } = await runCli(words, { folder });
      expect(exit).toBe(2);
      expect(stderr).toContain(message);
      expect(await readFile(join(folder, 'config'), 'utf8')).toBe(before);
    }),
  );

  test.each([
    ['no YAML', 'a: [b\n', 'is not valid YAML at line'],
    ['empty', '', 'the kubeconfig is empty'],
    ['something else', 'just text\n', 'the file is not a kubeconfig'],
  ])('refuses a kubeconfig that is %s, and names the reason', (_what, text, message) =>
    withConfig(async (folder) => {
      await writeFile(join(folder, 'cluster1.kubeconfig'), text);
      const { exit, stderr } = await runCli(addCluster('cluster1', 'primary'), { folder });
      expect(exit).toBe(2);
      expect(stderr).toContain(message);
      expect(stderr).toContain(join(folder, 'cluster1.kubeconfig'));
    }),
  );

  test('needs init first, and says so', () =>
    withFolder(async (folder) => {
      const { exit, stderr } = await runCli(addCluster('cluster1', 'primary'), { folder });
      expect(exit).toBe(2);
      expect(stderr).toContain('remedy: Create it: pgctl init');
    }));

  test('leaves no temporary file behind', () =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary'), { folder });
      expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }));
});

describe('pgctl config view and remove-cluster', () => {
  test('forgets a cluster after the answer, and keeps its kubeconfig', () =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary'), { folder });
      const words = ['config', 'remove-cluster', '--name', 'cluster1'];
      expect((await runCli(words, { folder })).exit).toBe(7);
      expect((await runCli(words, { folder, input: ['y'] })).exit).toBe(0);
      expect((await runCli(['config', 'view'], { folder })).stdout).toContain('No clusters are registered');
      expect(await readdir(folder)).toContain('cluster1.kubeconfig');
    }));

  test('a cluster that is not registered is a usage error that lists those that are', () =>
    withConfig(async (folder) => {
      await runCli(addCluster('cluster1', 'primary'), { folder });
      const { exit, stderr } = await runCli(['config', 'remove-cluster', '--name', 'x'], { folder });
      expect(exit).toBe(2);
      expect(stderr).toBe('error: No cluster is registered as x\nremedy: Registered: cluster1\n');
    }));

  test('a mistake in the config file is named with its line', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'config'), 'PRIMARY_CLUSTER=a\nDRBD_WAIT_TIME=soon\nnonsense\n');
      const { exit, stderr } = await runCli(['config', 'view'], { folder });
      expect(exit).toBe(2);
      expect(stderr).toContain('error: The pgctl configuration has 2 mistakes');
      expect(stderr).toContain(`${join(folder, 'config')}, line 2: Expected DRBD_WAIT_TIME`);
      expect(stderr).toContain('line 3: Expected KEY=VALUE, got "nonsense"');
    }));

  test('an unknown setting is only warned of', () =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'config'), 'DRDB_WAIT_TIME=5\n');
      const { exit, stderr } = await runCli(['config', 'view'], { folder });
      expect(exit).toBe(0);
      expect(stderr).toContain('line 1: Unknown setting DRDB_WAIT_TIME is ignored');
    }));

  test('a config file that may not be read is named', async (context) =>
    withFolder(async (folder) => {
      // The superuser may read everything.
      context.skip(process.getuid?.() === 0);
      await writeFile(join(folder, 'config'), '');
      await chmod(join(folder, 'config'), 0);
      expect((await runCli(['config', 'view'], { folder })).stderr).toContain('permission denied');
    }));

  test('a folder in the place of the config file is named', () =>
    withFolder(async (parent) => {
      await runCli(['init'], { folder: join(parent, 'config') });
      const { exit, stderr } = await runCli(['config', 'view'], { folder: parent });
      expect(exit).toBe(2);
      expect(stderr).toContain('is a folder, not a file');
    }));
});
