import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type JsonObject, listAt, textAt } from '../../src/model/json.ts';
import { resources } from '../../src/model/kube.ts';
import { FaultError } from '../../src/twin/faults/fault.ts';
import { faultKinds } from '../../src/twin/faults/fault-board.ts';
import { type Lab, openLab } from '../../src/lab/lab.ts';

const crds = readFileSync(join(import.meta.dirname, '../../crds/protection-group-crd.yaml'), 'utf8');
const definitions = parseAllDocuments(crds).map((document) => document.toJS() as JsonObject);
const faults: unknown[] = [];

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ clusters: 3, speed: 100, seed: 1, definitions, onFault: (cause) => faults.push(cause) });
});
afterAll(async () => {
  await lab.close();
  expect(faults).toEqual([]);
});

const vmsRun = (site: string): readonly (string | undefined)[] =>
  lab.twin.world
    .cluster(site)
    .api.list(resources.virtualMachine)
    .map((vm) => textAt(vm, 'status', 'printableStatus'));

const linstor = async (path: string): Promise<string> => (await fetch(`${lab.linstorUrl}${path}`)).text();

test('two VMs run on the primary site from the first moment, and no object is from the future', () => {
  expect(vmsRun('cluster1')).toEqual(['Running', 'Running']);
  expect(vmsRun('cluster2')).toEqual([]);
  const newest =
    lab.twin.world.cluster('cluster1').api.list(resources.virtualMachine)[0]?.metadata.creationTimestamp ?? '';
  expect(Date.parse(newest)).toBeLessThanOrEqual(Date.now());
  expect(Math.abs(lab.twin.world.wall() - Date.now())).toBeLessThan(5000);
});

test('LINSTOR answers over HTTP, every digit of its codes kept', async () => {
  expect(JSON.parse(await linstor('/v1/controller/version'))).toMatchObject({ rest_api_version: '1.28.0' });
  const missing = await fetch(`${lab.linstorUrl}/v1/resource-definitions/nothing/properties/x`, {
    method: 'PUT',
    body: '{',
  });
  expect(missing.status).toBeGreaterThanOrEqual(400);
  expect(await missing.text()).toMatch(/"ret_code":-\d{16,}/);
});

test('the clusters are told where LINSTOR is', () => {
  const [cluster] = lab.twin.world.cluster('cluster1').api.list(resources.linstorCluster);
  expect(textAt(cluster, 'spec', 'externalController', 'url')).toBe(lab.linstorUrl);
});

describe('faults', () => {
  test('an order that cannot be carried out changes nothing and says what can be', () => {
    const refused = (order: object, text: string): void => {
      expect(() => lab.injectFault({ kind: '', ...order })).toThrow(FaultError);
      expect(() => lab.injectFault({ kind: '', ...order })).toThrow(text);
    };
    refused({ kind: 'earthquake' }, 'there are: api-outage, link-cut');
    refused({ kind: 'api-outage' }, '--site is missing: one of cluster1, cluster2, cluster3');
    refused({ kind: 'api-outage', site: 'cluster9' }, 'There is no site cluster9');
    refused({ kind: 'api-outage', site: 'cluster1', how: 'loudly' }, 'Expected --how to be hang or refuse');
    refused({ kind: 'link-cut', site: 'cluster1', peer: 'cluster1' }, 'two sites');
    refused({ kind: 'node-crash', node: 'n' }, 'There is no node n');
    refused({ kind: 'vm-stuck', vm: 'nobody' }, 'There is no VM nobody in namespace default: prod-vm-1, prod-vm-2');
    refused({ kind: 'pv-missing', vm: 'prod-vm-1' }, 'cluster2 has no PersistentVolume of VM default/prod-vm-1');
    expect(lab.faults()).toEqual([]);
    expect(() => lab.healFaults('fault-1')).toThrow('no fault is on');
  });

  test('every kind can be started, listed and healed, and afterwards the VMs run as before', async () => {
    const orders: Readonly<Record<string, object>> = {
      'api-outage': { site: 'cluster2' },
      'link-cut': { site: 'cluster1' },
      'split-brain': { vm: 'prod-vm-1' },
      'node-crash': { site: 'cluster2' },
      'site-loss': { site: 'cluster2' },
      'vm-stuck': { vm: 'prod-vm-1' },
      'opener-stuck': { vm: 'prod-vm-1' },
      'pv-missing': { vm: 'prod-vm-1', site: 'cluster1' },
      'image-missing': { site: 'cluster2' },
      'taint-flap': { site: 'cluster1' },
    };
    expect(Object.keys(orders)).toEqual(faultKinds.map(({ kind }) => kind));
    for (const [kind, order] of Object.entries(orders)) expect(lab.injectFault({ kind, ...order }).kind).toBe(kind);
    expect(lab.faults().map(({ kind }) => kind)).toEqual(Object.keys(orders));
    expect(lab.healFaults(undefined)).toHaveLength(10);
    expect(lab.faults()).toEqual([]);
    await expect.poll(() => vmsRun('cluster1'), { timeout: 10_000 }).toEqual(['Running', 'Running']);
    expect(lab.twin.world.network.reach('operator', 'cluster2')).toBe('open');
  });

  test('healing one of two that break the same leaves the other on', () => {
    const first = lab.injectFault({ kind: 'api-outage', site: 'cluster2' });
    lab.injectFault({ kind: 'site-loss', site: 'cluster2' });
    lab.healFaults(first.id);
    expect(lab.twin.world.network.reach('operator', 'cluster2')).toBe('hang');
    lab.healFaults(undefined);
    expect(lab.twin.world.network.reach('operator', 'cluster2')).toBe('open');
  });

  test('LINSTOR loses the satellites that it reaches over a cut API link, and finds them again', async () => {
    const connections = async (): Promise<string> =>
      (JSON.parse(await linstor('/v1/nodes')) as { name: string; connection_status: string }[])
        .map((node) => `${node.name.split('-')[0]} ${node.connection_status}`)
        .join(', ');
    lab.injectFault({ kind: 'link-cut', plane: 'api', site: 'cluster3', peer: 'cluster1' });
    await expect.poll(connections).toBe('cluster1 OFFLINE, cluster1 OFFLINE, cluster2 ONLINE, cluster2 ONLINE');
    lab.healFaults(undefined);
    await expect.poll(connections).toBe('cluster1 ONLINE, cluster1 ONLINE, cluster2 ONLINE, cluster2 ONLINE');
  });

  test('the quorum taint comes back for as long as it flaps', async () => {
    const { api } = lab.twin.world.cluster('cluster2');
    const tainted = (): boolean =>
      listAt(api.list(resources.node)[0], 'spec', 'taints').some(
        (taint) => textAt(taint, 'key') === 'drbd.linbit.com/lost-quorum',
      );
    lab.injectFault({ kind: 'taint-flap', site: 'cluster2' });
    for (let round = 0; round < 2; round++) {
      await expect.poll(tainted).toBe(true);
      const body = { spec: { taints: null } };
      api.request({ verb: 'patch', patch: 'merge', resource: resources.node, name: 'cluster2-node-1', body });
      expect(tainted()).toBe(false);
    }
    await expect.poll(tainted).toBe(true);
    lab.healFaults(undefined);
    expect(tainted()).toBe(false);
  });
});
