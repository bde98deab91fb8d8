import { describe, expect, test } from 'vitest';
import { listAt, textAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

function withGroup(use: (cli: TwinCli) => Promise<void>): Promise<void> {
  return withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
    cli.pass(60);
    await use(cli);
  });
}

/** The two nodes with a copy of a volume, the one that has it open first. */
function nodesOf({ twin: { kernel } }: TwinCli, volume: string): readonly [string, string] {
  const copies = [...(kernel.resource(volume)?.replicas.values() ?? [])].filter(({ kind }) => kind === 'diskful');
  const [first, second] = copies.toSorted((a) => (a.role === 'Primary' ? -1 : 1));
  return [first!.node, second!.node];
}

/** A write is under way when quorum is lost, and the Primary is demoted by force: both are UpToDate, and not the same. */
function divergeSilently(cli: TwinCli): string {
  const { kernel } = cli.twin;
  const [volume = ''] = kernel.resourceNames();
  const [node, peer] = nodesOf(cli, volume);
  kernel.setOptions(volume, { quorum: 'majority' });
  kernel.setLink(node, peer, false);
  expect(kernel.write(volume, node, [...kernel.replica(volume, node)!.openers.keys()][0] ?? '').kind).not.toBe('error');
  cli.pass(20);
  kernel.demote(volume, node, { force: true });
  kernel.setLink(node, peer, true);
  cli.pass(60);
  expect(kernel.missingCount(volume, peer)).toBeGreaterThan(0);
  return volume;
}

function records({ twin }: TwinCli, site: string): readonly KubeObject[] {
  const { body } = twin.world.cluster(site).api.request({ verb: 'list', resource: resources.recovery });
  return listAt(body, 'items') as unknown as readonly KubeObject[];
}

