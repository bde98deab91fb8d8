import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { unionOf, differenceOf } from '../../src/drivers/sim/drbd/write-set.ts';
import { runProgram } from '../../src/drivers/sim/satellite-shell/shell.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

/** A protected group; with `parted`, both copies of the disk of prod-vm-1 have been written to while they were apart. */
function withGroup(parted: boolean, use: (cli: TwinCli) => Promise<void>): Promise<void> {
  return withTwin(async (cli) => {
    await cli.run('create protectiongroup production-pg --vm prod-vm-1 --vm prod-vm-2');
    cli.pass(60);
    if (parted) {
      new FaultBoard(cli.twin, drillFaultKinds).inject({ kind: 'split-brain', vm: 'prod-vm-1' }, cli.twin.world.wall());
      cli.pass(120);
    }
    await use(cli);
  });
}

/** Types the commands that pgctl shows into the satellites of their nodes, and answers with their exit codes. */
function typeShown({ twin: { kernel, world } }: TwinCli, stdout: string): readonly (number | undefined)[] {
  const shown = [...stdout.matchAll(/^▶ on (\S+): kubectl .* -- (.*)$/gm)];
  return shown.map(
    ([, node = '', line = '']) => runProgram({ kernel, node, now: world.now }, line.split(' '))?.exitCode,
  );
}

/** Disks of which some copies hold writes that others do not. */
function differing({ twin: { kernel } }: TwinCli): readonly string[] {
  return kernel.resourceNames().filter((name) => {
    const disks = [...(kernel.resource(name)?.replicas.values() ?? [])].filter(({ kind }) => kind === 'diskful');
    return disks.some(
      ({ data }) => unionOf(differenceOf(data, disks[0]!.data), differenceOf(disks[0]!.data, data)).length > 0,
    );
  });
}

