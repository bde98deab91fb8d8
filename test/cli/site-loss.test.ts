import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { listAt } from '../../src/model/json.ts';
import { type KubeObject, resources } from '../../src/model/kube.ts';
import { waveAnnotation } from '../../src/model/wave.ts';
import { drillFaultKinds } from '../../src/twin/faults/drill-kinds.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { withFolder } from './run-cli.ts';
import { type TwinCli, withTwin } from './twin-cli.ts';

const order = 'failover --all --unplanned';

/** Groups a-pg and b-pg, and the site on which both run lost for a minute. */
async function loseSite(cli: TwinCli): Promise<void> {
  await cli.run('create protectiongroup a-pg --vm prod-vm-1');
  await cli.run('create protectiongroup b-pg --vm prod-vm-2');
  for (const volume of cli.twin.kernel.resourceNames()) cli.twin.kernel.setOptions(volume, { quorum: 'off' });
  new FaultBoard(cli.twin, drillFaultKinds).inject({ kind: 'site-loss', site: 'cluster1' }, cli.twin.world.wall());
  cli.pass(60);
}

const operations = ({ twin }: TwinCli): readonly KubeObject[] =>
  twin.world.cluster('cluster2').api.list(resources.failover);

const movedGroups = (cli: TwinCli): readonly unknown[] => operations(cli).map(({ spec }) => spec?.['protectionGroup']);

/** The forms of a dry run, each accepted by its group's name unless it is left open. */
async function filledIn(cli: TwinCli, open: readonly string[] = []): Promise<string> {
  const { exit, stdout } = await cli.run(`${order} --dry-run -o yaml`);
  expect(exit).toBe(0);
  const list = parse(stdout) as {
    items: { protectionGroup: string; givenBy: string; consents: { accepted: string }[] }[];
  };
  const items = list.items.map((form) => {
    const { protectionGroup: group } = form;
    const consents = form.consents.map((one) => ({ ...one, accepted: open.includes(group) ? '' : group }));
    return { ...form, givenBy: 'head of operations', consents };
  });
  return stringify({ ...list, items });
}

