import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type JsonObject, listAt, objectAt, textAt } from '../../src/model/json.ts';
import { type ResourceType, resources } from '../../src/model/kube.ts';
import { applyObjects, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import { runCli, withFolder } from './run-cli.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

const protect = ({ run }: TwinCli) => run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');

/** A VM on cluster1 like the others, changed before it is applied; with time to start. */
function addVirtualMachine(cli: TwinCli, name: string, change: (object: JsonObject) => JsonObject): void {
  applyObjects(cli.twin.world.cluster('cluster1').api, demoVirtualMachine(name, 'default').map(change));
  cli.pass(120);
}

const inSpec =
  (kind: string, change: JsonObject) =>
  (object: JsonObject): JsonObject =>
    object['kind'] === kind ? { ...object, spec: { ...(object['spec'] as JsonObject), ...change } } : object;

function patch(cli: TwinCli, site: string, resource: ResourceType, name: string, body: JsonObject): void {
  const place = resource.namespaced ? { namespace: 'default' } : {};
  const answer = cli.twin.world
    .cluster(site)
    .api.request({ verb: 'patch', patch: 'merge', resource, ...place, name, body });
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
}

function volumeOf(cli: TwinCli, claim: string): string {
  const object = cli.twin.world.cluster('cluster1').api.get(resources.persistentVolumeClaim, 'default', claim);
  return textAt(object, 'spec', 'volumeName') ?? '';
}

describe('what cannot be protected is refused with the thing, the reason and the remedy: exit 3', () => {
  test('a VM that does not exist', () =>
    withTwin(async ({ run }) => {
      const { exit, stdout, stderr } = await run('create protectiongroup production-pg --vm ghost');
      expect(exit).toBe(3);
      expect(stdout).toContain('  ✗ ghost does not exist on cluster1\n    reason: ');
      expect(stderr).toContain('error: Protection group production-pg was not created');
      expect((await run('get protectiongroups')).stderr).toBe('No protection groups found\n');
    }));

  test('a VM in another group', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const { exit, stdout } = await cli.run('create protectiongroup other --vm prod-vm-2');
      expect(exit).toBe(3);
      expect(stdout).toContain('✗ prod-vm-2 is in Protection Group production-pg as well');
    }));

  test('a PVC on a StorageClass with one copy', () =>
    withTwin(async (cli) => {
      addVirtualMachine(cli, 'single', inSpec('PersistentVolumeClaim', { storageClassName: 'linstor-single' }));
      const { exit, stdout } = await cli.run('create protectiongroup one --vm single');
      expect(exit).toBe(3);
      expect(stdout).toContain('✗ StorageClass linstor-single on cluster1 does not ask for two copies');
      expect(stdout).toMatch(/✗ pvc-\S+ has no diskful replica in cluster2/);
    }));

  test('a VM that does not run', () =>
    withTwin(async (cli) => {
      addVirtualMachine(cli, 'halted', inSpec('VirtualMachine', { running: false }));
      const { exit, stdout } = await cli.run('create protectiongroup one --vm halted');
      expect(exit).toBe(3);
      expect(stdout).toContain('✗ halted is stopped on cluster1, not running');
    }));

  test('the CRD is missing on the DR cluster', () =>
    withTwin(async (cli) => {
      const name = 'protectiongroups.siterecovery.trilio.io';
      cli.twin.world
        .cluster('cluster2')
        .api.request({ verb: 'delete', resource: resources.customResourceDefinition, name });
      cli.pass(5);
      const { exit, stderr } = await cli.run('create protectiongroup one --vm prod-vm-1');
      expect(exit).toBe(3);
      expect(stderr).toContain('error: cluster2 does not know protection groups\n');
      expect(stderr).toMatch(
        /remedy: kubectl --kubeconfig \S+\/cluster2\.kubeconfig apply -f protection-group-crd\.yaml/,
      );
    }));
});