describe('pgctl recover', () => {
  test('says of copies that are together that they are', () =>
    withGroup(false, async (cli) => {
      const run = await cli.run('recover production-pg');
      expect(run).toMatchObject({ exit: 0, stderr: '' });
      expect(run.stdout).toMatch(/\n✓ The copies of production-pg are together, and in sync\n$/);
      expect(run.stdout).toMatch(/ {2}NODE +CLUSTER +ROLE +DISK +GENERATION +TOWARDS +CONNECTION +MARKED\n/);
    }));

  test('shows both sides of copies that have parted, and asks which of them survives', () =>
    withGroup(true, async (cli) => {
      const { exit, stdout } = await cli.run('recover production-pg');
      expect(exit).toBe(8);
      expect(stdout).toMatch(/✗ c1-node-\d \(cluster1\) has gone another way than c2-node-\d \(cluster2\)/);
      expect(stdout).toMatch(/c1-node-\d +cluster1 .* StandAlone +[1-9]\d* KiB\n/);
      expect(stdout).toContain('  pgctl recover production-pg --survivor cluster2 --dry-run\n');
    }));

  test.each(['cluster1', 'cluster2'])('the commands that it shows make the copies the same, survivor %s', (survivor) =>
    withGroup(true, async (cli) => {
      const other = survivor === 'cluster1' ? 'cluster2' : 'cluster1';
      const first = await cli.run(`recover production-pg --survivor ${survivor} --dry-run`);
      expect(first.stdout).toMatch(
        new RegExp(
          `⚠ pvc-\\S+: what c\\d-node-\\d \\(${other}\\) has done since they were the same is lost \\(\\d+ KiB marked\\)`,
        ),
      );
      expect(differing(cli)).toHaveLength(1);
      let last = first;
      for (let round = 0; last.exit === 8 && round < 10; round++) {
        expect(new Set(typeShown(cli, last.stdout))).toEqual(new Set([0]));
        cli.pass(30);
        last = await cli.run(`recover production-pg --survivor ${survivor} --dry-run`);
      }
      expect(last).toMatchObject({ exit: 0, stderr: '' });
      expect(differing(cli)).toEqual([]);
    }),
  );

  test('gives programs the same, with the commands', () =>
    withGroup(true, async (cli) => {
      const { stdout } = await cli.run('recover production-pg --survivor cluster1 --dry-run -o json');
      const document = JSON.parse(stdout) as {
        together: boolean;
        volumes: { losses: string[]; commands: unknown[] }[];
      };
      expect(document.together).toBe(false);
      expect(document.volumes.map(({ losses, commands }) => losses.length > 0 === commands.length > 0)).toEqual([
        true,
        true,
      ]);
    }));

  test('does nothing unless the name is typed, and --yes is no name', () =>
    withGroup(true, async (cli) => {
      const before = differing(cli);
      for (const words of [
        'recover production-pg --survivor cluster1',
        'recover production-pg --survivor cluster1 -y',
      ]) {
        const run = await cli.run(words, { input: ['y'] });
        expect(run.exit).toBe(7);
        expect(run.stdout).toMatch(/⚠ DiscardCopy: The storage takes a snapshot first of what is lost: pvc-/);
        expect(run.stdout).toMatch(/✗ Cancelled: nothing was changed\n$/);
      }
      expect(differing(cli)).toEqual(before);
    }));

  test('takes the consent from a file that somebody has filled in, for what it was written for', () =>
    withGroup(true, async (cli) => {
      const shown = await cli.run('recover production-pg --survivor cluster1 --dry-run -o yaml');
      const file = join(await mkdtemp(join(tmpdir(), 'consent-')), 'consent.yaml');
      const words = `recover production-pg --survivor cluster1 --consent ${file}`;
      await writeFile(file, shown.stdout);
      expect(await cli.run(words)).toMatchObject({ exit: 2, stderr: expect.stringContaining('givenBy is empty') });
      const filled = shown.stdout
        .replaceAll('accepted: ""', 'accepted: production-pg')
        .replace('givenBy: ""', 'givenBy: the one in charge');
      await writeFile(file, filled);
      const other = await cli.run(words.replace('cluster1', 'cluster2'));
      expect(other).toMatchObject({ exit: 2, stderr: expect.stringContaining('survivorCluster is "cluster1"') });
      expect(await cli.run(words)).toMatchObject({ exit: 0 });
      expect(differing(cli)).toEqual([]);
    }));

  test('connects copies that only stand alone after a plain yes: nothing is lost', () =>
    withGroup(false, async (cli) => {
      const { kernel } = cli.twin;
      const [volume = ''] = kernel.resourceNames();
      const [one, other] = [...(kernel.resource(volume)?.replicas.values() ?? [])].filter(
        ({ kind }) => kind === 'diskful',
      );
      const secondary = one?.role === 'Primary' ? other : one;
      kernel.disconnect(volume, secondary!.node, [...secondary!.peers.keys()][0] ?? '');
      cli.pass(20);
      const run = await cli.run('recover production-pg --survivor cluster1 --yes');
      expect(run).toMatchObject({ exit: 0, stderr: '' });
      expect(run.stdout).not.toContain('Discard');
    }));

  test('is left to the controllers by Ctrl-C, and followed by the same command', () =>
    withGroup(true, async (cli) => {
      const interruption = new AbortController();
      cli.twin.world.route('interruption', () => interruption.abort());
      cli.twin.world.schedule(6000, 'interruption.now', 'ctrl-c');
      const words = 'recover production-pg --survivor cluster1';
      const left = await cli.run(words, { input: ['production-pg'], interrupted: interruption.signal });
      expect(left.exit).toBe(5);
      expect(left.stderr).toContain('goes on without pgctl');
      expect((await cli.run('recover production-pg --survivor cluster2')).exit).toBe(4);
      expect((await cli.run('cancel production-pg')).exit).toBe(4);
      const followed = await cli.run(words);
      expect(followed.exit).toBe(0);
      expect(followed.stdout).toMatch(/^▶ Continuing operation production-pg-r/);
      expect(differing(cli)).toEqual([]);
    }));

  test('refuses a survivor that has no copies', () =>
    withGroup(false, async (cli) => {
      expect(await cli.run('recover production-pg --survivor cluster3')).toMatchObject({ exit: 2 });
    }));

  test.each(['cluster1', 'cluster2'])('brings them together once the name is typed, survivor %s', (survivor) =>
    withGroup(true, async (cli) => {
      const run = await cli.run(`recover production-pg --survivor ${survivor}`, { input: ['production-pg'] });
      expect(run).toMatchObject({ exit: 0, stderr: '' });
      expect(run.stdout).toMatch(/✓ The copies of production-pg are together, and the same\n$/);
      expect(differing(cli)).toEqual([]);
    }),
  );
});
