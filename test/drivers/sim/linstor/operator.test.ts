import { describe, expect, test } from 'vitest';
import type { LinstorAnswer } from '../../../../src/drivers/sim/linstor/answer.ts';
import { at, type Json, textAt } from '../../../../src/model/json.ts';
import { LinstorLab } from './linstor-lab.ts';

/** What a person at LINSTOR's client does, one journey for each subject. */

const messages = (answer: { body: unknown }): unknown[] =>
  (answer.body as readonly { message?: string }[]).map((each) => each.message);

describe('nodes', () => {
  const node = (name: string) => ({
    name,
    type: 'SATELLITE',
    net_interfaces: [{ name: 'default', address: '10.0.0.9', satellite_port: 3366 }],
    props: { 'Aux/site': 'quorum' },
  });

  test('a node whose satellite does not answer is registered and OFFLINE, and goes without a trace', () => {
    const lab = new LinstorLab();
    const answer = lab.send('POST', '/v1/nodes', node('qrm-a'));
    expect([answer.status, messages(answer)]).toEqual([
      201,
      [
        'Successfully set property key(s): Aux/site',
        "New node 'qrm-a' registered.",
        "No active connection to satellite 'qrm-a'",
      ],
    ]);
    expect(lab.get('/v1/nodes/qrm-a')).toMatchObject({ connection_status: 'OFFLINE', props: { 'Aux/site': 'quorum' } });
    expect(messages(lab.send('DELETE', '/v1/nodes/qrm-a/lost'))).toEqual(["Node 'qrm-a' deleted."]);
    expect(lab.send('GET', '/v1/nodes/qrm-a').status).toBe(404);
  });

  test('names that are taken or none, and a node without an interface, are refused', () => {
    const lab = new LinstorLab();
    const codes = [
      lab.send('POST', '/v1/nodes', node('PRI-A')),
      lab.send('POST', '/v1/nodes', node('bad name!')),
      lab.send('POST', '/v1/nodes', { name: 'n0', type: 'SATELLITE' }),
    ].map((answer) => [answer.status, ...lab.codes(answer)]);
    expect(codes).toEqual([
      [500, '-4611686018406678028'],
      [500, '-4611686018406678328'],
      [500, '-4611686018406677925'],
    ]);
  });

  test('a connected node is not lost, one with a Primary is not deleted, an offline one takes its replicas along', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    expect(lab.send('DELETE', '/v1/nodes/pri-a/lost').status).toBe(500);
    lab.kernel.open('vm', 'pri-a', 'pod', 'rw');
    lab.clock.pass(1000);
    expect(lab.send('DELETE', '/v1/nodes/pri-a').status).toBe(500);
    lab.linstor.satelliteLost('pri-a', { silent: false });
    expect(lab.send('DELETE', '/v1/nodes/pri-a/lost').status).toBe(200);
    expect(lab.replicas('vm')).not.toContain('pri-a');
  });
});

test('interfaces come and go', () => {
  const lab = new LinstorLab();
  const list = '/v1/nodes/dr-a/net-interfaces';
  expect(lab.send('POST', list, { name: 'repl', address: '10.0.0.7' }).status).toBe(201);
  expect(lab.get(`${list}/REPL`)).toMatchObject({ name: 'repl', address: '10.0.0.7' });
  expect(lab.send('DELETE', `${list}/repl`).status).toBe(200);
  expect(lab.send('GET', `${list}/repl`).status).toBe(404);
});

test('a pool is made once, listed after the one for replicas without a disk, and stays while a replica is in it', () => {
  const lab = new LinstorLab();
  const list = '/v1/nodes/dr-a/storage-pools';
  const body = { storage_pool_name: 'fast', provider_kind: 'LVM_THIN', props: { 'StorDriver/LvmVg': 'vg' } };
  expect([lab.send('POST', list, body).status, lab.send('POST', list, body).status]).toEqual([201, 500]);
  const names = (lab.get(list) as readonly unknown[]).map((pool) => at(pool, 'storage_pool_name'));
  expect(names).toEqual(['DfltDisklessStorPool', 'fast', 'pool']);
  lab.define('vm');
  lab.send('POST', '/v1/resource-definitions/vm/resources/dr-a', { resource: { props: { StorPoolName: 'fast' } } });
  expect(lab.send('DELETE', `${list}/fast`).status).toBe(500);
  lab.send('DELETE', '/v1/resource-definitions/vm');
  expect(lab.send('DELETE', `${list}/fast`).status).toBe(200);
});

