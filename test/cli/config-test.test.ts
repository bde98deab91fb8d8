import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type FakeApiServer,
  type Handler,
  healthyCluster,
  kubeconfigText,
  openFakeApiServer,
  statusAnswer,
} from './fake-api-server.ts';
import { type CliRun, runCli, withFolder } from './run-cli.ts';

const servers: FakeApiServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Runs `config test` against clusters that answer like this, registered as primary, dr and (when given) quorum. */
async function testClusters(handlers: readonly (Handler | string)[], ...more: readonly string[]): Promise<CliRun> {
  return withFolder(async (folder) => {
    const keys = ['PRIMARY', 'DR', 'QUORUM'];
    const lines: string[] = [];
    for (const [index, handler] of handlers.entries()) {
      const name = `cluster${index + 1}`;
      let url = handler;
      if (typeof url !== 'string') {
        const server = await openFakeApiServer(url);
        servers.push(server);
        url = server.url;
      }
      await writeFile(join(folder, `${name}.kubeconfig`), kubeconfigText({ admin: url }));
      lines.push(`${keys[index]}_CLUSTER=${name}`);
    }
    await writeFile(join(folder, 'config'), `${[...lines, ...more].join('\n')}\n`);
    const run = await runCli(['config', 'test'], { folder });
    return { ...run, stdout: run.stdout.replaceAll(folder, 'FOLDER') };
  });
}

const healthy = healthyCluster('v1.30.6');

describe('pgctl config test', () => {
  test('prints what the product page prints when all is well', async () => {
    const { exit, stdout, stderr } = await testClusters([healthy, healthy]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toBe(
      [
        '▶ Testing primary cluster: cluster1',
        '✓ Primary cluster is accessible (version: v1.30.6)',
        '▶ Testing DR cluster: cluster2',
        '✓ DR cluster is accessible (version: v1.30.6)',
        '✓ All clusters are accessible',
        '',
      ].join('\n'),
    );
  });

  test('the quorum cluster is tested in the same style when it is registered', async () => {
    const { stdout } = await testClusters([healthy, healthy, healthyCluster('v1.33.1')]);
    expect(stdout).toContain(
      '▶ Testing quorum cluster: cluster3\n✓ Quorum cluster is accessible (version: v1.33.1)\n✓ All clusters are accessible\n',
    );
  });

  test('an address where nobody listens: cannot connect, with reason and remedy, exit 1, and the others are tested', async () => {
    const { exit, stdout } = await testClusters([healthy, 'http://127.0.0.1:1']);
    expect(exit).toBe(1);
    expect(stdout).toContain('✓ Primary cluster is accessible');
    expect(stdout).toContain(
      '✗ DR cluster is not accessible: Unable to connect to the server\n  reason: http://127.0.0.1:1 ',
    );
    expect(stdout).toContain('connection refused');
    expect(stdout).toContain('remedy: Check that http://127.0.0.1:1 is reachable from this machine');
    expect(stdout).toContain('✗ 1 of 2 clusters not accessible: cluster2\n');
  });

  test('a wrong token is told from a wrong address, and the token is not printed', async () => {
    const refusing: Handler = () => statusAnswer(401, 'Unauthorized', 'Unauthorized');
    const { exit, stdout } = await testClusters([healthy, refusing]);
    expect(exit).toBe(1);
    expect(stdout).toContain('✗ DR cluster is not accessible: the server does not accept the credentials');
    expect(stdout).toContain('remedy: Put a valid token or certificate into FOLDER/cluster2.kubeconfig');
    expect(stdout).not.toContain('secret-token');
  });

  test('a version that everybody may read does not hide a wrong token', async () => {
    const refusing: Handler = (path) =>
      path === '/version' ? healthy(path, undefined as never) : statusAnswer(401, 'Unauthorized', 'Unauthorized');
    expect((await testClusters([healthy, refusing])).stdout).toContain('the server does not accept the credentials');
  });

  test('a missing CRD is a warning that names what to apply', async () => {
    const bare: Handler = (path) =>
      path === '/version'
        ? healthy(path, undefined as never)
        : statusAnswer(404, 'NotFound', 'the server could not find the requested resource');
    const { exit, stdout } = await testClusters([healthy, bare]);
    expect(exit).toBe(0);
    expect(stdout).toContain(
      '✓ DR cluster is accessible (version: v1.30.6)\n⚠ the ProtectionGroup CRD is missing on cluster2\n',
    );
    expect(stdout).toContain('apply -f protection-group-crd.yaml');
  });

  test('a user who may not list protection groups is a warning with the reason of the server', async () => {
    const forbidding: Handler = (path) =>
      path === '/version'
        ? healthy(path, undefined as never)
        : statusAnswer(403, 'Forbidden', 'User "someone" cannot list');
    const { exit, stdout } = await testClusters([healthy, forbidding]);
    expect(exit).toBe(0);
    expect(stdout).toContain('⚠ protectiongroups may not be listed on cluster2\n  reason: User "someone" cannot list');
  });

  test('a server that is no Kubernetes API is told so', async () => {
    const other: Handler = () => ({ status: 200, body: { hello: 'world' } });
    expect((await testClusters([healthy, other])).stdout).toContain('the answer is not one of a Kubernetes API server');
  });

  test('a role that is not registered is a usage error', async () => {
    const { exit, stderr } = await testClusters([healthy]);
    expect(exit).toBe(2);
    expect(stderr).toContain('error: No DR cluster is registered\nremedy: Register it: pgctl config add-cluster');
  });

  test('LINSTOR controllers that the settings name are asked too', async () => {
    const { exit, stdout } = await testClusters([healthy, healthy], 'LINSTOR_CONTROLLERS=http://127.0.0.1:1');
    expect(exit).toBe(0);
    expect(stdout).toContain('⚠ No LINSTOR controller answers\n  reason: LINSTOR controller http');
  });
});
