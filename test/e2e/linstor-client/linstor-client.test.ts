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

/** The name of a volume that one of the lab's VMs uses. */
function volumeInUse(): Promise<string> {
  return client.text('[s.rsc_name for s in lin.resource_list()[0].resource_states if s.in_use][0]');
}

describe('what there is, as the client reads it', () => {
  test('it connects, also by the schemes of its own', async () => {
    expect(await client.value('lin.controller_version()')).toMatchObject({ rest_api_version: '1.28.0' });
    expect(await client.value('lin.controller_info()')).toMatch(/^LINSTOR,Controller,1\.34\./);
    expect(await client.value("linstor.Linstor(url.replace('http://', 'linstor://')).connect()")).toBe(true);
    const many = "linstor.MultiLinstor(linstor.MultiLinstor.controller_uri_list('127.0.0.1:1,' + url)).connect()";
    expect(await client.value(many)).toBe(true);
  });

  test('nodes: online, with their sites and interfaces, filtered by name and property', async () => {
    const nodes = await client.value('lin.node_list()[0].nodes');
    expect(nodes).toMatchObject(
      ['cluster1-node-1', 'cluster1-node-2', 'cluster2-node-1', 'cluster2-node-2'].map((name) => ({
        name,
        type: 'SATELLITE',
        platform: 'LINUX',
        connection_status: 'ONLINE',
        properties: { 'Aux/site': name.split('-')[0], NodeUname: name },
        net_interfaces: [{ name: 'default', is_active: true, stlt_port: 3366 }],
        flags: [],
        eviction_timestamp: null,
      })),
    );
    const named = "lin.node_list(filter_by_nodes=['CLUSTER2-node-1', 'nosuch'], filter_by_props=['Aux/site=cluster2'])";
    expect(await client.value(`[node.name for node in ${named}[0].nodes]`)).toEqual(['cluster2-node-1']);
    expect(await client.value("lin.node_list_raise().node('cluster2-node-2').connection_status")).toBe('ONLINE');
  });

  test('storage pools: thin ones, with room', async () => {
    const pools = "lin.storage_pool_list(filter_by_nodes=['cluster2-node-1'], filter_by_stor_pools=['pool1'])";
    expect(await client.value(`${pools}[0].storage_pools`)).toEqual([
      expect.objectContaining({
        name: 'pool1',
        node_name: 'cluster2-node-1',
        provider_kind: 'LVM_THIN',
        free_space: expect.objectContaining({ free_capacity: expect.any(Number), total_capacity: expect.any(Number) }),
        reports: [],
      }),
    ]);
    expect(await client.value(`${pools}[0].storage_pools[0].is_thin()`)).toBe(true);
  });

  test('resources: who uses them, and what DRBD says of each replica', async () => {
    const name = await volumeInUse();
    const list = `lin.resource_list(filter_by_resources=['${name}'])[0]`;
    expect(await client.value(`${list}.resource_states`)).toMatchObject([
      { node_name: 'cluster1-node-1', in_use: true, volume_states: [{ disk_state: 'UpToDate' }] },
      { node_name: 'cluster2-node-1', in_use: false, volume_states: [{ disk_state: 'UpToDate' }] },
    ]);
    expect(await client.value(`${list}.resources`)).toMatchObject([
      {
        node_name: 'cluster1-node-1',
        properties: { StorPoolName: 'pool1' },
        layer_data: {
          layer_stack: ['DRBD', 'STORAGE'],
          drbd_resource: { connections: { 'cluster2-node-1': { connected: true, message: 'Connected' } } },
        },
        volumes: [
          {
            number: 0,
            storage_pool_driver_name: 'LVM_THIN',
            state: { replication_states: { 'cluster2-node-1': { replication_state: 'Established' } } },
            drbd_data: { device_path: expect.stringMatching(/^\/dev\/drbd\d+$/) },
          },
        ],
      },
      { node_name: 'cluster2-node-1' },
    ]);
    expect(await client.value(`lin.resource_dfn_sync_status('${name}').synced_on_all`)).toBe(true);
    expect(
      await client.value(
        `[v.number for r in lin.volume_list(filter_by_nodes=['cluster2-node-1'])[0].resources for v in r.volumes]`,
      ),
    ).toEqual([0, 0]);
  });
});

