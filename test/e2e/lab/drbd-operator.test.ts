import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const me = new LabUser();

beforeAll(async () => {
  await me.labUp('--storage', 'drbd-operator');
  await me.configure();
  const folder = join(me.home, '.kube', 'pgctl');
  const text = readFileSync(join(folder, 'config'), 'utf8');
  writeFileSync(join(folder, 'config'), text.replace('DEPLOYMENT_MODEL=linstor', 'DEPLOYMENT_MODEL=drbd-operator'));
});

afterAll(() => me.end());

/** What kubectl prints of the DRBDVolumes of a cluster: size, policy, node, disk, and which node is Primary. */
async function volumesOn(cluster: string): Promise<readonly string[]> {
  const { stdout } = await me.kubectl(cluster, ['get', 'drbdvolumes', '--no-headers']);
  return stdout
    .trim()
    .split('\n')
    .map((row) => row.split(/ +/).slice(1, 6).join(' '));
}

test('a lab with DRBD Operator has no LINSTOR, and says so', async () => {
  const { stdout } = await me.pgctl(['lab', 'status', '--dir', me.lab, '-o', 'json']);
  const status = JSON.parse(stdout) as Record<string, unknown>;
  expect([status['storage'], status['linstorUrl']]).toEqual(['drbd-operator', undefined]);
  const { stdout: shown } = await me.pgctl(['lab', 'status', '--dir', me.lab]);
  expect(shown).toContain('Storage: DRBD Operator');
});

test('kubectl shows what the agents say by the commands of docs/operations.md, and refuses an operation that cannot be', async () => {
  expect(await volumesOn('cluster1')).toEqual(
    [1, 2].map((n) => `10485760Ki geo cluster1-node-${n} UpToDate cluster1-node-${n}`),
  );
  const [volume = ''] = await me.names('cluster1', 'drbdvolumes');
  const section = /## DRBD Operator in place[^]*?\n## /.exec(
    readFileSync(join(root, 'docs', 'operations.md'), 'utf8'),
  )?.[0];
  const commands = [...(section ?? '').matchAll(/`kubectl ((?:get|explain) [^`]+)`/g)].map(
    ([, command = '']) => command,
  );
  expect(commands.length).toBeGreaterThan(4);
  const answers = await Promise.all(
    commands.map((command) => me.kubectl('cluster1', command.replace('NAME', volume.split('/')[1] ?? '').split(' '))),
  );
  expect(answers.map(({ code }, index) => [commands[index], code])).toEqual(commands.map((command) => [command, 0]));
  const shown = answers.map(({ stdout }) => stdout).join('');
  for (const part of [/connection: Connected/, /drbd-agent-\w+ +1\/1 +Running/, /Primary, Secondary or Unknown\./])
    expect(shown).toMatch(part);
  const spec = { volume: 'v', node: 'cluster1-node-1', type: 'Connect', precondition: { role: 'Secondary' } };
  const manifest = { apiVersion: 'drbd.io/v1alpha1', kind: 'DRBDOperation', metadata: { name: 'o' }, spec };
  await expect(me.apply('cluster1', JSON.stringify(manifest))).rejects.toThrow('peer goes with Connect');
});

test('pgctl protects the VMs and moves them, and the controllers follow what the agents write', async () => {
  for (const words of ['create protectiongroup pg --vm prod-vm-1 --vm prod-vm-2', 'failover pg --yes']) {
    const { code, stdout, stderr } = await me.type(`pgctl ${words}`);
    expect([words, code, stderr], stdout).toEqual([words, 0, '']);
  }
  await me.waitFor('cluster2', ['drbdvolumes'], '.items[*].status.nodes[*].role', 'Primary Primary');
  await me.waitFor('cluster1', ['drbdvolumes'], '.items[*].status.nodes[*].role', 'Secondary Secondary');
  await me.waitFor('cluster1', ['pg', 'pg'], '.status.role', 'Standby');
  await me.waitFor('cluster2', ['pg', 'pg'], '.status.role', 'Active');
  await me.waitFor('cluster2', ['pg', 'pg'], '.status.conditions[?(@.type=="Ready")].status', 'True');
});
