import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAt, textAt } from '../../../src/model/json.ts';
import { type HttpsCluster, openHttpsCluster } from './https-cluster.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

let cluster: HttpsCluster;
beforeAll(async () => {
  cluster = await openHttpsCluster();
  const body = { metadata: { name: 'settings', labels: { app: 'web' } }, data: { a: '1', b: '2' } };
  await cluster.call({ method: 'POST', path: configMaps, body });
});
afterAll(() => cluster.close());

describe('who asks', () => {
  test('nobody and a wrong token get 401 on every path', async () => {
    for (const path of ['/api', '/version', '/healthz', configMaps]) {
      for (const token of ['', 'wrong']) {
        const { status, json } = await cluster.call({ path, token });
        expect([path, status, json.reason, json.kind]).toEqual([path, 401, 'Unauthorized', 'Status']);
      }
    }
  });

  test('a user without rights is told what is forbidden', async () => {
    const { status, json } = await cluster.call({ path: configMaps, token: 'nobody' });
    expect(status).toBe(403);
    expect(json.message).toBe(
      'configmaps is forbidden: User "nobody" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
  });

  test('a client certificate of the authority counts, by its name and organisations', async () => {
    const admin = await cluster.authority.issueClient('ann', ['system:masters']);
    const user = await cluster.authority.issueClient('bob', ['guests']);
    expect((await cluster.call({ path: configMaps, token: '', client: admin })).status).toBe(200);
    const refused = await cluster.call({ path: configMaps, token: '', client: user });
    expect(refused.json.message).toContain('User "bob" cannot list');
  });

  test('only an administrator acts as somebody else', async () => {
    const headers = { 'impersonate-user': 'bob' };
    const { json } = await cluster.call({ path: configMaps, headers });
    expect(json.message).toContain('User "bob" cannot list');
    expect((await cluster.call({ path: configMaps, headers, token: 'nobody' })).json.message).toContain(
      'User "nobody" cannot impersonate',
    );
  });
});

describe('objects', () => {
  test('are created, read, patched in four ways, and deleted', async () => {
    const made = await cluster.call({ method: 'POST', path: configMaps, body: { metadata: { name: 'one' } } });
    expect(made.status).toBe(201);
    const path = `${configMaps}/one`;
    const patch = (contentType: string, body: string, query = ''): Promise<{ status: number; json: object }> =>
      cluster.call({ method: 'PATCH', path: `${path}${query}`, headers: { 'content-type': contentType }, body });
    await patch('application/merge-patch+json', '{"data":{"m":"1"}}');
    await patch('application/json-patch+json', '[{"op":"add","path":"/data/j","value":"1"}]');
    await patch('application/strategic-merge-patch+json', '{"data":{"s":"1"}}');
    const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {y: "1"}\n';
    const applied = await patch('application/apply-patch+yaml', manifest, '?fieldManager=test');
    expect(applied.json).toMatchObject({ data: { m: '1', j: '1', s: '1', y: '1' } });
    expect((await cluster.call({ method: 'DELETE', path })).json).toMatchObject({ status: 'Success' });
    expect((await cluster.call({ path })).status).toBe(404);
  });

  test('are taken and given as YAML', async () => {
    const body = 'metadata:\n  name: written-in-yaml\ndata:\n  a: b\n';
    const headers = { 'content-type': 'application/yaml', accept: 'application/yaml' };
    const reply = await cluster.call({ method: 'POST', path: configMaps, headers, body });
    expect(reply.headers['content-type']).toBe('application/yaml');
    expect(reply.text).toContain('name: written-in-yaml\n');
    await cluster.call({ method: 'DELETE', path: `${configMaps}/written-in-yaml` });
  });

  test('a dry run changes nothing', async () => {
    const path = `${configMaps}?dryRun=All`;
    expect((await cluster.call({ method: 'POST', path, body: { metadata: { name: 'dry' } } })).status).toBe(201);
    expect((await cluster.call({ path: `${configMaps}/dry` })).status).toBe(404);
  });

  test('lists come in pages', async () => {
    const first = await cluster.call({ path: '/api/v1/namespaces?limit=3' });
    expect(listAt(first.json, 'items')).toHaveLength(3);
    const token = textAt(first.json, 'metadata', 'continue') ?? '';
    const second = await cluster.call({ path: `/api/v1/namespaces?limit=3&continue=${encodeURIComponent(token)}` });
    expect(listAt(second.json, 'items').map((item) => textAt(item, 'metadata', 'name'))).toEqual(['kube-system']);
  });

  test('a collection is deleted by its selector', async () => {
    for (const name of ['x', 'y']) {
      await cluster.call({ method: 'POST', path: configMaps, body: { metadata: { name, labels: { go: 'away' } } } });
    }
    expect((await cluster.call({ method: 'DELETE', path: `${configMaps}?labelSelector=go%3Daway` })).status).toBe(200);
    const left = listAt((await cluster.call({ path: configMaps })).json, 'items');
    expect(left.map((item) => textAt(item, 'metadata', 'name'))).toEqual(['settings']);
  });
});

describe('shapes', () => {
  test('a table has the columns and cells that kubectl prints', async () => {
    const { json } = await cluster.call({ path: configMaps, headers: { accept: asTable } });
    expect(json.kind).toBe('Table');
    expect(listAt(json, 'columnDefinitions').map((column) => textAt(column, 'name'))).toEqual(['Name', 'Data', 'Age']);
    expect(listAt(json, 'rows', 0, 'cells')).toEqual(['settings', 2, '60s']);
    expect(textAt(json, 'rows', 0, 'object', 'kind')).toBe('PartialObjectMetadata');
  });

  test('rows carry whole objects, or none, when that is asked for', async () => {
    const rows = async (include: string): Promise<unknown> =>
      (await cluster.call({ path: `${configMaps}?includeObject=${include}`, headers: { accept: asTable } })).json.rows;
    expect(await rows('Object')).toMatchObject([{ object: { kind: 'ConfigMap', apiVersion: 'v1', data: { a: '1' } } }]);
    expect(await rows('None')).toMatchObject([{ object: null }]);
  });

  test('metadata alone is given to those who ask for it', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { json } = await cluster.call({ path: configMaps, headers: { accept } });
    expect(json.kind).toBe('PartialObjectMetadataList');
    expect(listAt(json, 'items')[0]).not.toHaveProperty('data');
  });

  test('an answer in protobuf alone is refused', async () => {
    const headers = { accept: 'application/vnd.kubernetes.protobuf' };
    expect((await cluster.call({ path: configMaps, headers })).status).toBe(406);
  });
});

