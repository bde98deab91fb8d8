import { describe, expect, test } from 'vitest';
import { textAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { waveAnnotation } from '../../src/model/wave.ts';
import { applyObjects, demoVirtualMachine } from '../../src/twin/demo-objects.ts';
import { interruptAfter, type TwinCli, withTwin } from './twin-cli.ts';

interface Wanted {
  readonly labels?: Readonly<Record<string, string>>;
  readonly wave?: string;
}

/** Protects one VM in a group of its own, `NAME-pg` for VM `NAME`. */
async function protect(cli: TwinCli, name: string, { labels = {}, wave }: Wanted = {}): Promise<void> {
  const { api } = cli.twin.world.cluster('cluster1');
  if (!api.list(resources.virtualMachine).some(({ metadata }) => metadata.name === name)) {
    applyObjects(api, demoVirtualMachine(name, 'default'));
    cli.pass(60);
  }
  const { exit, stderr } = await cli.run(`create protectiongroup ${name}-pg --vm ${name}`);
  expect(exit, stderr).toBe(0);
  const annotations = wave === undefined ? {} : { [waveAnnotation]: wave };
  api.request({
    verb: 'patch',
    patch: 'merge',
    resource: resources.protectionGroup,
    namespace: 'default',
    name: `${name}-pg`,
    body: { metadata: { labels, annotations } },
  });
}

const protectAll = async (cli: TwinCli, ...names: readonly string[]): Promise<void> => {
  for (const name of names) await protect(cli, name);
};

const operations = ({ twin }: TwinCli): readonly KubeObject[] =>
  twin.world.cluster('cluster2').api.list(resources.failover);

/** Groups that a site is ordered to run. */
const runOn = ({ twin }: TwinCli, site: string): readonly string[] =>
  twin.world
    .cluster(site)
    .api.list(resources.protectionGroup)
    .filter(({ spec }) => spec?.['desiredState'] === 'running')
    .map(({ metadata }) => metadata.name)
    .toSorted();

/** A VM whose PersistentVolume is missing on cluster2 cannot go. */
function loseVolume({ twin }: TwinCli, vm: string): void {
  const { api } = twin.world.cluster('cluster2');
  const claim = api.list(resources.persistentVolumeClaim).find(({ metadata }) => metadata.name === `${vm}-disk`);
  const place = { resource: resources.persistentVolume, name: textAt(claim, 'spec', 'volumeName') ?? '' };
  api.request({ verb: 'patch', patch: 'merge', body: { metadata: { finalizers: null } }, ...place });
  api.request({ verb: 'delete', ...place });
}

/** Rows of the table at the end: name, wave, result. */
const summary = (stdout: string): readonly string[] =>
  stdout
    .slice(stdout.indexOf('NAME '))
    .split('\n')
    .filter((line) => /-pg /.test(line))
    .map((line) => line.split(/ {3,}/).slice(0, 3).join(' | '));

describe('failover --all', () => {
  test('moves every group, after one question that shows them all', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      const declined = await cli.run('failover --all', { input: ['n'] });
      expect(declined.exit).toBe(7);
      expect(declined.stdout).toContain('Protection Groups: 2 of 2, at most 4 at the same time');
      expect(declined.stdout).toContain('Wave 0:\n  prod-vm-1-pg (1 VM running)\n  prod-vm-2-pg (1 VM running)\n');
      expect(operations(cli)).toEqual([]);
      const { exit, stdout } = await cli.run('failover --all', { input: ['y'] });
      expect(stdout.split('Continue? [y/N]')).toHaveLength(2);
      expect(stdout).toContain('✓ prod-vm-1-pg: prod-vm-1 stopped\n');
      expect(stdout).toContain('✓ prod-vm-2-pg: Failover completed successfully!\n');
      expect(summary(stdout)).toEqual(['prod-vm-1-pg | 0 | Moved', 'prod-vm-2-pg | 0 | Moved']);
      expect(stdout).toContain('✓ 2 of 2 protection groups run on cluster2\n');
      expect(exit).toBe(0);
      expect(runOn(cli, 'cluster2')).toEqual(['prod-vm-1-pg', 'prod-vm-2-pg']);
    }));

  test('moves what can go, names what cannot with its reason, and a second call moves only that', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      loseVolume(cli, 'prod-vm-1');
      cli.pass(30);
      const first = await cli.run('failover --all --yes');
      expect(first.exit).toBe(3);
      expect(first.stdout).toContain('Cannot go:\n  ✗ prod-vm-1-pg is not ready for failover to cluster2\n');
      expect(first.stdout).toContain('remedy: pgctl sync protectiongroup prod-vm-1-pg');
      expect(summary(first.stdout)).toEqual(['prod-vm-1-pg | 0 | Not ready', 'prod-vm-2-pg | 0 | Moved']);
      expect(first.stdout).toContain('✗ 1 of 2 protection groups run on cluster2\n');
      expect(runOn(cli, 'cluster1')).toEqual(['prod-vm-1-pg']);
      await cli.run('sync protectiongroup prod-vm-1-pg');
      cli.pass(30);
      const second = await cli.run('failover --all --yes');
      expect(second.exit, second.stdout).toBe(0);
      expect(summary(second.stdout)).toEqual(['prod-vm-1-pg | 0 | Moved', 'prod-vm-2-pg | 0 | Already there']);
      expect(operations(cli)).toHaveLength(2);
    }));

  test('a group that turns back stops no other of its wave', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      cli.twin.guests.setFault('default', 'prod-vm-1', 'ignores-acpi');
      const { exit, stdout } = await cli.run('failover --all --yes --timeout 40 --parallel 1');
      expect(exit).toBe(6);
      expect(summary(stdout)).toEqual(['prod-vm-1-pg | 0 | Rolled back', 'prod-vm-2-pg | 0 | Moved']);
      expect(stdout).toContain('FAILOVER_TIMEOUT (40 s) is over');
      cli.twin.guests.healFault('default', 'prod-vm-1', 'ignores-acpi');
      cli.pass(60);
      expect((await cli.run('failover --all --yes')).exit).toBe(0);
      expect(runOn(cli, 'cluster1')).toEqual([]);
    }));

  test('no more groups than --parallel says are on their way at the same time', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2', 'prod-vm-3', 'prod-vm-4', 'prod-vm-5');
      const { stdout, exit } = await cli.run('failover --all --yes --parallel 2 -o json');
      expect(exit).toBe(0);
      const { groups } = JSON.parse(stdout) as {
        groups: { operation: { startedAt: string; steps: { finishedAt?: string }[] } }[];
      };
      const spans = groups.map(({ operation: { startedAt, steps } }) => ({
        from: Date.parse(startedAt),
        to: Math.max(...steps.flatMap(({ finishedAt }) => (finishedAt === undefined ? [] : [Date.parse(finishedAt)]))),
      }));
      const together = spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length);
      expect(Math.max(...together)).toBe(2);
    }));

  test('waves go one after the other; one that is not complete holds the later ones', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1', { wave: '-1' });
      await protect(cli, 'prod-vm-2', { wave: '2' });
      await protect(cli, 'prod-vm-3');
      cli.twin.guests.setFault('default', 'prod-vm-3', 'ignores-acpi');
      const first = await cli.run('failover --all --yes --timeout 40');
      expect(first.exit).toBe(6);
      expect(summary(first.stdout)).toEqual([
        'prod-vm-1-pg | -1 | Moved',
        'prod-vm-3-pg | 0 | Rolled back',
        'prod-vm-2-pg | 2 | Not begun',
      ]);
      expect(first.stdout).toContain('wave 0 is not complete');
      const order = ['▶ Wave -1\n', '✓ prod-vm-1-pg: Failover completed', '▶ Wave 0\n'];
      const places = order.map((text) => first.stdout.indexOf(text));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      const second = await cli.run('failover --all --yes --timeout 40 --continue-on-failure');
      expect(second.exit).toBe(6);
      expect(summary(second.stdout)).toEqual([
        'prod-vm-1-pg | -1 | Already there',
        'prod-vm-3-pg | 0 | Rolled back',
        'prod-vm-2-pg | 2 | Moved',
      ]);
    }));

  test('the order can be given with the command, and stands above the annotations; who is not named goes last', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1', { wave: '-1' });
      await protectAll(cli, 'prod-vm-2', 'prod-vm-3');
      const { exit, stdout } = await cli.run('failover --all --yes --waves prod-vm-3-pg/prod-vm-2-pg');
      expect(exit).toBe(0);
      expect(summary(stdout)).toEqual([
        'prod-vm-3-pg | 0 | Moved',
        'prod-vm-2-pg | 1 | Moved',
        'prod-vm-1-pg | 2 | Moved',
      ]);
    }));

  test.each([
    ['--waves prod-vm-1-pg/web-pg', '--waves names web-pg, which is not among the protection groups that are meant'],
    ['--waves prod-vm-1-pg//web-pg', 'Expected --waves to be as dns-pg,db-pg/app-pg, got "prod-vm-1-pg//web-pg"'],
    ['--waves prod-vm-1-pg/prod-vm-1-pg', '--waves names prod-vm-1-pg twice'],
  ])('an order that cannot be meant is an error, and nothing is moved: %s', (words, said) =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1');
      const { exit, stderr } = await cli.run(`failover --all --yes ${words}`);
      expect(exit).toBe(2);
      expect(stderr).toContain(said);
      expect(operations(cli)).toEqual([]);
    }),
  );

  test('says before it asks which waves will not begin', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1');
      await protect(cli, 'prod-vm-2', { wave: '1' });
      loseVolume(cli, 'prod-vm-1');
      cli.pass(30);
      const { exit, stdout } = await cli.run('failover --all --dry-run');
      expect(exit).toBe(3);
      expect(stdout).toContain('⚠ Not all of wave 0 can go, so wave 1 will not begin\n');
      expect(stdout).toContain('Ready for failover: NO (1 of 2 protection groups)\n');
      const goesOn = await cli.run('failover --all --dry-run --continue-on-failure');
      expect(goesOn.stdout).not.toContain('will not begin');
    }));

  test('a wave that is no number is an error that names the group, and nothing is moved', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1', { wave: 'first' });
      const { exit, stderr } = await cli.run('failover --all --yes');
      expect(exit).toBe(2);
      expect(stderr).toContain('of protection group prod-vm-1-pg on cluster1 to be a whole number, got "first"');
      expect(operations(cli)).toEqual([]);
    }));

  test('a dry run writes nothing, and tells programs of each group', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      const writes: string[] = [];
      for (const { name, api } of cli.twin.world.clusters.values()) {
        api.onChange((change) => writes.push(`${name} ${change.resource.plural}`));
      }
      const { exit, stdout } = await cli.run('failover --all --dry-run -o json');
      expect(exit).toBe(0);
      expect(writes).toEqual([]);
      expect(JSON.parse(stdout)).toMatchObject({
        source: 'cluster1',
        target: 'cluster2',
        ready: true,
        groups: [
          { protectionGroup: 'prod-vm-1-pg', wave: 0, standing: 'ready' },
          { protectionGroup: 'prod-vm-2-pg', wave: 0, standing: 'ready' },
        ],
      });
    }));

  test('a source that is silent refuses all of it, and names the way without it', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      cli.twin.world.network.startOutage('cluster1', 'hang');
      const { exit, stderr } = await cli.run('failover --all --yes');
      expect(exit).toBe(3);
      expect(stderr).toContain('error: Failover of several groups refused: those of cluster1 cannot be read');
      expect(stderr).toContain('pgctl failover --all --to cluster2 --unplanned --dry-run');
    }));

  test('Ctrl-C leaves what is on its way to the controllers, and begins nothing more', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      const interrupted = interruptAfter(cli.twin, 5);
      const first = await cli.run('failover --all --yes --parallel 1', { interrupted });
      expect(first.exit).toBe(5);
      expect(summary(first.stdout)).toEqual(['prod-vm-1-pg | 0 | Goes on', 'prod-vm-2-pg | 0 | Not begun']);
      expect(first.stdout).toContain('goes on without pgctl');
      expect(operations(cli)).toHaveLength(1);
      const second = await cli.run('failover --all --yes');
      expect(second.exit, second.stdout).toBe(0);
      expect(second.stdout).toMatch(/ {2}prod-vm-1-pg \(continues operation prod-vm-1-pg-\w+\)\n/);
      expect(operations(cli)).toHaveLength(2);
    }));

  test('Ctrl-C begins no later wave either, whatever is to be gone on with', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1');
      await protect(cli, 'prod-vm-2', { wave: '1' });
      const interrupted = interruptAfter(cli.twin, 5);
      const { exit, stdout } = await cli.run('failover --all --yes --continue-on-failure', { interrupted });
      expect(exit).toBe(5);
      expect(summary(stdout)).toEqual(['prod-vm-1-pg | 0 | Goes on', 'prod-vm-2-pg | 1 | Not begun']);
      expect(stdout).not.toContain('▶ Wave 1');
    }));

  test('a terminal shows in one line how many have ended, and which are on their way', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2', 'prod-vm-3');
      const { exit, stderr } = await cli.run('failover --all --yes --parallel 2', { terminal: true });
      expect(exit).toBe(0);
      expect(stderr).toMatch(/Moving 3 protection groups \(\d+s\): 0 ended; prod-vm-1-pg, prod-vm-2-pg/);
      expect(stderr).toMatch(/Moving 3 protection groups \(\d+s\): 2 ended; prod-vm-3-pg/);
    }));

  test('a group that an operation moves elsewhere is left to it', () =>
    withTwin(async (cli) => {
      await protectAll(cli, 'prod-vm-1', 'prod-vm-2');
      await cli.run('failover prod-vm-1-pg --yes', { interrupted: interruptAfter(cli.twin, 5) });
      const { exit, stdout } = await cli.run('failback --all --yes');
      expect(exit).toBe(4);
      expect(summary(stdout)).toEqual(['prod-vm-1-pg | 0 | Held', 'prod-vm-2-pg | 0 | Already there']);
    }));
});

