import { expect, test } from 'vitest';
import { resources } from '../../src/model/kube.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** Protects the VMs, begins a failover and leaves it after so many seconds, as Ctrl-C does. */
async function leaveAfter({ run, twin: { world } }: TwinCli, seconds: number): Promise<void> {
  await run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
  const interruption = new AbortController();
  world.route('interruption', () => interruption.abort());
  world.schedule(seconds * 1000, 'interruption.now', 'ctrl-c');
  expect((await run('failover production-pg --yes', { interrupted: interruption.signal })).exit).toBe(5);
}

function isOrderedOn({ twin: { world } }: TwinCli, site: string): unknown {
  return world.cluster(site).api.get(resources.protectionGroup, 'default', 'production-pg')?.spec?.['desiredState'];
}

test('cancel before the first start turns back, and follows it until the source runs: exit 7', () =>
  withTwin(async (cli) => {
    await leaveAfter(cli, 5);
    const { exit, stdout } = await cli.run('cancel production-pg');
    expect(exit).toBe(7);
    expect(stdout).toMatch(/^▶ Cancelling operation production-pg-\w+: production-pg to cluster2\n/);
    expect(stdout).toContain('✓ prod-vm-2 running\n⚠ Failover cancelled');
    expect([isOrderedOn(cli, 'cluster1'), isOrderedOn(cli, 'cluster2')]).toEqual(['running', 'stopped']);
  }));

test('cancel after the point of no return says no: exit 4, and the operation goes on to its end', () =>
  withTwin(async (cli) => {
    await leaveAfter(cli, 20);
    const { exit, stdout, stderr } = await cli.run('cancel production-pg');
    expect({ exit, stdout }).toEqual({ exit: 4, stdout: '' });
    expect(stderr).toContain('cannot be cancelled any more');
    expect(stderr).toContain('reason: VMs may have started on cluster2');
    expect((await cli.run('failover production-pg')).exit).toBe(0);
    expect(isOrderedOn(cli, 'cluster2')).toBe('running');
  }));

test('cancel with nothing under way says so', () =>
  withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1');
    const { exit, stderr } = await cli.run('cancel production-pg');
    expect(exit).toBe(1);
    expect(stderr).toContain('error: There is nothing to cancel: no operation on production-pg is under way');
  }));

test('cancel with a cluster out of reach does not take that for "nothing is under way"', () =>
  withTwin(async (cli) => {
    await leaveAfter(cli, 5);
    cli.twin.world.network.startOutage('cluster2', 'hang');
    const { exit, stderr } = await cli.run('cancel production-pg');
    expect(exit).toBe(1);
    expect(stderr).toContain('error: Whether an operation on production-pg is under way is not known');
    expect(stderr).toContain('reason: cluster2');
  }));

test('a second failover on a way back goes on with it as well, and another target is refused', () =>
  withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1');
    expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
    cli.pass(120);
    const interruption = new AbortController();
    cli.twin.world.route('interruption', () => interruption.abort());
    cli.twin.world.schedule(5000, 'interruption.now', 'ctrl-c');
    expect((await cli.run('failback production-pg --yes', { interrupted: interruption.signal })).exit).toBe(5);
    const other = await cli.run('failover production-pg --to cluster2 --yes');
    expect(other.exit).toBe(4);
    expect(other.stderr).toContain('remedy: Follow it to its end first: pgctl failover production-pg --to cluster1');
    const again = await cli.run('failback production-pg');
    expect(again.exit).toBe(0);
    expect(again.stdout).toMatch(/^▶ Continuing operation production-pg-\w+: production-pg to cluster1\n/);
  }));
