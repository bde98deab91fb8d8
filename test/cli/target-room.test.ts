import { describe, expect, test } from 'vitest';
import { resources } from '../../src/model/kube.ts';
import { applyObjects, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** The nodes of cluster2 have this much memory in all. */
function giveMemory({ twin }: TwinCli, memory: string): void {
  const { api } = twin.world.cluster('cluster2');
  for (const { metadata, status } of api.list(resources.node)) {
    const allocatable = { cpu: '32', memory, pods: '250' };
    const body = { ...status, allocatable, capacity: allocatable };
    const place = { resource: resources.node, name: metadata.name };
    const answer = api.request({
      verb: 'patch',
      patch: 'merge',
      subresource: 'status',
      ...place,
      body: { status: body },
    });
    expect(answer.status).toBe(200);
  }
}

const desired = ({ twin }: TwinCli, site: string): readonly string[] =>
  twin.world
    .cluster(site)
    .api.list(resources.protectionGroup)
    .filter(({ spec }) => spec?.['desiredState'] === 'running')
    .map(({ metadata }) => metadata.name);

describe('room on the target', () => {
  test('a group whose VMs find none there is refused before anything is stopped: exit 3, with what is lacking', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      giveMemory(cli, '500Mi');
      for (const words of ['failover production-pg --dry-run', 'validate protectiongroup production-pg']) {
        const { exit, stdout } = await cli.run(words);
        expect(exit).toBe(3);
        expect(stdout).toContain('✗ cluster2 has no room for prod-vm-1');
        expect(stdout).toMatch(/reason: it requests memory 800Mi; c2-node-\d has memory 500Mi left/);
      }
      const { exit, stdout, stderr } = await cli.run('failover production-pg --yes');
      expect(exit).toBe(3);
      expect(stdout).toContain('✗ No other Protection Groups running on target');
      expect(stderr).toContain('cluster2 has no room for prod-vm-1');
      expect(desired(cli, 'cluster1')).toEqual(['production-pg']);
    }));

  test('a group whose VMs find none there goes all the same where nodes are expected, and the operation tells so', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      giveMemory(cli, '500Mi');
      const dryRun = await cli.run('failover production-pg --dry-run --without-room');
      expect(dryRun.exit).toBe(0);
      expect(dryRun.stdout).toContain('⚠ cluster2 has no room for prod-vm-1');
      await cli.run('failover production-pg --yes --without-room --timeout 30');
      const [operation] = cli.twin.world.cluster('cluster2').api.list(resources.failover);
      expect(operation?.spec).toMatchObject({ withoutRoom: true });
      expect((await cli.run(`describe failover ${operation?.metadata.name}`)).stdout).toContain('without room');
    }));

  test('is no question without the source, which alone tells what the VMs need: --without-room is refused there', () =>
    withTwin(async (cli) => {
      const { exit, stderr } = await cli.run('failover production-pg --unplanned --without-room --dry-run');
      expect(exit).toBe(2);
      expect(stderr).toContain('--without-room is for a planned failover');
    }));

  test('a group that runs on the target keeps no other from going there', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup first-pg --vm prod-vm-1');
      await cli.run('create protectiongroup second-pg --vm prod-vm-2');
      expect((await cli.run('failover first-pg --yes')).exit).toBe(0);
      const { exit, stdout } = await cli.run('failover second-pg --dry-run');
      expect(exit).toBe(0);
      expect(stdout).toContain('✓ No other Protection Groups running on target');
      expect((await cli.run('failover second-pg --yes')).exit).toBe(0);
    }));

  test('groups that find room alone and not together: it is said before, and the last stays where it is', () =>
    withTwin(async (cli) => {
      applyObjects(cli.twin.world.cluster('cluster1').api, demoVirtualMachine('prod-vm-3', 'default'));
      cli.pass(60);
      for (const number of [1, 2, 3]) await cli.run(`create protectiongroup pg-${number} --vm prod-vm-${number}`);
      giveMemory(cli, '900Mi');
      const expected = await cli.run('failover --all --dry-run --without-room');
      expect(expected.stdout).toMatch(
        /\n⚠ cluster2 has no room for all VMs\n.*\n {2}remedy: nodes are expected to be added/,
      );
      const { exit, stdout } = await cli.run('failover --all --yes --parallel 1');
      expect(exit).toBe(3);
      expect(stdout).not.toContain('nodes are expected');
      expect(stdout).toMatch(/\n⚠ cluster2 has no room for all VMs\n {2}reason: they request memory 2400Mi;/);
      expect(stdout).toMatch(/pg-1 +0 +Moved/);
      expect(stdout).toMatch(/pg-3 +0 +Not ready +cluster2 has no room for prod-vm-3/);
      expect(desired(cli, 'cluster1')).toContain('pg-3');
    }));
});

describe('a volume of the group', () => {
  test('that a pod outside of the group has mounted keeps it where it is, and the pod is named', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      const { api } = cli.twin.world.cluster('cluster1');
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'prod-vm-1-disk' } }];
      const containers = [
        { name: 'backup', image: 'backup', volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] },
      ];
      const metadata = { name: 'backup', namespace: 'default' };
      const body = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, volumes } };
      expect(api.request({ verb: 'create', resource: resources.pod, namespace: 'default', body }).status).toBe(201);
      cli.pass(30);
      const { exit, stdout } = await cli.run('failover production-pg --dry-run');
      expect(exit).toBe(3);
      expect(stdout).toContain('✗ PVC prod-vm-1-disk is used on cluster1 by pod backup, which is not in the group');
      api.request({ verb: 'delete', resource: resources.pod, namespace: 'default', name: 'backup' });
      cli.pass(60);
      expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
    }));
});
