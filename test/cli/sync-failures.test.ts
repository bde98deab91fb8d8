import { describe, expect, test } from 'vitest';
import { type ResourceType, resources } from '../../src/model/kube.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

const create = 'create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2';

/** Refuses creations of a type on cluster2 until it is told otherwise. */
function refuseCreation({ twin }: TwinCli, resource: ResourceType): { allow(): void } {
  let isRefusing = true;
  twin.world.cluster('cluster2').api.addAdmission({
    name: 'quota.example.com',
    resources: [resource],
    validate: ({ operation }) =>
      isRefusing && operation === 'CREATE'
        ? { message: 'no more of these here', code: 403, reason: 'Forbidden' }
        : undefined,
  });
  return {
    allow: () => {
      isRefusing = false;
    },
  };
}

const objectsOn = ({ twin }: TwinCli, site: string, type: ResourceType): number =>
  twin.world.cluster(site).api.list(type).length;

describe('a sync that fails half-way', () => {
  test('a PV that cannot be created is an error that names it; nothing that needs it is created', () =>
    withTwin(async (cli) => {
      const refusal = refuseCreation(cli, resources.persistentVolume);
      const { exit, stdout, stderr } = await cli.run(create);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^error: PV pvc-\S+ was not synced to cluster2\nreason: .*no more of these here/);
      expect(stderr).toMatch(
        /not done after it: PVC prod-vm-1-disk, VM prod-vm-1, PV pvc-\S+, PVC prod-vm-2-disk, VM prod-vm-2/,
      );
      expect(stderr).toContain('remedy: Remove the cause and run the same command again');
      expect(stdout).not.toContain('created on cluster2');
      for (const type of [resources.persistentVolumeClaim, resources.virtualMachine, resources.protectionGroup]) {
        expect(objectsOn(cli, 'cluster2', type)).toBe(0);
      }
      expect(objectsOn(cli, 'cluster1', resources.protectionGroup)).toBe(0);

      refusal.allow();
      expect((await cli.run(create)).exit).toBe(0);
      expect((await cli.run('validate protectiongroup production-pg')).exit).toBe(0);
    }));

  test('a group that cannot be created on the DR cluster is not created on the primary one', () =>
    withTwin(async (cli) => {
      const refusal = refuseCreation(cli, resources.protectionGroup);
      const { exit, stderr } = await cli.run(create);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/^error: Protection group production-pg was not created on cluster2\n/);
      expect(objectsOn(cli, 'cluster1', resources.protectionGroup)).toBe(0);
      refusal.allow();
      const again = await cli.run(create);
      expect(again.exit).toBe(0);
      expect(again.stdout).toMatch(/✓ PV pvc-\S+ up to date on cluster2/);
    }));

  test('a DR cluster that does not answer: refused before anything is written', () =>
    withTwin(async (cli) => {
      cli.twin.world.network.startOutage('cluster2', 'hang');
      const before = cli.twin.world.cluster('cluster1').api.list(resources.persistentVolume);
      const { exit, stderr } = await cli.run(create);
      expect(exit).toBe(1);
      expect(stderr).toContain('error: Whether cluster2 has the group already cannot be told');
      expect(stderr).toContain('no answer within 5 s');
      expect(cli.twin.world.cluster('cluster1').api.list(resources.persistentVolume)).toEqual(before);
    }));

  test('a VM whose name another object has on the DR cluster is refused, and that object is left alone', () =>
    withTwin(async (cli) => {
      const { api } = cli.twin.world.cluster('cluster2');
      const stranger = {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachine',
        metadata: { name: 'prod-vm-1', namespace: 'default' },
        spec: { running: false, template: { spec: { domain: { devices: {} } } } },
      };
      api.request({ verb: 'create', resource: resources.virtualMachine, namespace: 'default', body: stranger });
      const before = api.get(resources.virtualMachine, 'default', 'prod-vm-1');
      const { exit, stderr } = await cli.run('sync vm prod-vm-1');
      expect(exit).toBe(3);
      expect(stderr).toContain('VirtualMachine prod-vm-1 on cluster2 is another object of that name');
      expect(api.get(resources.virtualMachine, 'default', 'prod-vm-1')).toEqual(before);
      expect(objectsOn(cli, 'cluster2', resources.persistentVolume)).toBe(0);
    }));
});