describe('disks of a replica', () => {
  const path = '/v1/resource-definitions/vm/resources/pri-b/toggle-disk';

  test('a tiebreaker gets a disk and gives it back', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    lab.send('PUT', `${path}/diskful/pool`);
    expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful, pri-b diskful');
    expect(lab.kernel.replica('vm', 'pri-b')?.disk).toBe('UpToDate');
    expect(messages(lab.send('PUT', `${path}/diskful/pool`))).toEqual([
      "Resource 'vm' on node 'pri-b' is already diskful",
    ]);
    lab.send('PUT', `${path}/diskless`);
    expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful, pri-b TIE_BREAKER');
    expect(lab.kernel.replica('vm', 'pri-b')?.disk).toBe('Diskless');
  });

  test('a third copy that is deleted stays as the tiebreaker of the others', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a', 'pri-b');
    lab.send('DELETE', '/v1/resource-definitions/vm/resources/pri-b');
    expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful, pri-b TIE_BREAKER');
  });

  test('an operation that is none is refused', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    const answer = lab.send('PUT', path, { operation: 'NOPE' });
    expect([answer.status, lab.codes(answer)]).toEqual([400, ['-3458764513820540931']]);
  });

  test('a replica that is switched off tells nothing, and is there again when switched on', () => {
    const lab = new LinstorLab();
    lab.define('vm', 'pri-a', 'dr-a');
    const one = '/v1/resource-definitions/vm/resources/dr-a';
    lab.send('POST', `${one}/deactivate`);
    expect(lab.get(one)).toMatchObject({ flags: ['INACTIVE'], state: {} });
    expect(lab.kernel.replica('vm', 'dr-a')).toBeUndefined();
    lab.send('POST', `${one}/activate`);
    expect(lab.get(one)).toMatchObject({ state: { in_use: false } });
  });
});

test('volumes: a second one is added to the replicas, resized and deleted', () => {
  const lab = new LinstorLab();
  lab.define('vm', 'pri-a', 'dr-a');
  const list = '/v1/resource-definitions/vm/volume-definitions';
  const numbers = (): unknown[] =>
    (lab.get('/v1/resource-definitions/vm/resources/dr-a/volumes') as readonly unknown[]).map((each) =>
      at(each, 'volume_number'),
    );
  lab.send('POST', list, { volume_definition: { size_kib: 4096 } });
  expect(numbers()).toEqual([0, 1]);
  lab.send('PUT', `${list}/1`, { size_kib: 8192 });
  expect(lab.get(`${list}/1`)).toMatchObject({ volume_number: 1, size_kib: 8192 });
  expect(lab.send('POST', list, { volume_definition: { volume_number: 1, size_kib: 4096 } }).status).toBe(500);
  lab.send('DELETE', `${list}/1`);
  expect(numbers()).toEqual([0]);
});

test('connections: properties of a pair, in either order', () => {
  const lab = new LinstorLab();
  lab.define('vm', 'pri-a', 'dr-a');
  const path = '/v1/resource-definitions/vm/resource-connections';
  lab.send('PUT', `${path}/pri-a/dr-a`, { override_props: { 'DrbdOptions/Net/protocol': 'A' } });
  expect(lab.get(`${path}/dr-a/pri-a`)).toEqual({
    node_a: 'dr-a',
    node_b: 'pri-a',
    props: { 'DrbdOptions/Net/protocol': 'A' },
  });
  expect(lab.send('PUT', `${path}/pri-a/dr-a`, { override_props: { 'DrbdOptions/Net/protocol': 'D' } }).status).toBe(
    500,
  );
  expect(lab.send('PUT', `${path}/pri-a/nosuch`, { override_props: {} }).status).toBe(404);
});

test('groups: templates of volumes, what fits, and definitions that lack copies', () => {
  const lab = new LinstorLab();
  const group = '/v1/resource-groups/rg';
  lab.send('POST', '/v1/resource-groups', {
    name: 'rg',
    select_filter: { place_count: 2, storage_pool: 'pool', replicas_on_different: ['Aux/site'] },
  });
  lab.send('POST', `${group}/volume-groups`, {});
  expect(lab.send('POST', `${group}/spawn`, { resource_definition_name: 'vm', volume_sizes: [] }).status).toBe(500);
  const spawned = lab.send('POST', `${group}/spawn`, {
    resource_definition_name: 'vm',
    volume_sizes: [20_480],
    definitions_only: true,
  });
  expect([spawned.status, lab.replicas('vm')]).toEqual([201, '']);
  lab.send('POST', `${group}/adjust`, {});
  expect(lab.replicas('vm')).toBe('dr-a diskful, pri-a diskful');
  expect(lab.send('POST', `${group}/query-size-info`, { select_filter: {} }).body).toMatchObject({
    space_info: { next_spawn_result: [{ node_name: 'dr-a' }, { node_name: 'pri-a' }] },
  });
  expect(lab.send('POST', `${group}/query-size-info`, { select_filter: { place_count: 9 } }).body).toMatchObject({
    space_info: { max_vlm_size_in_kib: 0 },
  });
});