describe('what an operator does with the client', () => {
  test('a resource group is made, spawns a resource, lists it, and goes', async () => {
    const filter = "place_count=2, storage_pool=['pool1'], replicas_on_different=['Aux/site']";
    expect(await client.said(`resource_group_create('grp', description='two sites', ${filter})`)).toEqual([
      "SUCC New resource group 'grp' created.",
    ]);
    expect(await client.said("resource_group_modify('grp', property_dict={'Aux/for': 'tests'})")).toEqual([
      'SUCC Successfully set property key(s): Aux/for',
      "SUCC Resource group 'grp' modified.",
    ]);
    const groups = "[g for g in lin.resource_group_list_raise().resource_groups if g.name == 'grp']";
    expect(await client.value(groups)).toMatchObject([
      {
        description: 'two sites',
        properties: { 'Aux/for': 'tests' },
        select_filter: { place_count: 2, storage_pool: 'pool1', replicas_on_different: ['Aux/site'] },
      },
    ]);
    const spawned = await client.said("resource_group_spawn('grp', 'spawned', ['20M'])");
    expect(spawned).toContain("SUCC New resource definition 'spawned' created.");
    // Over two sites there is no third node for it.
    expect(spawned.filter((reply) => !/^(SUCC|INFO) /.test(reply))).toEqual([
      "WARN Could not find suitable node to automatically create a tie breaking resource for 'spawned'.",
    ]);
    const list = "lin.resource_dfn_list(query_volume_definitions=True, filter_by_resource_definitions=['spawned'])";
    expect(await client.value(`${list}[0].resource_definitions`)).toMatchObject([
      { name: 'spawned', resource_group_name: 'grp', volume_definitions: [{ number: 0, size: 20_480 }] },
    ]);
    expect(await client.value("lin.resource_list_raise(filter_by_resources=['spawned']).nodes")).toEqual([
      'cluster1-node-1',
      'cluster2-node-1',
    ]);
    expect(await client.said("resource_group_delete('grp')")).toEqual([
      "ERRO Cannot delete resource group 'grp' because it has existing resource definitions.",
    ]);
    expect((await client.said("resource_dfn_delete('spawned')"))[0]).toBe(
      "SUCC Resource definition 'spawned' marked for deletion.",
    );
    expect(await client.said("resource_group_delete('grp')")).toEqual(["SUCC Resource group 'grp' deleted."]);
    expect(await client.value(`${list}[0].resource_definitions`)).toEqual([]);
  });

  test('a definition made by hand, placed by hand and by the placer, made available elsewhere, and deleted', async () => {
    expect(await client.said("resource_dfn_create('hand')")).toEqual(["SUCC New resource definition 'hand' created."]);
    expect(await client.said("volume_dfn_create('hand', 20480)")).toEqual([
      "SUCC New volume definition with number '0' of resource definition 'hand' created.",
    ]);
    const replica = "linstor.ResourceData('cluster1-node-1', 'hand', storage_pool='pool1')";
    expect(await client.said(`resource_create([${replica}])`)).toContain(
      "SUCC New resource 'hand' on node 'cluster1-node-1' registered.",
    );
    const place =
      "resource_auto_place('hand', place_count=2, storage_pool=['pool1'], replicas_on_different=['Aux/site'])";
    expect(await client.said(place)).toContain("SUCC Resource 'hand' successfully autoplaced on 1 nodes");
    const placed =
      "sorted(r.node_name for r in lin.resource_list(filter_by_resources=['hand'])[0].resources if 'DISKLESS' not in r.flags)";
    expect(await client.value(placed)).toEqual(['cluster1-node-1', 'cluster2-node-1']);
    expect(await client.said("resource_make_available('cluster2-node-2', 'hand')")).toContain(
      "SUCC New resource 'hand' on node 'cluster2-node-2' registered.",
    );
    expect(await client.said("resource_make_available('cluster2-node-2', 'hand')")).toEqual([
      'SUCC Resource already deployed as requested',
    ]);
    const flags = "{r.node_name: r.flags for r in lin.resource_list(filter_by_resources=['hand'])[0].resources}";
    expect(await client.value(flags)).toMatchObject({ 'cluster2-node-2': ['DISKLESS', 'DRBD_DISKLESS'] });
    expect(await client.said("resource_delete_if_diskless('cluster2-node-2', 'hand')")).toContain(
      'SUCC Node: cluster2-node-2, Resource: hand deletion complete.',
    );
    await client.said("resource_make_available('cluster1-node-2', 'hand')");
    expect(await client.value(flags)).toMatchObject({ 'cluster1-node-2': ['DISKLESS', 'DRBD_DISKLESS'] });
    expect(await client.said("resource_delete_if_diskless('cluster1-node-2', 'hand')")).toContain(
      'INFO The given resource will not be deleted but will be taken over as a linstor managed tiebreaker resource.',
    );
    expect(await client.value(flags)).toEqual({
      'cluster1-node-1': [],
      'cluster2-node-1': [],
      'cluster1-node-2': ['DISKLESS', 'DRBD_DISKLESS', 'TIE_BREAKER'],
    });
    await client.said("resource_delete_if_diskless('cluster2-node-1', 'hand')");
    expect(await client.value(flags)).toHaveProperty('cluster2-node-1');
    expect(
      await client.value(
        "[c.node_b for c in lin.resource_conn_list_raise('hand').resource_connections if c.node_a == 'cluster1-node-1']",
      ),
    ).toContain('cluster2-node-1');
    expect((await client.said("resource_dfn_delete('hand')"))[0]).toBe(
      "SUCC Resource definition 'hand' marked for deletion.",
    );
    expect(await client.said("resource_dfn_delete('hand')")).toEqual(['WARN Resource definition: hand not found.']);
  });

  test('properties of controller, node, definition and replica are set, read and deleted', async () => {
    const name = await volumeInUse();
    expect((await client.said("controller_set_prop('Aux/py', '1')"))[0]).toBe(
      "SUCC Successfully set property 'Aux/py' to value '1'",
    );
    expect(await client.value('lin.controller_props()[0].properties')).toMatchObject({ 'Aux/py': '1' });
    expect((await client.said("controller_del_prop('Aux/py')"))[0]).toBe("SUCC Successfully deleted property 'Aux/py'");
    expect(await client.value('lin.controller_props()[0].properties')).not.toHaveProperty('Aux/py');
    expect(await client.said("node_modify('cluster2-node-1', property_dict={'Aux/py': '1'})")).toEqual([
      'SUCC Successfully set property key(s): Aux/py',
      "SUCC Node 'cluster2-node-1' modified.",
    ]);
    expect(await client.value("lin.node_list_raise().node('cluster2-node-1').properties")).toMatchObject({
      'Aux/py': '1',
    });
    await client.said("node_modify('cluster2-node-1', delete_props=['Aux/py'])");
    const both = 'DrbdOptions/Net/allow-two-primaries';
    await client.said(`resource_dfn_modify('${name}', {'${both}': 'yes'})`);
    expect(await client.value(`lin.resource_dfn_props_list('${name}')`)).toMatchObject({ [both]: 'yes' });
    await client.said(`resource_dfn_modify('${name}', {}, delete_props=['${both}'])`);
    expect(await client.value(`lin.resource_dfn_props_list('${name}')`)).not.toHaveProperty([both]);
    await client.said(`resource_modify('cluster1-node-1', '${name}', {'Aux/py': '1'})`);
    const replica = `lin.resource_list(filter_by_nodes=['cluster1-node-1'], filter_by_resources=['${name}'])[0].resources[0]`;
    expect(await client.value(`${replica}.properties`)).toMatchObject({ 'Aux/py': '1' });
    await client.said(`resource_modify('cluster1-node-1', '${name}', delete_props=['Aux/py'])`);
  });
});

