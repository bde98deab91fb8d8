import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabUser } from './lab-user.ts';
import { claim, machine } from './manifests.ts';

const examples = join(process.env['LIKENESS_DATA'] ?? '', 'kubevirt', 'examples');
const hasExamples = process.env['LIKENESS_DATA'] !== undefined && existsSync(examples);
const me = new LabUser();
beforeAll(async () => {
  await me.labUp();
  await me.configure();
});
afterAll(() => me.end());

describe('VMs written as a person writes them', () => {
  test.each([
    ['Always', 'Block'],
    ['RerunOnFailure', 'Filesystem'],
    ['Manual', 'Block'],
    ['Once', 'Filesystem'],
  ] as const)(
    'a VM with runStrategy %s on a %s volume fails over and back, and keeps its strategy',
    async (strategy, mode) => {
      const name = `vm-${strategy.toLowerCase()}`;
      await me.apply(
        'cluster1',
        [claim(`${name}-root`, mode), machine(name, strategy, [`${name}-root`])].join('---\n'),
      );
      if (strategy === 'Manual') await start(name);
      await me.waitFor('cluster1', ['vmi', name], '.status.phase', 'Running');
      await failsOverAndBack(name, strategy);
    },
  );

  test('a VM that does not run is refused', async () => {
    const manifests = [claim('off-root', 'Block'), machine('vm-off', 'Halted', ['off-root'])];
    await me.apply('cluster1', manifests.join('---\n'));
    await isRefused('vm-off', 'vm-off is stopped on cluster1');
  });

  test('two disks, a cloud-init Secret and a ConfigMap go along', async () => {
    const extras = [
      '{name: init, cloudInitNoCloud: {secretRef: {name: init}}}',
      '{name: settings, configMap: {name: settings}}',
    ];
    await me.apply(
      'cluster1',
      [
        claim('rich-root', 'Block'),
        claim('rich-data', 'Filesystem'),
        'apiVersion: v1\nkind: Secret\nmetadata: {name: init}\nstringData: {userdata: "#cloud-config"}\n',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n',
        machine('rich', 'Always', ['rich-root', 'rich-data'], ...extras),
      ].join('---\n'),
    );
    await me.waitFor('cluster1', ['vmi', 'rich'], '.status.phase', 'Running');
    await failsOverAndBack('rich', 'Always');
    expect(await me.names('cluster2', 'secret,configmap')).toEqual(
      expect.arrayContaining(['secret/init', 'configmap/settings']),
    );
  });

  test('a VM on an unreplicated class is refused, and nothing is left on either cluster', async () => {
    const single = claim('single-root', 'Block', 'linstor-single');
    await me.apply('cluster1', [single, machine('single', 'Always', ['single-root'])].join('---\n'));
    await me.waitFor('cluster1', ['vmi', 'single'], '.status.phase', 'Running');
    await isRefused('single', 'linstor-single');
  });

  test('a VM with a disk of its node is refused', async () => {
    const disk = `{name: local, hostDisk: {path: /data/disk.img, type: Disk}}`;
    await me.apply('cluster1', machine('pinned', 'Always', [], disk));
    await me.waitFor('cluster1', ['vmi', 'pinned'], '.status.phase', 'Running');
    await isRefused('pinned', '/data/disk.img');
  });
});

describe('manifests that KubeVirt publishes', () => {
  test('their folder is there, where that is a duty', () => {
    if (!hasExamples) process.stderr.write(`not run: no kubevirt/examples below LIKENESS_DATA\n`);
    if (process.env['CI'] === 'true') expect(hasExamples).toBe(true);
  });

  test.runIf(hasExamples)('a VM on two claims fails over and back', async () => {
    await me.apply('cluster1', [claim('disk-alpine', 'Filesystem'), claim('disk-custom', 'Block')].join('---\n'));
    await me.apply('cluster1', example('vm-alpine-multipvc.yaml'));
    await start('vm-alpine-multipvc');
    await me.waitFor('cluster1', ['vmi', 'vm-alpine-multipvc'], '.status.phase', 'Running');
    await failsOverAndBack('vm-alpine-multipvc', 'Always');
  });

  test.runIf(hasExamples)('a DataVolume template without CDI is refused for its missing claim', async () => {
    await me.apply('cluster1', example('vm-alpine-datavolume.yaml'));
    await start('vm-alpine-datavolume');
    await isRefused('vm-alpine-datavolume', 'alpine-dv');
  });

  test.runIf(hasExamples)('a VM whose claim nobody made is refused for it', async () => {
    for (const file of ['clarge.yaml', 'windows.yaml', 'vm-windows-clarge-windows.yaml']) {
      await me.apply('cluster1', example(file));
    }
    await isRefused('vm-windows-clarge-windows', 'disk-windows');
  });
});

async function failsOverAndBack(vm: string, strategy: string): Promise<void> {
  const group = `g-${vm}`;
  const created = await me.type(`pgctl create protectiongroup ${group} --vm ${vm}`);
  expect(created.code, created.stderr).toBe(0);
  const valid = await me.type(`pgctl validate protectiongroup ${group}`);
  expect(valid.code, valid.stdout).toBe(0);
  for (const [command, here, there] of [
    ['failover', 'cluster2', 'cluster1'],
    ['failback', 'cluster1', 'cluster2'],
  ] as const) {
    const moved = await me.type(`pgctl ${command} ${group} --yes`);
    expect(moved.code, `${moved.stdout}${moved.stderr}`).toBe(0);
    expect(await me.names(here, 'vmi')).toContain(`virtualmachineinstance.kubevirt.io/${vm}`);
    expect(await me.names(there, 'vmi')).not.toContain(`virtualmachineinstance.kubevirt.io/${vm}`);
    const spec = await me.kubectl(here, ['get', 'vm', vm, '-o', 'jsonpath={.spec.runStrategy}']);
    expect(spec.stdout).toBe(strategy);
  }
}

/** Refused as not ready, for a reason that names `what`; both clusters as they were. */
async function isRefused(vm: string, what: string): Promise<void> {
  const everything = 'protectiongroup,vm,pvc,pv,secret,configmap';
  const before = await Promise.all([me.names('cluster1', everything), me.names('cluster2', everything)]);
  const { code, stderr } = await me.type(`pgctl create protectiongroup g-${vm} --vm ${vm}`);
  expect(code, stderr).toBe(3);
  expect(stderr).toContain(what);
  expect(stderr).toContain('remedy: ');
  expect(await Promise.all([me.names('cluster1', everything), me.names('cluster2', everything)])).toEqual(before);
}

/** What `virtctl start` sends. */
async function start(vm: string): Promise<void> {
  const path = `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachines/${vm}/start`;
  const { code, stderr } = await me.kubectl('cluster1', ['replace', '--raw', path, '-f', '-'], { input: '{}' });
  expect(code, stderr).toBe(0);
}

function example(file: string): string {
  return readFileSync(join(examples, file), 'utf8');
}
