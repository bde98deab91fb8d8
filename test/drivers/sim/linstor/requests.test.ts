import { describe, expect, test } from 'vitest';
import { LinstorLab } from './linstor-lab.ts';

const quorum = 'DrbdOptions/Resource/quorum';

/** The fields of a value, with the types of what they hold, of a list the first entry: what an answer looks like. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (value === null || typeof value !== 'object') return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, shape(held)]));
}

describe('reads, in the recorded shapes', () => {
  test('one replica of the view: everything that a connected satellite tells', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    const [first] = lab.get('/v1/view/resources?resources=vm&nodes=pri-a') as readonly unknown[];
    const drbdDefinition = {
      peer_slots: 'number',
      al_stripes: 'number',
      al_stripe_size_kib: 'number',
      port: 'number',
      transport_type: 'string',
      secret: 'string',
      down: 'boolean',
    };
    const drbdVolume = {
      drbd_volume_definition: { volume_number: 'number', minor_number: 'number' },
      device_path: 'string',
      backing_device: 'string',
      allocated_size_kib: 'number',
      usable_size_kib: 'number',
    };
    const storageVolume = {
      volume_number: 'number',
      device_path: 'string',
      allocated_size_kib: 'number',
      usable_size_kib: 'number',
      disk_state: 'string',
    };
    const link = { connected: 'boolean', message: 'string' };
    const replication = { replication_state: 'string' };
    expect(shape(first)).toEqual({
      name: 'string',
      node_name: 'string',
      props: { StorPoolName: 'string' },
      layer_object: {
        children: [{ type: 'string', storage: { storage_volumes: [storageVolume] } }],
        type: 'string',
        drbd: {
          drbd_resource_definition: drbdDefinition,
          node_id: 'number',
          tcp_ports: ['number'],
          peer_slots: 'number',
          al_stripes: 'number',
          al_size: 'number',
          flags: ['string'],
          drbd_volumes: [drbdVolume],
          connections: { 'dr-a': link, 'pri-b': link },
          promotion_score: 'number',
          may_promote: 'boolean',
        },
      },
      state: { in_use: 'boolean' },
      uuid: 'string',
      create_timestamp: 'number',
      volumes: [
        {
          volume_number: 'number',
          storage_pool_name: 'string',
          provider_kind: 'string',
          device_path: 'string',
          allocated_size_kib: 'number',
          state: { disk_state: 'string', replication_states: { 'dr-a': replication, 'pri-b': replication } },
          layer_data_list: [{ type: 'string', data: drbdVolume }],
          uuid: 'string',
        },
      ],
    });
  });

  test('the view follows the kernel a second later; a peer without replication is not in the map', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    lab.kernel.open('vm', 'pri-a', 'pod', 'rw');
    const inUse = (): unknown[] =>
      (lab.get('/v1/view/resources?resources=vm') as readonly { state?: { in_use: boolean } }[]).map(
        (each) => each.state,
      );
    expect(inUse()).toEqual([{ in_use: false }, { in_use: false }, { in_use: false }]);
    lab.clock.pass(1000);
    expect(inUse()).toEqual([{ in_use: false }, { in_use: true }, { in_use: false }]);
    lab.kernel.setLink('pri-a', 'dr-a', false);
    lab.clock.pass(13_000);
    const [view] = lab.get('/v1/view/resources?resources=vm&nodes=pri-a') as never[];
    expect(view).toMatchObject({
      layer_object: { drbd: { connections: { 'dr-a': { connected: false, message: 'Connecting' } } } },
    });
    expect(view).toHaveProperty(['volumes', 0, 'state', 'replication_states'], {
      'pri-b': { replication_state: 'Established' },
    });
  });

  test('filters: any case, several values, unknown names empty or 404, offset only with a limit', () => {
    const lab = new LinstorLab();
    lab.define('vm1', 'pri-a', 'dr-a');
    lab.define('vm2', 'pri-a', 'dr-a');
    const count = (path: string): number => (lab.get(path) as readonly unknown[]).length;
    expect(count('/v1/view/resources')).toBe(6);
    expect(count('/v1/view/resources?resources=VM1')).toBe(3);
    expect(count('/v1/view/resources?resources=vm1&resources=nosuch')).toBe(3);
    expect(count('/v1/view/resources?limit=2&offset=5')).toBe(1);
    expect(count('/v1/view/resources?offset=5')).toBe(6);
    expect(count('/v1/view/resources?storage_pools=DfltDisklessStorPool')).toBe(2);
    expect(count('/v1/nodes?props=Aux/site=primary')).toBe(2);
    expect(count('/v1/nodes?nodes=nosuch')).toBe(0);
    expect(lab.send('GET', '/v1/view/resources?nodes=nosuch').status).toBe(404);
    expect(lab.send('GET', '/v1/view/resources?resources=vm1,vm2').status).toBe(500);
  });

  test('groups are found by name and property, and a name that there is not finds none', () => {
    const lab = new LinstorLab();
    lab.send('POST', '/v1/resource-groups', { name: 'grp' });
    lab.send('PUT', '/v1/resource-groups/grp', { override_props: { 'Aux/for': 'tests' } });
    const found = (query: string): unknown[] =>
      (lab.get(`/v1/resource-groups?${query}`) as readonly { name: string }[]).map(({ name }) => name);
    expect(found('limit=0')).toEqual(['DfltRscGrp', 'grp']);
    expect(found('resource_groups=GRP&resource_groups=nosuch')).toEqual(['grp']);
    expect(found('resource_groups=nosuch')).toEqual([]);
    expect(found('props=Aux/for=tests')).toEqual(['grp']);
    expect(found('limit=1&offset=1')).toEqual(['grp']);
  });

  test('a definition without replicas has no layers; volumes come with the list only', () => {
    const lab = new LinstorLab();
    lab.define('vm');
    expect(Object.keys(lab.get('/v1/resource-definitions/vm?with_volume_definitions=true') as object)).toEqual([
      'name',
      'uuid',
      'resource_group_name',
    ]);
    expect(lab.get('/v1/resource-definitions?with_volume_definitions=true')).toMatchObject([
      { volume_definitions: [{ volume_number: 0, size_kib: 20_480 }] },
    ]);
  });
});

describe('errors, with exact 64-bit codes', () => {
  test.each([
    ['GET', '/v1/nodes/nosuch', 404, '-4611686018427387604', "Node 'nosuch' not found."],
    ['GET', '/v1/resource-definitions/nosuch', 404, '-4611686018427387603', "Resource definition 'nosuch' not found."],
    [
      'GET',
      '/v1/resource-definitions/vm/resources/dr-x',
      404,
      '-4611686018427387602',
      "Resource 'vm' on 'dr-x' not found.",
    ],
    ['GET', '/v1/resource-groups/nosuch', 404, '-4611686018427387587', "Resource group 'nosuch' not found."],
    ['GET', '/v1/nosuch', 404, '-4611686018427386906', "Path '/v1/nosuch' not found on server."],
    ['PUT', '/v1/nodes', 405, '-4611686018427386906', "Method 'PUT' not allowed on path '/v1/nodes'."],
    [
      'DELETE',
      '/v1/resource-definitions/nosuch',
      200,
      '-9223372036800771144',
      'Resource definition: nosuch not found.',
    ],
  ])('%s %s', (method, path, status, code, message) => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a');
    const answer = lab.send(method, path);
    expect(answer.status).toBe(status);
    expect(lab.codes(answer)).toEqual([code]);
    expect(answer.body).toMatchObject([{ ret_code: code, message }]);
  });

  test('a bad value or key stores nothing of the whole change', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a');
    const bad = lab.send('PUT', '/v1/resource-definitions/vm', {
      override_props: { 'Aux/x': '1', [quorum]: 'banana' },
    });
    expect([bad.status, lab.codes(bad)]).toEqual([500, ['-4611686018390163243']]);
    expect(bad.body).toMatchObject([
      {
        message: `Invalid property(${quorum}) value: banana`,
        details: 'This value has to match (1 - 32) or (?:all|majority|off).\nResource definition: vm',
      },
    ]);
    expect(lab.property('vm', 'Aux/x')).toBeUndefined();
    const key = lab.send('POST', '/v1/controller/properties', { override_props: { 'NoSuchThing/x': '1' } });
    expect([key.status, lab.codes(key)]).toEqual([500, ['-4611686018409561899']]);
  });

  test('creating what exists: a definition is an error, a resource only an information', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a');
    const again = lab.send('POST', '/v1/resource-definitions', { resource_definition: { name: 'VM' } });
    expect([again.status, lab.codes(again)]).toEqual([500, ['-4611686018406940171']]);
    const resource = lab.send('POST', '/v1/resource-definitions/vm/resources/pri-a', { resource: {} });
    expect([resource.status, lab.codes(resource)]).toEqual([201, ['4611686018447583000']]);
  });
});

describe('properties', () => {
  test('are stored under paths, however many slashes are sent', () => {
    const lab = new LinstorLab();
    lab.send('PUT', '/v1/key-value-store/kv', { override_props: { '/x/y': 'z', 'a//b/': '1' } });
    expect(lab.get('/v1/key-value-store/kv')).toEqual([{ name: 'kv', props: { 'a/b': '1', 'x/y': 'z' } }]);
    lab.send('PUT', '/v1/key-value-store/kv', { delete_props: ['x//y'] });
    expect(lab.get('/v1/key-value-store/kv')).toEqual([{ name: 'kv', props: { 'a/b': '1' } }]);
  });
});

describe('properties reach DRBD', () => {
  test('nearest to the definition wins: definition, group, controller', () => {
    const lab = new LinstorLab({ 'DrbdOptions/Resource/on-no-quorum': 'suspend-io' });
    lab.define('vm', 'pri-a', 'dr-a');
    const options = () => lab.kernel.replica('vm', 'pri-a')!.options;
    expect(options()).toMatchObject({ quorum: 'majority', 'on-no-quorum': 'suspend-io', 'allow-two-primaries': false });
    lab.send('PUT', '/v1/resource-groups/DfltRscGrp', {
      override_props: { 'DrbdOptions/Net/rr-conflict': 'retry-connect' },
    });
    lab.send('PUT', '/v1/resource-definitions/vm', {
      override_props: { 'DrbdOptions/Net/allow-two-primaries': 'yes' },
    });
    expect(options()).toMatchObject({ 'rr-conflict': 'retry-connect', 'allow-two-primaries': true });
    lab.send('PUT', '/v1/resource-definitions/vm', { delete_props: ['DrbdOptions/Net/allow-two-primaries'] });
    lab.send('POST', '/v1/controller/properties', {
      override_props: { 'DrbdOptions/Resource/on-no-quorum': 'io-error' },
    });
    expect(options()).toMatchObject({ 'on-no-quorum': 'io-error', 'allow-two-primaries': false });
  });
});
