import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../../src/model/kube.ts';
import { resources } from '../../src/model/kube.ts';
import type { Twin } from '../../src/twin/twin.ts';
import { interruptAfter, type TwinCli, withTwin } from './twin-cli.ts';

const protect = ({ run }: TwinCli) => run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');

const operations = ({ world }: Twin): readonly KubeObject[] => world.cluster('cluster2').api.list(resources.failover);

async function statuses({ run }: TwinCli): Promise<Record<string, string>> {
  const { stdout } = await run('get protectiongroup production-pg -o json');
  const { sites } = JSON.parse(stdout) as {
    sites: { site: string; virtualMachines: { name: string; status: string }[] }[];
  };
  return Object.fromEntries(
    sites.flatMap(({ site, virtualMachines }) => virtualMachines.map((vm) => [`${site}/${vm.name}`, vm.status])),
  );
}

const atHome = {
  'cluster1/prod-vm-1': 'Running',
  'cluster1/prod-vm-2': 'Running',
  'cluster2/prod-vm-1': 'Stopped',
  'cluster2/prod-vm-2': 'Stopped',
};
const away = {
  'cluster1/prod-vm-1': 'Stopped',
  'cluster1/prod-vm-2': 'Stopped',
  'cluster2/prod-vm-1': 'Running',
  'cluster2/prod-vm-2': 'Running',
};

describe('failover', () => {
  test('no, and the end of the input, decline: exit 7 and nothing is written', () =>
    withTwin(async (cli) => {
      await protect(cli);
      for (const input of [[], ['n'], [''], ['yes please']]) {
        const { exit, stdout } = await cli.run('failover production-pg', { input });
        expect(exit).toBe(7);
        expect(stdout).toContain('Continue? [y/N]: ');
        expect(stdout).toContain('✗ Cancelled: nothing was changed');
      }
      expect(operations(cli.twin)).toEqual([]);
      expect(await statuses(cli)).toEqual(atHome);
    }));

  test('a dry run writes nothing anywhere', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const writes: string[] = [];
      for (const { name, api } of [...cli.twin.world.clusters.values()].map((cluster) => cluster)) {
        api.onChange((change) => writes.push(`${name} ${change.resource.plural}`));
      }
      expect((await cli.run('failover production-pg --dry-run')).exit).toBe(0);
      expect(writes).toEqual([]);
    }));

  test('an unreachable source refuses it: exit 3, the reason, and what to do', () =>
    withTwin(async (cli) => {
      await protect(cli);
      cli.twin.world.network.startOutage('cluster1', 'hang');
      const { exit, stderr } = await cli.run('failover production-pg --yes');
      expect(exit).toBe(3);
      expect(stderr).toContain('error: Planned failover of production-pg refused: the source cluster1 cannot be read');
      expect(stderr).toContain('no answer within 5 s');
      expect(stderr).toContain('remedy: Bring cluster1 back within reach');
      expect(operations(cli.twin)).toEqual([]);
    }));

  test('a PV that is missing on the target refuses it; sync repairs it', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const { api } = cli.twin.world.cluster('cluster2');
      for (const { metadata } of api.list(resources.persistentVolume)) {
        const place = { resource: resources.persistentVolume, name: metadata.name };
        api.request({ verb: 'patch', patch: 'merge', body: { metadata: { finalizers: null } }, ...place });
        api.request({ verb: 'delete', ...place });
      }
      cli.pass(30);
      const refused = await cli.run('failover production-pg --yes');
      expect(refused.exit).toBe(3);
      expect(refused.stdout).toContain('✗ PV definitions exist on target cluster');
      expect(refused.stderr).toContain('remedy: pgctl sync protectiongroup production-pg');
      expect((await cli.run('sync protectiongroup production-pg')).stdout).toMatch(/✓ PV pvc-\S+ created on cluster2/);
      cli.pass(30);
      expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
    }));

  test('a VM that takes too long to stop turns it back: exit 6, and the source runs', () =>
    withTwin(async (cli) => {
      await protect(cli);
      cli.twin.guests.setFault('default', 'prod-vm-1', 'ignores-acpi');
      const { exit, stdout } = await cli.run('failover production-pg --yes --timeout 20');
      expect(exit).toBe(6);
      expect(stdout).toContain('✗ VMs are not stopped on cluster1');
      expect(stdout).toContain('▶ Rolling back: starting VMs on cluster1\n✓ prod-vm-1 running\n✓ prod-vm-2 running');
      expect(stdout).toContain(
        '⚠ Failover rolled back: VMs run on cluster1 again\nreason: FAILOVER_TIMEOUT (20 s) is over',
      );
      expect(await statuses(cli)).toEqual(atHome);
    }));

  test('with --no-rollback it is left as it stands: exit 5', () =>
    withTwin(async (cli) => {
      await protect(cli);
      cli.twin.guests.setFault('default', 'prod-vm-1', 'ignores-acpi');
      const { exit, stdout } = await cli.run('failover production-pg --yes --timeout 20 --no-rollback');
      expect(exit).toBe(5);
      expect(stdout).toContain('✗ Failover timed out');
      expect(stdout).not.toContain('Rolling back');
    }));

  test('what was left as it stands is gone on with once the cause is removed', () =>
    withTwin(async (cli) => {
      await protect(cli);
      cli.twin.guests.setFault('default', 'prod-vm-1', 'ignores-acpi');
      await cli.run('failover production-pg --yes --timeout 20 --no-rollback');
      cli.twin.guests.healFault('default', 'prod-vm-1', 'ignores-acpi');
      cli.pass(60);
      expect((await cli.run('get protectiongroups')).stderr).toContain('neither cluster1 nor cluster2 is told to run');
      expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
      expect(await statuses(cli)).toEqual(away);
    }));

  test('a group that is there already: nothing to do, exit 0', () =>
    withTwin(async (cli) => {
      await protect(cli);
      await cli.run('failover production-pg --yes');
      const { exit, stdout } = await cli.run('failover production-pg --yes');
      expect({ exit, stdout }).toEqual({
        exit: 0,
        stdout: '✓ production-pg runs on cluster2 already: nothing to do\n',
      });
      expect(operations(cli.twin)).toHaveLength(1);
    }));

  test('JSON: the operation on stdout, its progress on stderr', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const { exit, stdout, stderr } = await cli.run('failover production-pg --yes -o json');
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ target: 'cluster2', verdict: { kind: 'succeeded' } });
      expect(stderr).toContain('▶ Step 1: Stopping VMs on cluster1');
    }));
});

