import { expect, test } from 'vitest';
import { second } from '../../src/model/instant.ts';
import { resources } from '../../src/model/kube.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

const healthy = [
  'NAME            STATE    VMS   HEALTH    RUNNING ON',
  'production-pg   Active   2     Healthy   cluster1',
];

test('a group that its controllers report as healthy is read from its two objects', () =>
  withProtected(async (cli) => {
    for (const words of ['get protectiongroup production-pg', 'get protectiongroups']) {
      const { stdout, stderr } = await cli.run(`${words} --verbose`);
      expect(stdout.trimEnd().split('\n')).toEqual(healthy);
      expect(requestsIn(stderr)).toHaveLength(2);
    }
  }));

test('what the reports say is what a look at the VMs says', () =>
  withProtected(async (cli) => {
    const reported = await cli.run('get protectiongroup production-pg -o wide');
    const looked = JSON.parse((await cli.run('get protectiongroup production-pg -o json')).stdout) as object;
    expect(looked).toMatchObject({ health: 'Healthy', activeSites: ['cluster1'], virtualMachineCount: 2 });
    expect(reported.stdout).toContain('Healthy   cluster1');
  }));

test('a report that is older than the spec does not count: the VMs are looked at', () =>
  withProtected(async (cli) => {
    const { api } = cli.twin.world.cluster('cluster2');
    api.request({
      verb: 'patch',
      resource: resources.protectionGroup,
      namespace: 'default',
      name: 'production-pg',
      patch: 'merge',
      body: { spec: { epoch: 7 } },
    });
    const { stdout, stderr } = await cli.run('get protectiongroup production-pg --verbose');
    expect(stdout.trimEnd().split('\n')).toEqual(healthy);
    expect(requestsIn(stderr).length).toBeGreaterThan(2);
  }));

test('with all clusters the VMs themselves are looked at, whatever the controllers report', () =>
  withProtected(async (cli) => {
    const { stderr } = await cli.run('get protectiongroup production-pg --all-clusters --verbose');
    expect(requestsIn(stderr).join('\n')).toContain('virtualmachineinstances');
  }));

test('a cluster that does not answer is waited for once, and is not taken for healthy', () =>
  withProtected(async ({ twin, run }) => {
    twin.world.network.startOutage('cluster2', 'hang');
    const before = twin.world.wall();
    const { stdout, stderr } = await run('get protectiongroup production-pg');
    expect(stdout).toContain('production-pg   Unknown');
    expect(stderr).toContain('no answer within 5 s');
    expect(twin.world.wall() - before).toBeLessThan(7 * second);
  }));

function withProtected(use: (cli: TwinCli) => Promise<void>): Promise<void> {
  return withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
    cli.pass(60);
    await use(cli);
  });
}

function requestsIn(stderr: string): readonly string[] {
  return stderr.split('\n').filter((line) => line.endsWith(' ms)'));
}
