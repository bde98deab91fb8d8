import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabUser } from '../lab/lab-user.ts';
import { PythonClient } from './python-client.ts';

const user = new LabUser();
let client: PythonClient;

beforeAll(async () => {
  await user.labUp();
  client = new PythonClient(user.linstorUrl());
});
afterAll(async () => {
  client.end();
  await user.end();
});

/** Runs Python statements, one after the other. */
async function run(...statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.value(statement);
}

describe('the objects that the client makes of the API', () => {
  test('a Resource is defined, placed, activated elsewhere and deleted', async () => {
    await run(
      "r = linstor.Resource('object', existing_client=lin)",
      "r.volumes[0] = linstor.Volume('20MiB')",
      'r.placement.redundancy = 2',
      "r.placement.storage_pool = 'pool1'",
    );
    expect(await client.value('r.defined')).toBe(false);
    expect(await client.value('r.autoplace()')).toBe(true);
    expect(await client.value('[r.defined, r.linstor_name, r.volumes[0].size]')).toEqual([
      true,
      'object',
      20 * 1024 ** 2,
    ]);
    expect(await client.value('r.volumes[0].device_path')).toMatch(/^\/dev\/drbd\d+$/);
    const diskful = (await client.value('r.diskful_nodes()')) as readonly string[];
    expect(diskful).toHaveLength(2);
    expect(await client.value('r.is_thin()')).toBe(true);
    const other = await client.text('[n.name for n in lin.node_list_raise().nodes if not r.is_assigned(n.name)][0]');
    expect(await client.value(`r.activate('${other}')`)).toBe(true);
    expect(await client.value(`r.is_diskless('${other}')`)).toBe(true);
    expect(await client.value(`r.activate('${diskful[0]}')`)).toBe(true);
    expect(await client.value(`r.is_diskful('${diskful[0]}')`)).toBe(true);
    await run('r.allow_two_primaries = True');
    expect(await client.value("lin.resource_dfn_props_list('object')['DrbdOptions/Net/allow-two-primaries']")).toBe(
      'yes',
    );
    expect(await client.value('r.delete()')).toBe(true);
    expect(await client.value("linstor.Resource('object', existing_client=lin).defined")).toBe(false);
  });

  test('a ResourceGroup has volume groups and makes Resources', async () => {
    await run("g = linstor.ResourceGroup('objects', existing_client=lin)");
    expect(await client.value('g.nr_volumes')).toBe(1);
    await run(
      'g.redundancy = 2',
      "g.storage_pool = ['pool1']",
      "g.replicas_on_different = ['Aux/site']",
      "g.description = 'two sites'",
    );
    await run("again = linstor.ResourceGroup('objects', existing_client=lin)");
    expect(
      await client.value('[again.redundancy, again.storage_pool, again.replicas_on_different, again.description]'),
    ).toEqual([2, ['pool1'], ['Aux/site'], 'two sites']);
    await run("made = g.create_resource('made', ['20MiB'])");
    expect(await client.value('sorted(made.diskful_nodes())')).toEqual(['cluster1-node-1', 'cluster2-node-1']);
    await expect(client.value("g.create_resource('made', ['20MiB'])")).rejects.toThrow(
      "A resource definition with the name 'made' already exists",
    );
    await expect(client.value("g.create_resource('two', ['20MiB', '20MiB'])")).rejects.toThrow(
      'Invalid count of volume sizes',
    );
    await run('made.delete()', 'g.delete()');
    expect(
      await client.value("lin.resource_group_list_raise(filter_by_resource_groups=['objects']).resource_groups"),
    ).toEqual([]);
  });

  test('a KV keeps texts under their paths', async () => {
    await run("kv = linstor.KV('store', existing_client=lin)", "kv['/x/y'] = 'z'", "kv['/x/other'] = '1'");
    await run("kv = linstor.KV('store', namespace='/x', existing_client=lin)");
    expect(await client.value('sorted(kv.items())')).toEqual([
      ['other', '1'],
      ['y', 'z'],
    ]);
    await run("del kv['y']");
    expect(await client.value("sorted(linstor.KV('store', existing_client=lin).keys())")).toEqual(['x/other']);
    await run('kv.clear()');
    expect(await client.value("list(linstor.KV('store', existing_client=lin).keys())")).toEqual([]);
  });
});