describe('malformed requests', () => {
  const refusals: readonly (readonly [
    what: string,
    method: string,
    path: string,
    type: string,
    body: string,
    status: number,
  ])[] = [
    ['JSON that is none', 'POST', configMaps, 'application/json', '{bad', 400],
    ['YAML that is none', 'POST', configMaps, 'application/yaml', 'a: [', 400],
    ['an unknown format', 'POST', configMaps, 'text/plain', '{}', 415],
    ['protobuf that is none', 'POST', configMaps, 'application/vnd.kubernetes.protobuf', 'k8s\0\x0a\xff', 400],
    ['a list instead of an object', 'POST', configMaps, 'application/json', '[]', 400],
    ['null instead of an object', 'POST', configMaps, 'application/json', 'null', 400],
    ['a patch that is none', 'PATCH', `${configMaps}/settings`, 'application/merge-patch+json', '{bad', 400],
    ['an unknown kind of patch', 'PATCH', `${configMaps}/settings`, 'application/json', '{}', 415],
    ['a body that is too large', 'POST', configMaps, 'application/json', ' '.repeat(3 * 1024 * 1024 + 1), 413],
    ['a broken escape', 'GET', '/api/v1/namespaces/%zz/pods', 'application/json', '', 404],
    ['a broken selector', 'GET', `${configMaps}?labelSelector=%28`, 'application/json', '', 400],
    ['a broken limit', 'GET', `${configMaps}?limit=abc`, 'application/json', '', 400],
    ['an unknown dry run', 'POST', `${configMaps}?dryRun=perhaps`, 'application/json', '{}', 422],
    ['a method that nobody knows', 'REPORT', configMaps, 'application/json', '', 405],
  ];

  test.each(refusals)('%s', async (_what, method, path, type, body, status) => {
    const reply = await cluster.call({
      method,
      path,
      headers: { 'content-type': type },
      body: Buffer.from(body, 'latin1'),
    });
    expect(reply.status).toBe(status);
    if (status !== 404) expect(reply.json).toMatchObject({ kind: 'Status', status: 'Failure', code: status });
    expect(cluster.faults).toEqual([]);
  });

  test('an address that nobody serves is plain text, an unknown resource a Status', async () => {
    expect((await cluster.call({ path: '/apis/nowhere.example.com/v1/things' })).text).toBe('404 page not found\n');
    const { status, json } = await cluster.call({ path: '/api/v1/things' });
    expect([status, json.message]).toEqual([404, 'the server could not find the requested resource']);
  });
});
