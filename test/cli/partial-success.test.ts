import { expect, test } from 'vitest';
import { textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** A failover of two VMs; the volume of the second is gone from the target by the time at which it is to start there. */
async function failoverThatStartsOneOfTwo(cli: TwinCli): Promise<{ readonly exit: number; readonly stdout: string }> {
  await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
  const { world } = cli.twin;
  const { api } = world.cluster('cluster2');
  world.route('loss', () => {
    const claim = api.list(resources.persistentVolumeClaim).find(({ metadata }) => metadata.name.includes('prod-vm-2'));
    const place = { resource: resources.persistentVolume, name: textAt(claim, 'spec', 'volumeName') ?? '' };
    api.request({ verb: 'patch', patch: 'merge', body: { metadata: { finalizers: null } }, ...place });
    api.request({ verb: 'delete', ...place });
  });
  world.schedule(5000, 'loss.now', 'volume');
  return cli.run('failover production-pg --yes');
}

async function statuses({ run }: TwinCli, site: string): Promise<readonly string[]> {
  const { stdout } = await run('get protectiongroup production-pg -o json');
  const { sites } = JSON.parse(stdout) as { sites: { site: string; virtualMachines: { status: string }[] }[] };
  return sites.flatMap((each) => (each.site === site ? each.virtualMachines.map(({ status }) => status) : []));
}

test('a VM that never starts needs attention: exit 8, with the reason for it, and describe tells it later', () =>
  withTwin(async (cli) => {
    const { exit, stdout } = await failoverThatStartsOneOfTwo(cli);
    expect(exit).toBe(8);
    expect(stdout).toContain('✓ prod-vm-1 running');
    expect(stdout).toMatch(
      /reason: VM_START_TIMEOUT \(120 s\) is over: prod-vm-2 on cluster2 is starting: .*non-existent persistentvolume/,
    );
    expect(stdout).toContain('go back: pgctl failover production-pg --to cluster1');
    const id = /^production-pg-\w+/m.exec((await cli.run('history production-pg')).stdout)?.[0];
    const described = (await cli.run(`describe failover ${id}`)).stdout;
    expect(described).toMatch(/^Phase: +NeedsAttention$/m);
    expect(described).toMatch(/^prod-vm-1 +running +monitorStartup/m);
    expect(described).toMatch(/^prod-vm-2 +\w+ +monitorStartup .*non-existent persistentvolume/m);
  }));

test('the group can go back although the claim of the VM that never started is Lost', () =>
  withTwin(async (cli) => {
    expect((await failoverThatStartsOneOfTwo(cli)).exit).toBe(8);
    const back = await cli.run('failover production-pg --to cluster1 --yes');
    expect(back.stdout).toContain('⚠ prod-vm-2 cannot run on cluster2: its PVC prod-vm-2-disk is Lost');
    expect({ exit: back.exit, stderr: back.stderr }).toEqual({ exit: 0, stderr: '' });
    expect(await statuses(cli, 'cluster1')).toEqual(['Running', 'Running']);
  }));

test('failover again tells what keeps the VM from running and how to repair it; then the VM starts without another command', () =>
  withTwin(async (cli) => {
    expect((await failoverThatStartsOneOfTwo(cli)).exit).toBe(8);
    const again = await cli.run('failover production-pg --yes');
    expect(again.exit).toBe(8);
    expect(again.stderr).toContain('error: production-pg is on cluster2 already, and not all of its VMs run there');
    expect(again.stderr).toMatch(/reason: prod-vm-2 is starting: .*non-existent persistentvolume/);
    expect(again.stderr).toContain('starts them by itself: pgctl sync vm prod-vm-2; or go back:');
    expect((await cli.run('sync vm prod-vm-2')).exit).toBe(0);
    cli.pass(120);
    expect(await statuses(cli, 'cluster2')).toEqual(['Running', 'Running']);
    expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
  }));