describe('failover -l', () => {
  test('means the groups with these labels on the primary cluster, in both directions', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1', { labels: { tier: 'db' } });
      await protect(cli, 'prod-vm-2', { labels: { tier: 'web' } });
      await protect(cli, 'prod-vm-3');
      expect((await cli.run('failover -l tier!=web --yes')).exit).toBe(0);
      expect(runOn(cli, 'cluster2')).toEqual(['prod-vm-1-pg', 'prod-vm-3-pg']);
      expect((await cli.run('failback --selector tier=db --yes')).exit).toBe(0);
      expect(runOn(cli, 'cluster2')).toEqual(['prod-vm-3-pg']);
    }));

  test('a selector that means no group is an error, and so is one that is none', () =>
    withTwin(async (cli) => {
      await protect(cli, 'prod-vm-1');
      const nobody = await cli.run('failover -l tier=none --yes');
      expect(nobody.exit).toBe(1);
      expect(nobody.stderr).toContain('error: No protection group of namespace default is meant by tier=none');
      const wrong = await cli.run('failover -l tier=in(a --yes');
      expect(wrong.exit).toBe(2);
      expect(wrong.stderr).toContain('to be a label selector such as tier=db,env!=test, got "tier=in(a"');
    }));

  test.each([
    ['failover', 'NAME is missing'],
    ['failover a-pg --all', 'NAME, --all and --selector exclude one another'],
    ['failback --all -l tier=db', 'NAME, --all and --selector exclude one another'],
    ['failover a-pg --parallel 2', '--parallel is for several protection groups'],
    ['failback a-pg --continue-on-failure', '--continue-on-failure is for several protection groups'],
    ['failover --all --to cluster3', 'cluster3 is no cluster that a group can move to'],
  ])('%s is a usage error', (words, message) =>
    withTwin(async (cli) => {
      const { exit, stderr } = await cli.run(words);
      expect(exit).toBe(2);
      expect(stderr).toContain(`error: ${message}`);
    }),
  );
});