describe('what the client is refused', () => {
  test.each([
    ["resource_dfn_modify('nosuch', {'Aux/x': '1'})", "Resource definition 'nosuch' not found."],
    ["node_modify('nosuch', property_dict={'Aux/x': '1'})", "Node 'nosuch' not found."],
    ["resource_make_available('nosuch', 'VOLUME')", "Node 'nosuch' not found."],
    ["resource_make_available('cluster1-node-2', 'nosuch')", "Resource definition 'nosuch' not found."],
    ["resource_group_spawn('nosuch', 'new', ['20M'])", "Resource group 'nosuch' not found."],
    ["resource_group_modify('nosuch', place_count=3)", "Resource group 'nosuch' not found."],
    ["resource_auto_place('nosuch', place_count=2)", "Resource definition 'nosuch' not found."],
    ["resource_dfn_create('VOLUME')", "A resource definition with the name 'VOLUME' already exists"],
    [
      "resource_dfn_modify('VOLUME', {'DrbdOptions/Resource/quorum': 'banana'})",
      'Invalid property(DrbdOptions/Resource/quorum) value: banana',
    ],
    ["resource_delete('cluster1-node-1', 'VOLUME')", "Resource 'VOLUME' is still in use."],
    ["resource_dfn_delete('VOLUME')", "Resource 'VOLUME' on node 'cluster1-node-1' is still in use."],
    ["resource_group_spawn('DfltRscGrp', 'new', ['20T'])", 'Not enough available nodes'],
  ])('%s', async (call, text) => {
    const name = await volumeInUse();
    const replies = await client.said(call.replace('VOLUME', name));
    expect(replies).toEqual([`ERRO ${text.replace('VOLUME', name)}`]);
  });

  test('reads of unknown names raise what the controller says', async () => {
    await expect(client.value("lin.resource_list_raise(filter_by_nodes=['nosuch'])")).rejects.toThrow(
      "LinstorApiCallError: Error: ERRO:Node 'nosuch' not found.",
    );
    await expect(client.value("lin.storage_pool_list_raise(filter_by_nodes=['nosuch'])")).rejects.toThrow(
      "Node 'nosuch' not found.",
    );
    expect(await client.value("lin.node_list_raise(filter_by_nodes=['nosuch']).nodes")).toEqual([]);
    expect(await client.said("resource_delete('nosuch', 'nosuch')")).toEqual([
      'WARN Node: nosuch, Resource: nosuch not found.',
    ]);
  });

  test('codes arrive with all their 64 bits', async () => {
    expect(await client.value("lin.node_modify('nosuch', property_dict={'Aux/x': '1'})[0].ret_code")).toBe(
      '-4611686018389901012',
    );
    expect(
      await client.value(
        "lin.node_modify('nosuch', property_dict={'Aux/x': '1'})[0].is_error(linstor.consts.FAIL_NOT_FOUND_NODE)",
      ),
    ).toBe(true);
  });
});

test('a node that has lost its power is OFFLINE, and its replicas tell nothing', async () => {
  const name = await volumeInUse();
  await user.fault('node-crash', '--node', 'cluster2-node-1');
  await expect
    .poll(() => client.value("lin.node_list_raise().node('cluster2-node-1').connection_status"), { timeout: 20_000 })
    .toBe('OFFLINE');
  const states = `{s.node_name: s.in_use for s in lin.resource_list(filter_by_resources=['${name}'])[0].resource_states}`;
  expect(await client.value(states)).toEqual({ 'cluster1-node-1': true, 'cluster2-node-1': null });
  const links = `lin.resource_list(filter_by_nodes=['cluster1-node-1'], filter_by_resources=['${name}'])[0].resources[0].layer_data.drbd_resource.connections`;
  await expect
    .poll(() => client.value(links), { timeout: 20_000 })
    .toMatchObject({ 'cluster2-node-1': { connected: false } });
  await user.heal();
  await expect
    .poll(() => client.value("lin.node_list_raise().node('cluster2-node-1').connection_status"), { timeout: 30_000 })
    .toBe('ONLINE');
});