describe('what else the client was recorded to ask for', () => {
  test('volume groups of a resource group, and how large a volume of it may be', async () => {
    await client.said("resource_group_create('sized', place_count=2, storage_pool=['pool1'])");
    expect(await client.said("volume_group_create('sized')")).toEqual([
      "SUCC New volume group with number '0' of resource group 'sized' created.",
    ]);
    expect(await client.value("[g.number for g in lin.volume_group_list_raise('sized').volume_groups]")).toEqual([0]);
    const info = "lin.resource_group_query_size_info('sized').space_info";
    expect(await client.value(info)).toMatchObject({
      max_vlm_size_in_kib: expect.any(Number),
      next_spawn_result: [{ stor_pool_name: 'pool1' }, { stor_pool_name: 'pool1' }],
    });
    expect(await client.value("lin.resource_group_qmvs('sized')[0].candidates[0].all_thin")).toBe(true);
    // The client sends no body with this.
    expect(await client.value("linstor.Linstor.all_api_responses_no_error(lin.resource_group_adjust('sized'))")).toBe(
      true,
    );
    expect(await client.said("volume_group_create('sized', volume_nr=0)")).toEqual([
      "ERRO A volume group with the number 0 already exists in resource group 'sized'.",
    ]);
    expect(await client.said("volume_group_delete('sized', 0)")).toEqual([
      "SUCC Volume group with number '0' of resource group 'sized' deleted.",
    ]);
    expect(await client.said("volume_group_delete('sized', 0)")).toEqual([
      "ERRO Volume group 'sized' with volume number '0' not found.",
    ]);
    expect(await client.value("lin.volume_group_list_raise('sized').volume_groups")).toEqual([]);
    await client.said("resource_group_delete('sized')");
  });

  test('a connection of two replicas has properties', async () => {
    await client.said("resource_dfn_create('linked')");
    await client.said("volume_dfn_create('linked', 20480)");
    await client.said("resource_auto_place('linked', place_count=2, replicas_on_different=['Aux/site'])");
    const replicas =
      "[r.node_name for r in lin.resource_list(filter_by_resources=['linked'])[0].resources if not r.flags]";
    const [a, b] = (await client.value(replicas)) as readonly string[];
    const protocol = { 'DrbdOptions/Net/protocol': 'C' };
    // LINSTOR names the two in the order of their names.
    expect(
      await client.said(`resource_conn_modify('linked', '${b}', '${a}', ${JSON.stringify(protocol)}, [])`),
    ).toEqual([
      'SUCC Successfully set property key(s): DrbdOptions/Net/protocol',
      `SUCC Resource connection between nodes '${a}' and '${b}' for resource 'linked' modified.`,
    ]);
    const links = "[c.properties for c in lin.resource_conn_list_raise('linked').resource_connections if c.properties]";
    expect(await client.value(links)).toEqual([protocol]);
    await client.said("resource_dfn_delete('linked')");
  });

  test('a node that is there already, snapshots where there are none, error reports where nothing failed', async () => {
    expect(await client.said("node_create('cluster2-node-1', 'Satellite', '127.0.0.1')")).toEqual([
      "ERRO Registration of node 'cluster2-node-1' failed.",
    ]);
    expect(await client.value('lin.snapshot_dfn_list()[0].snapshots')).toEqual([]);
    expect(await client.value('lin.error_report_list()')).toEqual([]);
  });
});

// Last: from here on the lab lets in nobody without a token.
test('once token authentication is initialised, the client needs a token', async () => {
  const token = await client.text("lin.controller_init_auth_token('tests', no_https=True)[0].object_refs['token']");
  await expect(client.value('lin.node_list_raise()')).rejects.toThrow('Unauthorized: token invalid or not provided');
  await run(`known = linstor.Linstor(url, auth_token='${token}')`, 'known.allow_insecure = True', 'known.connect()');
  expect(await client.value('len(known.node_list_raise().nodes)')).toBe(4);
  expect(await client.value('[t.description for t in known.controller_list_auth_tokens()[0].auth_tokens][0]')).toBe(
    'tests',
  );
});