describe('what is unusual and can be protected', () => {
  test.each(['Always', 'RerunOnFailure'])('a VM with runStrategy %s: moved, and its strategy with it', (runStrategy) =>
    withTwin(async (cli) => {
      const { running: _running, ...rest } = { running: undefined, runStrategy };
      addVirtualMachine(cli, 'strategic', (object) => {
        const { running: _dropped, ...spec } = object['spec'] as JsonObject;
        return object['kind'] === 'VirtualMachine' ? { ...object, spec: { ...spec, ...rest } } : object;
      });
      expect((await cli.run('create protectiongroup one --vm strategic')).exit).toBe(0);
      expect((await cli.run('failover one --yes')).exit).toBe(0);
      const spec = (site: string) =>
        cli.twin.world.cluster(site).api.get(resources.virtualMachine, 'default', 'strategic')?.spec;
      expect(spec('cluster2')?.['runStrategy']).toBe(runStrategy);
      expect(spec('cluster1')?.['runStrategy']).toBe('Halted');
    }),
  );

  test('a namespace that the DR cluster does not have, and a VM with a Secret: both are copied, and it moves', () =>
    withTwin(async (cli) => {
      const { api } = cli.twin.world.cluster('cluster1');
      const userData = { name: 'cloud-init', cloudInitNoCloud: { secretRef: { name: 'user-data' } } };
      const withSecret = (object: JsonObject): JsonObject => {
        const spec = objectAt(object, 'spec', 'template', 'spec');
        if (object['kind'] !== 'VirtualMachine') return object;
        const template = { spec: { ...spec, volumes: [...listAt(spec, 'volumes'), userData] } };
        return { ...object, spec: { ...objectAt(object, 'spec'), template } };
      };
      applyObjects(api, [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } },
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'user-data', namespace: 'payments' },
          data: { userdata: 'eA==' },
        },
        ...demoVirtualMachine('ledger', 'payments').map(withSecret),
      ]);
      cli.pass(120);
      const { exit, stdout } = await cli.run('create protectiongroup ledgers --vm ledger -n payments');
      expect(exit).toBe(0);
      expect(stdout).toContain('✓ Namespace payments created on cluster2\n✓ Secret user-data created on cluster2\n');
      expect((await cli.run('failover ledgers -n payments --yes')).exit).toBe(0);
      const vmi = cli.twin.world.cluster('cluster2').api.get(resources.virtualMachineInstance, 'payments', 'ledger');
      expect(vmi?.status?.['phase']).toBe('Running');
    }));

  test('a volume with reclaim policy Delete: create sets Retain before anything is copied', () =>
    withTwin(async (cli) => {
      const volume = volumeOf(cli, 'prod-vm-1-disk');
      patch(cli, 'cluster1', resources.persistentVolume, volume, { spec: { persistentVolumeReclaimPolicy: 'Delete' } });
      const { exit, stdout } = await protect(cli);
      expect(exit).toBe(0);
      expect(stdout).toContain(
        `✓ PV ${volume} set to reclaim policy Retain on cluster1 (reclaim policy was Delete)\n✓ PV ${volume} created on cluster2\n`,
      );
      const copy = cli.twin.world.cluster('cluster2').api.get(resources.persistentVolume, '', volume);
      expect(copy?.spec?.['persistentVolumeReclaimPolicy']).toBe('Retain');
    }));

  test('a volume that was set to Delete later: validation says so, with the command that sets it back', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const volume = volumeOf(cli, 'prod-vm-1-disk');
      patch(cli, 'cluster1', resources.persistentVolume, volume, { spec: { persistentVolumeReclaimPolicy: 'Delete' } });
      const { exit, stdout } = await cli.run('validate protectiongroup production-pg');
      expect(exit).toBe(3);
      expect(stdout).toContain(`✗ the reclaim policy of PV ${volume} on cluster1 is Delete`);
      expect(stdout).toMatch(/remedy: kubectl --kubeconfig \S+\/cluster1\.kubeconfig patch persistentvolumes/);
    }));

  test('a VM added to the group: sync copies it and makes both sites list it', () =>
    withTwin(async (cli) => {
      await protect(cli);
      addVirtualMachine(cli, 'prod-vm-3', (object) => object);
      const members = ['prod-vm-1', 'prod-vm-2', 'prod-vm-3'].map((name) => ({ name }));
      patch(cli, 'cluster1', resources.protectionGroup, 'production-pg', { spec: { virtualMachines: members } });
      expect((await cli.run('validate protectiongroup production-pg')).exit).toBe(3);
      const { exit, stdout } = await cli.run('sync protectiongroup production-pg');
      expect(exit).toBe(0);
      expect(stdout).toContain('✓ VM prod-vm-3 created on cluster2');
      expect(stdout).toContain('✓ ProtectionGroup production-pg updated on cluster2 (spec.virtualMachines)');
      cli.pass(30);
      expect((await cli.run('validate protectiongroup production-pg')).exit).toBe(0);
    }));
});

