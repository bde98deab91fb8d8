import { describe, expect, test } from 'vitest';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** There and back: the newest is the way back, and each site holds the operation towards it. */
async function thereAndBack({ run, pass }: TwinCli): Promise<void> {
  await run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
  expect((await run('failover production-pg --yes')).exit).toBe(0);
  pass(120);
  expect((await run('failback production-pg --yes')).exit).toBe(0);
}

interface Listed {
  readonly items: readonly { readonly id: string; readonly target: string; readonly seconds: number }[];
}

const listed = async ({ run }: TwinCli): Promise<Listed> =>
  JSON.parse((await run('history production-pg -o json')).stdout) as Listed;

describe('history', () => {
  test('lists the operations of both clusters, the newest first', () =>
    withTwin(async (cli) => {
      await thereAndBack(cli);
      const { items } = await listed(cli);
      expect(items.map(({ target }) => target)).toEqual(['cluster1', 'cluster2']);
      for (const { seconds } of items) expect(seconds).toBeGreaterThan(0);
      const [head, newest, oldest, ...rest] = (await cli.run('history')).stdout.trimEnd().split('\n');
      expect(head).toMatch(/^ID +GROUP +MODE +SOURCE → TARGET +PHASE +BY +STARTED +SECONDS$/);
      expect(newest).toMatch(
        /^production-pg-\w+ +production-pg +Planned +cluster2 → cluster1 +Succeeded +\S+@\S+ +2026-/,
      );
      expect(oldest).toMatch(/cluster1 → cluster2 +Succeeded/);
      expect(rest).toEqual([]);
    }));

  test.each([
    ['cluster1', 'cluster2'],
    ['cluster2', 'cluster1'],
  ])('names %s when it does not answer, and shows what the other holds', (lost, left) =>
    withTwin(async (cli) => {
      await thereAndBack(cli);
      cli.twin.world.network.startOutage(lost, 'hang');
      const { exit, stdout, stderr } = await cli.run('history production-pg');
      expect(exit).toBe(0);
      expect(stderr).toContain(`⚠ Operations that only ${lost} holds are not shown: ${lost}`);
      expect(stdout).toContain(`→ ${left}`);
    }),
  );

  test('is an error when no cluster answers: an empty list would read as "none"', () =>
    withTwin(async (cli) => {
      await thereAndBack(cli);
      for (const site of ['cluster1', 'cluster2']) cli.twin.world.network.startOutage(site, 'hang');
      const { exit, stdout, stderr } = await cli.run('history');
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: '' });
      expect(stderr).toContain('error: No cluster told which operations there were');
    }));
});

describe('describe failover', () => {
  test('tells of an operation that succeeded who ordered it, each step, each VM, and who holds it', () =>
    withTwin(async (cli) => {
      await thereAndBack(cli);
      const [, first] = (await listed(cli)).items;
      const { exit, stdout } = await cli.run(`describe failover ${first?.id}`);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/^Requested by: +\S+@\S+ with pgctl$/m);
      expect(stdout).toMatch(/^Direction: +cluster1 → cluster2$/m);
      expect(stdout).toMatch(/^Held by: +cluster2$/m);
      expect(stdout).toMatch(/^stopSource +done +2026-\S+Z +2026-\S+Z/m);
      expect(stdout).toMatch(/^prod-vm-2 +running +monitorStartup/m);
    }));

  test('tells of one that turned back which steps were not executed, and why it ended', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      cli.twin.guests.setFault('default', 'prod-vm-1', 'ignores-acpi');
      expect((await cli.run('failover production-pg --yes --timeout 20')).exit).toBe(6);
      const [only] = (await listed(cli)).items;
      const { stdout } = await cli.run(`describe failover ${only?.id}`);
      expect(stdout).toMatch(/^Phase: +RolledBack$/m);
      expect(stdout).toMatch(/^Message: +FAILOVER_TIMEOUT \(20 s\) is over/m);
      expect(stdout).toMatch(/^startTarget +not executed/m);
      const document = JSON.parse((await cli.run(`describe failover ${only?.id} -o json`)).stdout) as {
        status: Record<string, unknown>;
      };
      expect(document).toMatchObject({
        id: only?.id,
        phase: 'RolledBack',
        spec: { timeouts: { failoverSeconds: 20 } },
      });
      expect(document.status).not.toHaveProperty('record');
    }));

  test('says of an unknown operation how to list them', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1');
      const { exit, stderr } = await cli.run('describe failover production-pg-1');
      expect(exit).toBe(1);
      expect(stderr).toContain('error: Operation production-pg-1 was not found in namespace default');
      expect(stderr).toContain('remedy: List them: pgctl history -n default');
    }));
});

describe('recoveries', () => {
  test('stand in the history beside failovers, and are described with what came of every two copies', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
      cli.pass(60);
      expect((await cli.run('failover production-pg --yes')).exit).toBe(0);
      cli.pass(120);
      expect((await cli.run('verify protectiongroup production-pg')).exit).toBe(0);
      const [, newest, oldest] = (await cli.run('history production-pg')).stdout.split('\n');
      expect(newest).toMatch(/^production-pg-r\S+ +production-pg +Verify +cluster2 ↔ cluster1 +Succeeded/);
      expect(oldest).toMatch(/Planned +cluster1 → cluster2 +Succeeded/);

      const [item] = (await listed(cli)).items;
      const { exit, stdout } = await cli.run(`describe recovery ${item?.id}`);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/^Asked for: +comparison only$/m);
      expect(stdout).toMatch(/^compare +done +2026-\S+Z +2026-\S+Z/m);
      expect(stdout).toMatch(/^pvc-\S+\/c\d-node-\d\/c\d-node-\d +Equal +0 +2026-/m);
      expect((await cli.run(`describe failover ${item?.id}`)).exit).toBe(1);
    }));
});
