import { describe, expect, test } from 'vitest';
import { resources } from '../../src/model/kube.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import type { FaultOrder } from '../../src/twin/faults/fault.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

interface Protected extends TwinCli {
  /** Breaks something; the answer mends it. */
  break(order: FaultOrder): () => void;
}

function withProtected(use: (cli: Protected) => Promise<void>): Promise<void> {
  return withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
    cli.pass(60);
    const faults = new FaultBoard(cli.twin, drillFaultKinds);
    await use({
      ...cli,
      break: (order) => {
        const { id } = faults.inject(order, cli.twin.world.wall());
        return () => void faults.heal(id);
      },
    });
  });
}

function giveTo({ twin }: TwinCli, site: string, epoch: number): void {
  twin.world.cluster(site).api.request({
    verb: 'patch',
    resource: resources.protectionGroup,
    namespace: 'default',
    name: 'production-pg',
    patch: 'merge',
    body: { spec: { desiredState: 'running', epoch } },
  });
}

describe('a group whose source comes back after it was given away', () => {
  test('is shown as superseded, with the progress of its resync, and as healthy when it is whole', () =>
    withProtected(async (cli) => {
      const mend = cli.break({ kind: 'site-loss', site: 'cluster1' });
      cli.pass(60);
      giveTo(cli, 'cluster2', 1);
      cli.pass(240);
      for (const volume of cli.twin.kernel.resourceNames()) cli.twin.kernel.setOptions(volume, { 'c-max-rate': 60 });
      mend();
      cli.pass(90);

      const plain = await cli.run('get protectiongroup production-pg');
      expect(plain.stdout).toMatch(
        /^NAME +STATE +VMS +HEALTH +RUNNING ON\nproduction-pg +Active +2 +Degraded +cluster2\n$/,
      );
      expect(plain.stderr).toContain('cluster1 has been superseded in running production-pg: ');
      expect(plain.stderr).toContain('  next: wait for the resync to end');
      const wide = (await cli.run('get protectiongroup production-pg -o wide')).stdout;
      expect(wide).toMatch(/cluster2 → cluster1 +cluster2 +Resyncing [\d.]+ % +- +- +Superseded/);
      const during = (await cli.run('describe protectiongroup production-pg')).stdout;
      expect(during).toMatch(/Out of sync: +[1-9]\d* KiB/);
      const invalid = await cli.run('validate protectiongroup production-pg');
      expect(invalid.exit).toBe(3);
      expect(invalid.stdout).toContain('cluster1 has been superseded');

      cli.pass(900);
      const whole = await cli.run('get protectiongroup production-pg');
      expect(whole).toMatchObject({ stdout: expect.stringMatching(/Healthy +cluster2\n$/), stderr: '' });
      expect((await cli.run('describe protectiongroup production-pg')).stdout).toMatch(/Out of sync: +0 KiB/);
      expect((await cli.run('validate protectiongroup production-pg')).exit).toBe(0);
    }));
});

describe('a group whose copies have parted', () => {
  test('says so below its table and in its checks, with the command that leads out', () =>
    withProtected(async (cli) => {
      cli.break({ kind: 'split-brain', vm: 'prod-vm-1' });
      cli.pass(120);
      const { stderr } = await cli.run('get protectiongroup production-pg');
      expect(stderr).toMatch(/copies of production-pg have parted: pvc-\S+: c1-node-\d \(cluster1\) .*; c2-node-\d/);
      expect(stderr).toContain('pgctl recover production-pg');
      expect((await cli.run('get pg -o wide')).stdout).toMatch(/ Parted +- +- +SplitBrain/);
      expect((await cli.run('validate protectiongroup production-pg')).stdout).toContain('pgctl recover production-pg');
      const description = await cli.run('describe protectiongroup production-pg');
      expect(description.stdout).toMatch(/Replication: +Parted/);
      expect(description.stdout).toMatch(/SplitBrain +True +StandAlone/);
    }));
});

describe('a group that has lost quorum under a running VM', () => {
  test('is unverified, and names the command that verifies it', () =>
    withProtected(async (cli) => {
      for (const volume of cli.twin.kernel.resourceNames()) cli.twin.kernel.setOptions(volume, { quorum: 'majority' });
      const mend = cli.break({ kind: 'link-cut', plane: 'drbd', site: 'cluster1' });
      cli.pass(120);
      mend();
      cli.pass(300);
      const { stderr } = await cli.run('get protectiongroup production-pg');
      expect(stderr).toContain('the copies of production-pg on cluster1 are not known to be the same');
      expect(stderr).toContain('pgctl verify protectiongroup production-pg');
    }));
});