describe('pgctl verify protectiongroup', () => {
  test('compares every volume while its VM runs, and keeps the result', () =>
    withGroup(async (cli) => {
      const run = await cli.run('verify protectiongroup production-pg');
      expect(run).toMatchObject({ exit: 0, stderr: '' });
      expect(
        run.stdout.match(/ {2}✓ pvc-\S+ on c1-node-\d and c2-node-\d: Equal \(the volume is in use/g),
      ).toHaveLength(2);
      expect(run.stdout).toMatch(/\n✓ Every copy of production-pg is the same\n$/);
      const [record] = records(cli, 'cluster1');
      expect(textAt(record, 'status', 'phase')).toBe('Succeeded');
      expect(listAt(record, 'status', 'volumes').map((volume) => textAt(volume, 'result'))).toEqual(['Equal', 'Equal']);
    }));

  test('finds what DRBD takes for the same, and names the command that repairs it', () =>
    withGroup(async (cli) => {
      const volume = divergeSilently(cli);
      const run = await cli.run('verify protectiongroup production-pg');
      expect(run.exit).toBe(8);
      expect(run.stdout).toMatch(new RegExp(`✗ ${volume} on \\S+ and \\S+: Different by [1-9]\\d* KiB`));
      const [record] = records(cli, 'cluster1');
      expect(textAt(record, 'status', 'phase')).toBe('NeedsAttention');

      const shown = /pgctl (verify protectiongroup production-pg --repair cluster2)$/;
      const words = shown.exec(textAt(record, 'status', 'nextCommand') ?? '')?.[1] ?? '';
      expect(await cli.run(words, { input: ['production-pg'] })).toMatchObject({ exit: 0 });
      expect(await cli.run('verify protectiongroup production-pg')).toMatchObject({ exit: 0 });
    }));

  test('has no result for copies whose connection is lost meanwhile', () =>
    withGroup(async (cli) => {
      const { kernel } = cli.twin;
      const [volume = ''] = kernel.resourceNames();
      const [node, peer] = nodesOf(cli, volume);
      kernel.setOptions(volume, { 'c-max-rate': 100 });
      kernel.onChange(() => {
        if (kernel.replica(volume, node)?.peers.get(peer)?.replication !== 'VerifyS') return;
        kernel.setLink(node, peer, false, { silent: false });
      });
      const run = await cli.run('verify protectiongroup production-pg');
      expect(run.exit).toBe(1);
      expect(run.stdout).toMatch(new RegExp(`⚠ ${volume} .*: Unknown \\(the connection was lost meanwhile`));
      expect(textAt(records(cli, 'cluster1')[0], 'status', 'phase')).toBe('Failed');
    }));

  test('is left to the controllers when it is interrupted, and goes on with the same command', () =>
    withGroup(async (cli) => {
      const { kernel, world } = cli.twin;
      for (const volume of kernel.resourceNames()) kernel.setOptions(volume, { 'c-max-rate': 100_000 });
      const interruption = new AbortController();
      world.route('interruption', () => interruption.abort());
      world.schedule(3000, 'interruption.now', 'ctrl-c');
      const run = await cli.run('verify protectiongroup production-pg', { interrupted: interruption.signal });
      expect(run.exit).toBe(5);
      expect(run.stderr).toMatch(/⚠ Operation production-pg-\S+ goes on without pgctl/);
      expect(textAt(records(cli, 'cluster1')[0], 'status', 'phase')).toBe('Running');

      const again = await cli.run('verify protectiongroup production-pg');
      expect(again).toMatchObject({ exit: 0 });
      expect(again.stdout).toMatch(/^▶ Continuing operation production-pg-/);
      expect(records(cli, 'cluster1').map((each) => textAt(each, 'status', 'phase'))).toEqual(['Succeeded']);
    }));

  test('repairs what it finds, once the name of the group is typed', () =>
    withGroup(async (cli) => {
      const volume = divergeSilently(cli);
      const victim = nodesOf(cli, volume).find((node) => node.startsWith('c2')) ?? '';
      const words = 'verify protectiongroup production-pg --repair cluster2';
      expect((await cli.run(words, { input: ['yes'] })).exit).toBe(7);
      expect(records(cli, 'cluster1')).toEqual([]);

      const run = await cli.run(words, { input: ['production-pg'] });
      expect(run.exit).toBe(0);
      expect(run.stdout).toMatch(new RegExp(`✓ ${volume} on \\S+ and \\S+: Repaired`));
      expect(cli.twin.kernel.missingCount(volume, victim)).toBe(0);
      const [record] = records(cli, 'cluster1');
      expect(textAt(record, 'spec', 'repair')).toBe('cluster2');
      expect(textAt(listAt(record, 'spec', 'consents')[0], 'statement')).toMatch(/what only cluster2 holds/);
    }));

  test('is given up by pgctl cancel, and a failover goes then', () =>
    withGroup(async (cli) => {
      const { kernel, world } = cli.twin;
      for (const volume of kernel.resourceNames()) kernel.setOptions(volume, { 'c-max-rate': 100_000 });
      const interruption = new AbortController();
      world.route('interruption', () => interruption.abort());
      world.schedule(3000, 'interruption.now', 'ctrl-c');
      await cli.run('verify protectiongroup production-pg', { interrupted: interruption.signal });
      const cancelled = await cli.run('cancel production-pg');
      expect(cancelled.exit).toBe(7);
      expect(cancelled.stdout).toMatch(/^▶ Cancelling operation production-pg-\S+: Verify of production-pg\n/);
      expect(textAt(records(cli, 'cluster1')[0], 'status', 'phase')).toBe('Cancelled');
      expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
    }));

  test('gives way to a failover that is ordered while it goes on', () =>
    withGroup(async (cli) => {
      const { kernel, world } = cli.twin;
      for (const volume of kernel.resourceNames()) kernel.setOptions(volume, { 'c-max-rate': 100_000 });
      const interruption = new AbortController();
      world.route('interruption', () => interruption.abort());
      world.schedule(3000, 'interruption.now', 'ctrl-c');
      await cli.run('verify protectiongroup production-pg', { interrupted: interruption.signal });
      cli.pass(30);
      expect(textAt(records(cli, 'cluster1')[0], 'status', 'holder')).toMatch(/^failover-controller\/cluster1\//);
      expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
      expect(textAt(records(cli, 'cluster1')[0], 'status', 'phase')).toBe('Cancelled');
    }));

  test('compares all groups one after the other, with the gravest exit of all', () =>
    withTwin(async (cli) => {
      for (const name of ['prod-vm-1', 'prod-vm-2']) await cli.run(`create protectiongroup ${name}-pg --vm ${name}`);
      cli.pass(60);
      expect((await cli.run('verify protectiongroup')).exit).toBe(2);
      const whole = await cli.run('verify protectiongroup --all');
      expect(whole.exit).toBe(0);
      expect(whole.stdout).toMatch(/✓ Every copy of prod-vm-1-pg is the same\n[^✓]*.*\n✓ Every copy of prod-vm-2-pg/);
      divergeSilently(cli);
      const { exit, stdout } = await cli.run('verify protectiongroup --all -o json');
      expect(exit).toBe(8);
      const { groups } = JSON.parse(stdout) as { groups: { group: string; verdict: { kind: string } }[] };
      expect(groups.map(({ verdict }) => verdict.kind).toSorted()).toEqual(['needsAttention', 'succeeded']);
    }));
});