describe('an interrupted failover', () => {
  test('is left to the controllers without a person: exit 5, and a second call goes on with it', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const first = await cli.run('failover production-pg --yes', { interrupted: interruptAfter(cli.twin, 5) });
      expect(first.exit).toBe(5);
      expect(first.stderr).toContain('goes on without pgctl');
      for (const { api } of cli.twin.world.clusters.values()) {
        expect(api.list(resources.lease).map((lease) => lease.spec?.['holderIdentity'])).not.toContainEqual(
          expect.stringMatching(/^pgctl/),
        );
      }
      const second = await cli.run('failover production-pg --yes');
      expect(second.exit).toBe(0);
      expect(second.stdout).toMatch(/^▶ Continuing operation production-pg-\w+: production-pg to cluster2\n/);
      expect(second.stdout).toContain('✓ Failover completed successfully!\nAll VMs now running on cluster2');
      expect(operations(cli.twin)).toHaveLength(1);
      expect(await statuses(cli)).toEqual(away);
    }));

  test('is shown as going on, and the group not as healthy', () =>
    withTwin(async (cli) => {
      await protect(cli);
      await cli.run('failover production-pg --yes', { interrupted: interruptAfter(cli.twin, 5) });
      const { stdout, stderr } = await cli.run('get protectiongroups');
      expect(stdout).toMatch(/production-pg +Active +2 +Progressing/);
      expect(stderr).toMatch(/⚠ operation production-pg-\w+ moves it to cluster2\n/);
    }));

  test('is finished by the Failover Controller when nobody comes back', () =>
    withTwin(async (cli) => {
      await protect(cli);
      await cli.run('failover production-pg --yes', { interrupted: interruptAfter(cli.twin, 5) });
      cli.pass(200);
      expect(await statuses(cli)).toEqual(away);
      expect((await cli.run('describe protectiongroup production-pg')).stdout).toContain('Succeeded');
    }));

  test('excludes another operation, a sync and a deletion: exit 4', () =>
    withTwin(async (cli) => {
      await protect(cli);
      await cli.run('failover production-pg --yes', { interrupted: interruptAfter(cli.twin, 5) });
      for (const words of [
        'failback production-pg --yes',
        'sync protectiongroup production-pg',
        'delete protectiongroup production-pg --yes',
      ]) {
        const { exit, stderr } = await cli.run(words);
        expect(exit).toBe(4);
        expect(stderr).toContain('remedy:');
        expect(stderr).toContain('pgctl failover production-pg --to cluster2');
      }
    }));

  test('is cancelled when the person says so: the source runs again, exit 7', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const { exit, stdout } = await cli.run('failover production-pg --yes', {
        interrupted: interruptAfter(cli.twin, 5),
        terminal: true,
        input: ['y'],
      });
      expect(exit).toBe(7);
      expect(stdout).toContain('⚠ Failover cancelled');
      expect(await statuses(cli)).toEqual(atHome);
    }));

  test('after the first start on the target it is not asked to turn back', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const { exit, stderr } = await cli.run('failover production-pg --yes', {
        interrupted: interruptAfter(cli.twin, 20),
        terminal: true,
        input: ['y'],
      });
      expect(exit).toBe(5);
      expect(stderr).toContain('⚠ VMs may have started on cluster2: from here on it goes forward only');
      cli.pass(100);
      expect(await statuses(cli)).toEqual(away);
    }));
});