test('key-value stores are made by their first change, and found in any case', () => {
  const lab = new LinstorLab();
  lab.send('PUT', '/v1/key-value-store/tool', { override_props: { lock: 'me' } });
  expect(lab.get('/v1/key-value-store/TOOL')).toEqual([{ name: 'tool', props: { lock: 'me' } }]);
  lab.send('DELETE', '/v1/key-value-store/tool');
  expect(lab.send('GET', '/v1/key-value-store/tool').status).toBe(404);
});

describe('over the wire', () => {
  const lab = new LinstorLab();
  const create = { method: 'POST', path: '/v1/resource-definitions' };
  const ask = (request: Parameters<typeof lab.linstor.request>[0]) => lab.linstor.request(request);

  test('a body is read as text: 400 here and 500 there where it is none', () => {
    expect(ask({ ...create, text: '{nope}' }).status).toBe(400);
    expect(ask({ method: 'POST', path: '/v1/nodes', text: '{nope}' }).status).toBe(500);
    expect(ask({ ...create, text: '{"resource_definition": {"name": "vm"}}' }).status).toBe(201);
  });

  test('other types of content are refused, by status 500', () => {
    const headers = { 'content-type': 'text/plain' };
    expect(ask({ ...create, text: '{}', headers }).body).toMatchObject([
      { details: 'HTTP 415 Unsupported Media Type' },
    ]);
    expect(ask({ method: 'GET', path: '/v1/nodes', headers: { accept: 'application/xml' } }).status).toBe(500);
  });

  test('OPTIONS tells the methods, HEAD has no body', () => {
    expect(ask({ method: 'OPTIONS', path: '/v1/nodes' }).text()).toBe('HEAD, POST, GET, OPTIONS');
    expect(ask({ method: 'HEAD', path: '/v1/nodes' }).text()).toBe('');
  });

  test('numbers of 64 bits keep their digits', () => {
    expect(ask({ method: 'GET', path: '/v1/view/storage-pools' }).text()).toContain(
      '"free_capacity":9223372036854775807',
    );
  });
});

describe('tokens', () => {
  const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });
  const version = { method: 'GET', path: '/v1/controller/version' };
  const secretOf = (answer: LinstorAnswer): string => textAt(answer.body, 0, 'obj_refs', 'token') ?? '';

  test('are asked for from their initialisation on, but for the front page and for paths that are none', () => {
    const lab = new LinstorLab();
    expect(lab.linstor.request({ ...version, headers: {} }).status).toBe(200);
    const secret = secretOf(lab.send('POST', '/v1/controller/auth/initialize-token-auth', { description: 'init' }));
    const ask = (path: string) => lab.linstor.request({ method: 'GET', path, headers: {} }).status;
    expect([version.path, '/', '/health', '/v1/nosuch'].map(ask)).toEqual([401, 200, 200, 404]);
    expect(lab.linstor.request({ ...version, ...bearer(secret) }).status).toBe(200);
  });

  test('do not count from another address, after their time, or when revoked', () => {
    const lab = new LinstorLab();
    const make = (body: Json): string => secretOf(lab.send('POST', '/v1/controller/auth/token', body));
    const [good, foreign, old] = [
      make({ description: 'good' }),
      make({ ip_filter: '10.9.9.9' }),
      make({ expires_at: '2020-01-01T00:00:00Z' }),
    ];
    lab.send('POST', '/v1/controller/auth/initialize-token-auth', {});
    const ask = (secret: string) => lab.linstor.request({ ...version, ...bearer(secret) }).status;
    expect([good, foreign, old].map(ask)).toEqual([200, 401, 401]);
    const revoke = { method: 'DELETE', path: '/v1/controller/auth/token/1' };
    expect(lab.linstor.request({ ...revoke, ...bearer(good) }).status).toBe(200);
    expect(ask(good)).toBe(401);
  });
});