describe('commands on a group', () => {
  test('an unknown group is named by each of them, exit 1', () =>
    withTwin(async ({ run }) => {
      const rest = 'protectiongroup ghost';
      const group = [`get ${rest}`, `describe ${rest}`, `validate ${rest}`, `sync ${rest}`, `delete ${rest} --yes`];
      for (const words of [...group, 'failover ghost --yes', 'failover ghost --dry-run', 'failback ghost --yes']) {
        const { exit, stderr } = await run(words);
        expect({ words, exit }).toEqual({ words, exit: 1 });
        expect(stderr).toMatch(/^error: Protection group ghost was not found in namespace default/);
        expect(stderr).toContain('remedy: List the groups: pgctl get protectiongroups -n default');
      }
    }));

  test.each([
    ['get protectiongroup Bad_Name', 'Expected the name of the protection group'],
    ['get protectiongroup --all-clusters', '--all-clusters needs the NAME'],
    ['get protectiongroups -n Bad', 'Expected --namespace to be the name of a namespace, got "Bad"'],
    ['create protectiongroup one', "required option '--vm <NAME>' not specified"],
    ['create protectiongroup one --vm a --vm a', '--vm a is given twice'],
    ['create protectiongroup one --vm A', 'Expected the name of the VM'],
    [`create protectiongroup ${'x'.repeat(53)} --vm a`, '52 at most'],
    ['failover one --to nowhere', 'nowhere is no cluster that a group can move to'],
    ['failover one --timeout soon', 'Expected --timeout to be a whole number from 1 to 86400, got "soon"'],
    ['failover one --timeout 0', 'Expected --timeout to be a whole number from 1 to 86400, got "0"'],
    ['failover', 'NAME is missing'],
    ['sync vm Bad_Name', 'Expected the name of the VM'],
  ])('%s: a usage error, exit 2', (words, message) =>
    withFolder(async (folder) => {
      await writeFile(join(folder, 'config'), 'PRIMARY_CLUSTER=cluster1\nDR_CLUSTER=cluster2\n');
      const { exit, stdout, stderr } = await runCli(words.split(' '), { folder });
      expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
      expect(stderr).toContain(message);
    }),
  );

  test('delete keeps every VM, claim and volume on both clusters, and the VMs run on', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const kept = () =>
        ['cluster1', 'cluster2'].map((site) =>
          [resources.virtualMachine, resources.persistentVolumeClaim, resources.persistentVolume].map((type) =>
            cli.twin.world
              .cluster(site)
              .api.list(type)
              .map((object) => object.metadata.uid),
          ),
        );
      const before = kept();
      expect((await cli.run('delete protectiongroup production-pg')).exit).toBe(7);
      expect((await cli.run('delete protectiongroup production-pg', { input: ['y'] })).exit).toBe(0);
      cli.pass(120);
      expect(kept()).toEqual(before);
      const vmi = cli.twin.world.cluster('cluster1').api.get(resources.virtualMachineInstance, 'default', 'prod-vm-1');
      expect(vmi?.status?.['phase']).toBe('Running');
    }));

  test('a VM that runs on both clusters is shown as a split brain', () =>
    withTwin(async (cli) => {
      await protect(cli);
      const site = cli.twin.world.cluster('cluster2').api;
      const vm = site.get(resources.virtualMachine, 'default', 'prod-vm-1');
      // The instance is put there by hand: DRBD and the controllers would keep it from running.
      site.request({
        verb: 'create',
        resource: resources.virtualMachineInstance,
        namespace: 'default',
        body: {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstance',
          metadata: { name: 'prod-vm-1', namespace: 'default' },
          spec: objectAt(vm, 'spec', 'template', 'spec'),
        },
      });
      site.request({
        verb: 'patch',
        patch: 'merge',
        resource: resources.virtualMachineInstance,
        namespace: 'default',
        name: 'prod-vm-1',
        subresource: 'status',
        body: { status: { phase: 'Running' } },
      });
      const { stdout } = await cli.run('get protectiongroup production-pg --all-clusters');
      expect(stdout).toMatch(/production-pg +Active +2 +SplitBrain/);
      expect(stdout).toContain('⚠ SPLIT BRAIN: VMs of production-pg run on cluster1 and cluster2 at the same time');
    }));
});
