import { expect, test } from 'vitest';
import { type JsonObject, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { FaultBoard } from '../../src/twin/faults/fault-board.ts';
import { withTwin } from './twin-cli.ts';

const resource = resources.drbdOperation;

test('on DRBD Operator a group is protected, described, moved and compared, and nothing speaks of LINSTOR', () =>
  withTwin(
    async ({ twin, run, pass }) => {
      const said: string[] = [];
      const succeeds = async (words: string): Promise<string> => {
        const { exit, stdout, stderr } = await run(words);
        expect([words, exit, stderr]).toEqual([words, 0, '']);
        said.push(stdout);
        return stdout;
      };
      expect(await succeeds('create protectiongroup pg --vm prod-vm-1 --vm prod-vm-2')).toContain(
        '✓ Geo-replication enabled (a policy with >= 2 clusters)',
      );
      pass(30);
      expect(await succeeds('validate protectiongroup pg')).toContain('OVERALL: ✓ Configuration valid');
      const described = await succeeds('describe protectiongroup pg');
      expect(described).toMatch(/^PVC +VM +PHASE +VOLUME +DRBD VOLUME$/m);
      expect(described).toMatch(
        /^pvc-\S+ +c1-node-\d +cluster1 +diskful +yes +UpToDate +c2-node-\d Connected\/Established$/m,
      );
      expect(await succeeds('failover pg --dry-run')).toContain('Ready for failover: YES');
      expect(await succeeds('failover pg --yes')).toContain('All VMs now running on cluster2');
      pass(30);
      expect(await succeeds('verify protectiongroup pg')).toContain('✓ Every copy of pg is the same');
      expect(await succeeds('failback pg --yes')).toContain('All VMs now running on cluster1');
      expect(await succeeds('history pg')).toMatch(/^(?=[\s\S]*cluster1 → cluster2)[\s\S]*cluster2 → cluster1/);
      expect(twin.guests.executing('default', 'prod-vm-1').map(({ cluster }) => cluster)).toEqual(['cluster1']);
      expect(said.join('').match(/linstor/i)).toBeNull();
    },
    { storage: 'drbd-operator' },
  ));

test('what a recovery would do next is printed as commands that can be typed, until the copies are together', () =>
  withTwin(
    async ({ twin, run, pass }) => {
      await run('create protectiongroup pg --vm prod-vm-1');
      new FaultBoard(twin).inject({ kind: 'split-brain', vm: 'prod-vm-1' }, twin.world.wall());
      pass(60);
      const given: unknown[] = [];
      for (let rounds = 0; rounds < 5; rounds++) {
        const { stdout } = await run('recover pg --survivor cluster1 --dry-run');
        const commands = stdout.matchAll(
          /▶ on \S+: echo '(.+)' \| kubectl --kubeconfig \S*(cluster\d)\S* create -f -$/gm,
        );
        for (const [, manifest = '', cluster = ''] of commands) {
          const body = JSON.parse(manifest) as JsonObject;
          const { status } = twin.world.cluster(cluster).api.request({ verb: 'create', resource, body });
          given.push([cluster, textAt(body, 'spec', 'type'), status]);
        }
        pass(10);
      }
      expect(given).toContainEqual(['cluster2', 'ConnectDiscarding', 201]);
      expect((await run('recover pg')).stdout).toContain('✓ The copies of pg are together, and in sync');
    },
    { storage: 'drbd-operator' },
  ));

test.each([
  ['linstor', 'drbd-operator', 'DRBD Operator', 'LINSTOR', 'csi.drbd.io'],
  ['drbd-operator', 'linstor', 'LINSTOR', 'DRBD Operator', 'linstor.csi.linbit.com'],
] as const)(
  'with DEPLOYMENT_MODEL=%s where %s keeps the volumes nothing is begun, and the setting is what is told of',
  async (told, storage, keeper, asked, driver) => {
    const what = `PVC prod-vm-1-disk of prod-vm-1 on cluster1 is on a volume of ${keeper}, and ${asked} was asked about it`;
    const why = `its PersistentVolume is of ${driver}, and DEPLOYMENT_MODEL is ${told}`;
    const remedy = `set DEPLOYMENT_MODEL=${storage} in the config file of pgctl, and in that of the controllers`;
    await withTwin(
      async ({ twin, run, tellModel }) => {
        await tellModel(told);
        expect(await run('create protectiongroup pg --vm prod-vm-1')).toMatchObject({
          exit: 3,
          stderr: `error: Protection group pg was not created\nreason: ${what} (${why})\nremedy: ${remedy}\n`,
        });
        await tellModel(storage);
        expect(await run('create protectiongroup pg --vm prod-vm-1')).toMatchObject({ exit: 0 });
        await tellModel(told);
        const validated = await run('validate protectiongroup pg');
        expect([validated.exit, validated.stdout]).toEqual([3, expect.stringContaining(what)]);
        expect(await run('failover pg --yes')).toMatchObject({
          exit: 3,
          stderr: `error: pg is not ready for failover to cluster2\nreason: ${what} (${why})\nremedy: ${remedy}\n`,
        });
        // The agents of DRBD Operator are listened to where they are found: on the day of a disaster a setting is in nobody's way.
        const { stdout } = await run('failover pg --unplanned --dry-run');
        expect(stdout.includes(what)).toBe(storage === 'linstor');
        expect(await run('recover pg')).toMatchObject({
          exit: 3,
          stderr: `error: ${what}\nreason: ${why}\nremedy: ${remedy}\n`,
        });
        expect(twin.guests.executing('default', 'prod-vm-1').map(({ cluster }) => cluster)).toEqual(['cluster1']);
      },
      { storage },
    );
  },
);