describe('an unplanned failover of many groups', () => {
  test('is what a planned one that cannot reach their source points to', () =>
    withTwin(async (cli) => {
      await loseSite(cli);
      const { exit, stderr } = await cli.run('failover --all --yes');
      expect(exit).toBe(3);
      expect(stderr).toContain('pgctl failover --all --to cluster2 --unplanned --dry-run');
    }));

  test('shows what is known of each, and moves those whose names are typed', () =>
    withTwin(async (cli) => {
      await loseSite(cli);
      const { exit, stdout } = await cli.run(order, { input: ['a-pg', 'b-pg'] });
      expect(exit, stdout).toBe(0);
      expect(stdout).toContain('⚠ UNPLANNED FAILOVER\nProtection Groups: 2 of 2, at most 4 at the same time\n');
      expect(stdout).toContain('Source: cluster1 (does not answer)');
      for (const group of ['a-pg', 'b-pg']) {
        const section = stdout.slice(stdout.indexOf(`▶ ${group} (wave 0)`));
        expect(section).toContain(`⚠ UnverifiedSource: It cannot be proven that ${group} stands still on cluster1.`);
      }
      expect(stdout).toContain('✓ 2 of 2 protection groups run on cluster2');
      for (const { spec } of operations(cli)) {
        expect(listAt(spec, 'consents')).toMatchObject([{ kind: 'UnverifiedSource', givenBy: 'tester@test-host' }]);
      }
      const again = await cli.run(order);
      expect(again.exit).toBe(0);
      expect(again.stdout).toContain('Already on cluster2: a-pg, b-pg');
      expect(operations(cli)).toHaveLength(2);
    }));

  test('leaves out the groups whose names are not typed; without any, nothing is done', () =>
    withTwin(async (cli) => {
      await loseSite(cli);
      const none = await cli.run(order, { input: ['yes', 'a-pg'] });
      expect(none.exit).toBe(7);
      expect(none.stdout).toContain('✗ Cancelled: nothing was changed');
      expect(operations(cli)).toEqual([]);
      const one = await cli.run(order, { input: ['', 'b-pg'] });
      expect(one.exit).toBe(7);
      expect(one.stdout).toMatch(/a-pg +0 +Cancelled +a-pg was left out: its name was not typed/);
      expect(one.stdout).toMatch(/b-pg +0 +Moved/);
      expect(movedGroups(cli)).toEqual(['b-pg']);
    }));

  test('takes its waves from the target, which is all there is', () =>
    withTwin(async (cli) => {
      await loseSite(cli);
      const annotated = cli.twin.world.cluster('cluster2').api.request({
        verb: 'patch',
        patch: 'merge',
        resource: resources.protectionGroup,
        namespace: 'default',
        name: 'a-pg',
        body: { metadata: { annotations: { [waveAnnotation]: '3' } } },
      });
      expect(annotated.status).toBe(200);
      const { exit, stdout } = await cli.run(order, { input: ['b-pg', 'a-pg'] });
      expect(exit).toBe(0);
      expect(stdout.indexOf('✓ b-pg: Failover completed')).toBeLessThan(stdout.indexOf('▶ Wave 3\n'));
    }));

  test('goes by a file of forms; a form that is left open holds up no other group', () =>
    withTwin((cli) =>
      withFolder(async (folder) => {
        await loseSite(cli);
        const file = join(folder, 'consent.yaml');
        await writeFile(file, await filledIn(cli, ['a-pg']));
        const { exit, stdout } = await cli.run(`${order} --consent ${file}`);
        expect(exit).toBe(3);
        expect(stdout).toMatch(/a-pg +0 +Not ready +UnverifiedSource is not accepted/);
        expect(movedGroups(cli)).toEqual(['b-pg']);
        expect(listAt(operations(cli)[0], 'spec', 'consents')).toMatchObject([{ givenBy: 'head of operations' }]);
      }),
    ));

  test('refuses a form for what has changed since, and a file that is none', () =>
    withTwin((cli) =>
      withFolder(async (folder) => {
        await loseSite(cli);
        const file = join(folder, 'consent.yaml');
        const list = await filledIn(cli);
        await writeFile(file, list.replace(/evidence: \S+/, 'evidence: other'));
        const { exit, stdout } = await cli.run(`${order} --consent ${file}`);
        expect(exit).toBe(1);
        expect(stdout).toMatch(/a-pg +0 +Failed +.*what it was given for has changed since/);
        expect(movedGroups(cli)).toEqual(['b-pg']);
        await writeFile(file, 'kind: FailoverConsent\n');
        const wrong = await cli.run(`${order} --consent ${file}`);
        expect(wrong.exit).toBe(2);
        expect(wrong.stderr).toContain('reason: its kind is not FailoverConsentList');
      }),
    ));

  test('a dry run says of each what is known, and changes nothing', () =>
    withTwin(async (cli) => {
      await loseSite(cli);
      const { exit, stdout } = await cli.run(`${order} --dry-run`);
      expect(exit).toBe(0);
      expect(stdout).toContain('▶ b-pg (wave 0)\nWhat is known:\n- ');
      expect(stdout).toContain('Ready for unplanned failover: YES\n');
      expect(operations(cli)).toEqual([]);
    }));

  test('a source that is alive and cannot be told to stop keeps its groups', () =>
    withTwin(async (cli) => {
      await cli.run('create protectiongroup a-pg --vm prod-vm-1');
      cli.twin.world.network.startOutage('cluster1', 'hang');
      const { exit, stdout } = await cli.run(order, { input: ['a-pg'] });
      expect(exit).toBe(3);
      expect(stdout).toContain('Cannot go:\n  ✗ Unplanned failover of a-pg to cluster2 refused\n');
      expect(stdout).not.toContain('Type the name');
      expect(operations(cli)).toEqual([]);
    }));
});
