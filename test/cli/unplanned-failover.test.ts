import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { listAt, textAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import type { FaultOrder } from '../../src/twin/faults/fault.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { withFolder } from './run-cli.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

const order = 'failover production-pg --unplanned';

/** A protected group, and something that has been broken for a minute. */
async function after(cli: TwinCli, fault: FaultOrder, quorum: 'off' | 'majority' = 'off'): Promise<void> {
  await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
  for (const volume of cli.twin.kernel.resourceNames()) cli.twin.kernel.setOptions(volume, { quorum });
  new FaultBoard(cli.twin, drillFaultKinds).inject(fault, cli.twin.world.wall());
  cli.pass(60);
}

const operations = ({ twin }: TwinCli): readonly KubeObject[] =>
  twin.world.cluster('cluster2').api.list(resources.failover);

const consentsOf = (operation: KubeObject | undefined): readonly (string | undefined)[] =>
  listAt(operation, 'spec', 'consents').map((consent) => textAt(consent, 'kind'));

const siteLoss: FaultOrder = { kind: 'site-loss', site: 'cluster1' };

describe('an unplanned failover', () => {
  test('is what a planned one that cannot reach its source points to', () =>
    withTwin(async (cli) => {
      await after(cli, siteLoss);
      const { exit, stderr } = await cli.run('failover production-pg --yes');
      expect(exit).toBe(3);
      expect(stderr).toContain('pgctl failover production-pg --to cluster2 --unplanned --dry-run');
    }));

  test('says what is not known, and starts the VMs when a person types the name of the group', () =>
    withTwin(async (cli) => {
      await after(cli, siteLoss);
      const { exit, stdout } = await cli.run(order, { input: ['production-pg'] });
      expect(stdout).toContain('⚠ UNPLANNED FAILOVER');
      expect(stdout).toContain('Source: cluster1 (does not answer)');
      expect(stdout).toContain('⚠ UnverifiedSource: It cannot be proven that production-pg stands still on cluster1.');
      expect(stdout).toContain('✓ prod-vm-2 running');
      expect(stdout).toContain('✓ Failover completed successfully!');
      expect(exit).toBe(0);
      expect(consentsOf(operations(cli)[0])).toEqual(['UnverifiedSource']);
    }));

  test('of a group that runs on the target has nothing to do, and asks for nothing', () =>
    withTwin(async (cli) => {
      await after(cli, siteLoss);
      expect((await cli.run(order, { input: ['production-pg'] })).exit).toBe(0);
      const again = await cli.run(order, { input: [] });
      expect(again.exit).toBe(0);
      expect(again.stdout).toBe('✓ production-pg runs on cluster2 already: nothing to do\n');
      expect(operations(cli)).toHaveLength(1);
    }));

  test('warns where no node of the target takes a VM, which forbids no rescue', () =>
    withTwin(async (cli) => {
      await after(cli, siteLoss);
      const { api } = cli.twin.world.cluster('cluster2');
      for (const { metadata } of api.list(resources.node)) {
        const place = { resource: resources.node, name: metadata.name };
        api.request({ verb: 'patch', patch: 'merge', body: { spec: { unschedulable: true } }, ...place });
      }
      const { exit, stdout } = await cli.run(`${order} --dry-run`);
      expect(stdout).toContain('  ⚠ no node of cluster2 takes prod-vm-1\n    reason: node(s) were unschedulable\n');
      expect(exit).toBe(0);
    }));

  test('asks once more before DRBD is forced', () =>
    withTwin(async (cli) => {
      await after(cli, siteLoss, 'majority');
      const once = await cli.run(order, { input: ['production-pg', 'no'] });
      expect(once.exit).toBe(7);
      expect(operations(cli)).toEqual([]);
      const { exit, stdout } = await cli.run(order, { input: ['production-pg', 'production-pg'] });
      expect(stdout).toContain('Type it once more to override DRBD (ForceQuorum): ');
      expect(stdout).toContain('▶ Forcing DRBD on cluster2\n✓ Volumes can be promoted');
      expect(exit).toBe(0);
      expect(consentsOf(operations(cli)[0])).toEqual(['UnverifiedSource', 'ForceQuorum']);
    }));

  test('does nothing for another word, or for none', () =>
    withTwin(async (cli) => {
      await after(cli, siteLoss);
      for (const input of [[], ['y'], ['yes'], ['other-pg']]) {
        expect((await cli.run(order, { input })).exit).toBe(7);
      }
      expect((await cli.run(`${order} --yes`)).exit).toBe(2);
      expect(operations(cli)).toEqual([]);
    }));

  test('is refused while the source is seen to work with the volumes', () =>
    withTwin(async (cli) => {
      await after(cli, { kind: 'api-outage', site: 'cluster1', how: 'hang' });
      const { exit, stderr } = await cli.run(order, { input: ['production-pg'] });
      expect(exit).toBe(3);
      expect(stderr).toContain('is Primary');
      expect(stderr).toContain('cut the power of its nodes first');
      expect(operations(cli)).toEqual([]);
    }));

  test('takes a form that was filled in, for what it was written for only', () =>
    withFolder((folder) =>
      withTwin(async (cli) => {
        await after(cli, siteLoss, 'majority');
        const file = join(folder, 'consent.yaml');
        const form = parse((await cli.run(`${order} --dry-run -o yaml`)).stdout) as {
          consents: Record<string, string>[];
        };
        const given = form.consents.map((consent) => ({ ...consent, accepted: 'production-pg' }));
        const filledIn = { ...form, consents: given, givenBy: 'the person on duty' };
        const attempt = async (document: unknown): Promise<number> => {
          await writeFile(file, typeof document === 'string' ? document : stringify(document));
          return (await cli.run(`${order} --consent ${file}`)).exit;
        };
        expect(await attempt(form)).toBe(2);
        expect(await attempt({ ...filledIn, evidence: 'another' })).toBe(2);
        expect(await attempt({ ...filledIn, protectionGroup: 'other-pg' })).toBe(2);
        expect(await attempt({ ...filledIn, extra: true })).toBe(2);
        expect(await attempt({ ...filledIn, consents: given.slice(0, 1) })).toBe(3);
        expect(await attempt('{')).toBe(2);
        expect(operations(cli)).toEqual([]);
        expect(await attempt(filledIn)).toBe(0);
        expect(listAt(operations(cli)[0], 'spec', 'consents').map((each) => textAt(each, 'givenBy'))).toEqual([
          'the person on duty',
          'the person on duty',
        ]);
        // Used once: the group carries the epoch of the operation now, also where it is stopped again by hand.
        const place = { resource: resources.protectionGroup, namespace: 'default', name: 'production-pg' };
        const body = { spec: { desiredState: 'stopped' } };
        cli.twin.world.cluster('cluster2').api.request({ verb: 'patch', patch: 'merge', body, ...place });
        cli.pass(120);
        expect(await attempt(filledIn)).toBe(2);
        expect(operations(cli)).toHaveLength(1);
      }),
    ));
});
