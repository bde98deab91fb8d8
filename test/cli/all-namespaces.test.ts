import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resources } from '../../src/model/kube.ts';
import { applyObjects, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** Protects a VM of namespace `shop` in a group of the name that `default` has one of as well. */
async function twoNamespaces(cli: TwinCli): Promise<void> {
  const { api } = cli.twin.world.cluster('cluster1');
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  applyObjects(api, [namespace, ...demoVirtualMachine('shop-vm-1', 'shop')]);
  cli.pass(60);
  await cli.run('create protectiongroup db-pg --vm prod-vm-1');
  await cli.run('create protectiongroup web-pg --vm prod-vm-2');
  const { exit, stderr } = await cli.run('create protectiongroup db-pg --vm shop-vm-1 -n shop');
  expect(exit, stderr).toBe(0);
  cli.pass(60);
}

/** Groups that a site is ordered to run, as `shop/db-pg`. */
const runOn = ({ twin }: TwinCli, site: string): readonly string[] =>
  twin.world
    .cluster(site)
    .api.list(resources.protectionGroup)
    .filter(({ spec }) => spec?.['desiredState'] === 'running')
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .toSorted();

/** The cells of a table, from the row that begins with the first heading on. */
function table(text: string, heading: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const rows = lines.slice(lines.findIndex((line) => line.startsWith(heading)));
  const end = rows.findIndex((line) => !/ {2}/.test(line));
  return rows.slice(0, end < 0 ? undefined : end).map((line) => line.trim().split(/ {2,}/));
}

describe('--all-namespaces', () => {
  test('get shows the groups of every namespace, the namespace first, each by its own VMs', () =>
    withTwin(async (cli) => {
      await twoNamespaces(cli);
      const { exit, stdout } = await cli.run('get protectiongroups -A');
      expect(exit).toBe(0);
      expect(table(stdout, 'NAMESPACE')).toEqual([
        ['NAMESPACE', 'NAME', 'STATE', 'VMS', 'HEALTH', 'RUNNING ON'],
        ['default', 'db-pg', 'Active', '1', 'Healthy', 'cluster1'],
        ['default', 'web-pg', 'Active', '1', 'Healthy', 'cluster1'],
        ['shop', 'db-pg', 'Active', '1', 'Healthy', 'cluster1'],
      ]);
      const wide = table((await cli.run('get pg --all-namespaces -o wide')).stdout, 'NAMESPACE');
      expect(wide[0]?.filter((cell) => cell === 'NAMESPACE')).toHaveLength(1);
      expect(wide.map(([namespace, name]) => `${namespace}/${name}`)).toContain('shop/db-pg');
      const { items } = JSON.parse((await cli.run('get pg -A -o json')).stdout);
      const vms = (item: { sites: { virtualMachines: { name: string }[] }[] }): unknown =>
        item.sites.map((site) => site.virtualMachines.map(({ name }) => name));
      expect(items.map(vms)).toEqual([
        [['prod-vm-1'], ['prod-vm-1']],
        [['prod-vm-2'], ['prod-vm-2']],
        [['shop-vm-1'], ['shop-vm-1']],
      ]);
      expect(items.map(({ health }: { health: string }) => health)).toEqual(['Healthy', 'Healthy', 'Healthy']);
    }));

  test('failover --all moves the groups of every namespace after one question, and history tells of all', () =>
    withTwin(async (cli) => {
      await twoNamespaces(cli);
      const { exit, stdout } = await cli.run('failover --all -A', { input: ['y'] });
      expect(exit).toBe(0);
      expect(stdout).toContain(
        'Wave 0:\n  default/db-pg (1 VM running)\n  default/web-pg (1 VM running)\n  shop/db-pg',
      );
      expect(stdout).toContain('✓ shop/db-pg: shop-vm-1 stopped\n');
      expect(table(stdout, 'NAMESPACE')).toEqual([
        ['NAMESPACE', 'NAME', 'WAVE', 'RESULT', 'REASON'],
        ['default', 'db-pg', '0', 'Moved'],
        ['default', 'web-pg', '0', 'Moved'],
        ['shop', 'db-pg', '0', 'Moved'],
      ]);
      expect(runOn(cli, 'cluster2')).toEqual(['default/db-pg', 'default/web-pg', 'shop/db-pg']);
      const history = table((await cli.run('history -A')).stdout, 'NAMESPACE');
      expect(
        history
          .slice(1)
          .map(([namespace, , group]) => `${namespace}/${group}`)
          .toSorted(),
      ).toEqual(['default/db-pg', 'default/web-pg', 'shop/db-pg']);
      const again = JSON.parse((await cli.run('failover --all -A --yes -o json')).stdout);
      expect(again).not.toHaveProperty('namespace');
      expect(again.groups).toMatchObject([
        { namespace: 'default', protectionGroup: 'db-pg', result: 'alreadyThere' },
        { namespace: 'default', protectionGroup: 'web-pg', result: 'alreadyThere' },
        { namespace: 'shop', protectionGroup: 'db-pg', result: 'alreadyThere' },
      ]);
    }));

  test('failover without the source: each form is for a group of its own namespace', () =>
    withTwin(async (cli) => {
      await twoNamespaces(cli);
      const { stdout } = await cli.run('failover --all -A --unplanned --dry-run -o yaml');
      expect(parse(stdout).items).toMatchObject([
        { protectionGroup: 'db-pg', namespace: 'default' },
        { protectionGroup: 'web-pg', namespace: 'default' },
        { protectionGroup: 'db-pg', namespace: 'shop' },
      ]);
    }));

  test.each(['validate', 'verify'])('%s --all takes every group, of a namespace or of all', (verb) =>
    withTwin(async (cli) => {
      await twoNamespaces(cli);
      const all = JSON.parse((await cli.run(`${verb} protectiongroup --all -A -o json`)).stdout);
      expect(all.groups.map(({ namespace }: { namespace: string }) => namespace)).toEqual([
        'default',
        'default',
        'shop',
      ]);
      const own = JSON.parse((await cli.run(`${verb} protectiongroup --all -n shop -o json`)).stdout);
      expect(own).toMatchObject({ namespace: 'shop', groups: [{ namespace: 'shop' }] });
    }),
  );

  test('validate --all names each group, and what keeps one from being ready makes the exit of the whole', () =>
    withTwin(async (cli) => {
      await twoNamespaces(cli);
      const { api } = cli.twin.world.cluster('cluster2');
      api.request({ verb: 'delete', resource: resources.virtualMachine, namespace: 'shop', name: 'shop-vm-1' });
      cli.pass(60);
      const { exit, stdout } = await cli.run('validate protectiongroup --all -A');
      expect(exit).toBe(3);
      const told = stdout.split('\n').filter((line) => /^(▶|OVERALL)/.test(line));
      expect(told).toEqual([
        '▶ Validating Protection Group: default/db-pg',
        'OVERALL: ✓ Configuration valid, ready for failover',
        '▶ Validating Protection Group: default/web-pg',
        'OVERALL: ✓ Configuration valid, ready for failover',
        '▶ Validating Protection Group: shop/db-pg',
        expect.stringContaining('OVERALL: ✗ Not ready for failover'),
      ]);
    }));

  test.each(['get protectiongroup', 'history', 'failover', 'validate protectiongroup', 'verify protectiongroup'])(
    '%s of one group by its name has one namespace: exit 2',
    (command) =>
      withTwin(async (cli) => {
        const { exit, stderr } = await cli.run(`${command} db-pg -A`);
        expect(exit).toBe(2);
        expect(stderr).toContain('NAME and --all-namespaces exclude one another');
      }),
  );

  test('no cluster that answers is no empty list: nothing was compared', () =>
    withTwin(async (cli) => {
      for (const site of ['cluster1', 'cluster2']) cli.twin.world.network.startOutage(site, 'refuse');
      const { exit, stderr } = await cli.run('verify protectiongroup --all');
      expect(exit).not.toBe(0);
      expect(stderr).toContain('No cluster told which protection groups there are');
    }));
});
