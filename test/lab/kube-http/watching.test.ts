import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { type HttpsCluster, openHttpsCluster } from './https-cluster.ts';

const configMaps = '/api/v1/namespaces/default/configmaps';
const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

let cluster: HttpsCluster;
beforeAll(async () => {
  cluster = await openHttpsCluster();
});
afterAll(() => cluster.close());

const place = { resource: resources.configMap, namespace: 'default' } as const;
const create = (name: string, labels: Record<string, string> = {}): void => {
  cluster.api.request({ verb: 'create', ...place, body: { metadata: { name, labels } } });
};
const relabel = (name: string, labels: Record<string, string | null>): void => {
  cluster.api.request({ verb: 'patch', patch: 'merge', ...place, name, body: { metadata: { labels } } });
};
const remove = (name: string): void => {
  cluster.api.request({ verb: 'delete', ...place, name });
};
const told = (event: object): unknown[] => [textAt(event, 'type'), textAt(event, 'object', 'metadata', 'name')];

test('a watch without a version begins with what is there and goes on with changes', async () => {
  create('a');
  const watch = await cluster.watch(`${configMaps}?watch=1`);
  expect(told(await watch.next())).toEqual(['ADDED', 'a']);
  relabel('a', { touched: 'yes' });
  expect(told(await watch.next())).toEqual(['MODIFIED', 'a']);
  remove('a');
  expect(told(await watch.next())).toEqual(['DELETED', 'a']);
  watch.stop();
});

test('a watch resumes after the version of a list, and misses nothing between', async () => {
  const list = await cluster.call({ path: configMaps });
  create('b');
  remove('b');
  const version = textAt(list.json, 'metadata', 'resourceVersion') ?? '';
  const watch = await cluster.watch(`${configMaps}?watch=true&resourceVersion=${version}`);
  expect(told(await watch.next())).toEqual(['ADDED', 'b']);
  expect(told(await watch.next())).toEqual(['DELETED', 'b']);
  watch.stop();
});

test('an object that begins to match a selector is added, one that stops to match is deleted as it was last seen', async () => {
  create('c', { tier: 'front' });
  const watch = await cluster.watch(`${configMaps}?watch=1&labelSelector=tier%3Dback`);
  relabel('c', { tier: 'back' });
  expect(told(await watch.next())).toEqual(['ADDED', 'c']);
  relabel('c', { tier: 'front' });
  const left = await watch.next();
  expect(told(left)).toEqual(['DELETED', 'c']);
  expect(textAt(left, 'object', 'metadata', 'labels', 'tier')).toBe('back');
  expect(textAt(left, 'object', 'metadata', 'resourceVersion')).toBe(String(cluster.api.version));
  watch.stop();
  remove('c');
});

test('a watch of one name, as kubectl wait opens it, hears of that name only', async () => {
  const watch = await cluster.watch(`${configMaps}?watch=1&fieldSelector=metadata.name%3Dme`);
  create('other');
  create('me');
  expect(told(await watch.next())).toEqual(['ADDED', 'me']);
  watch.stop();
  remove('other');
  remove('me');
});

test('initial objects end with a bookmark that says so', async () => {
  create('d');
  const query = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const watch = await cluster.watch(`${configMaps}?${query}`);
  expect(told(await watch.next())).toEqual(['ADDED', 'd']);
  const bookmark = await watch.next();
  expect(bookmark).toMatchObject({
    type: 'BOOKMARK',
    object: {
      kind: 'ConfigMap',
      metadata: {
        annotations: { 'k8s.io/initial-events-end': 'true' },
        resourceVersion: String(cluster.api.version),
      },
    },
  });
  watch.stop();
  remove('d');
});

test('a forgotten version ends the watch with 410 inside it', async () => {
  create('e');
  remove('e');
  cluster.api.compact();
  const watch = await cluster.watch(`${configMaps}?watch=1&resourceVersion=1`);
  expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  await watch.ended;
});

test('a watch ends when its time is over', async () => {
  const watch = await cluster.watch(`${configMaps}?watch=1&timeoutSeconds=1`);
  await watch.ended;
});

test('rows of a watched table bring the columns once', async () => {
  create('f');
  const watch = await cluster.watch(`${configMaps}?watch=1`, asTable);
  const first = await watch.next();
  expect(listAt(first, 'object', 'columnDefinitions')).toHaveLength(3);
  expect(listAt(first, 'object', 'rows', 0, 'cells')).toEqual(['f', 0, '60s']);
  relabel('f', { touched: 'yes' });
  expect((await watch.next()).object).toMatchObject({ kind: 'Table', columnDefinitions: null });
  watch.stop();
  remove('f');
});

test('a watch that is not allowed, or whose selector nobody understands, is refused before it begins', async () => {
  expect((await cluster.call({ path: `${configMaps}?watch=1`, token: 'nobody' })).status).toBe(403);
  const broken = await cluster.call({ path: `${configMaps}?watch=1&fieldSelector=spec.nothing%3D1` });
  expect([broken.status, broken.json.message]).toEqual([
    400,
    '"spec.nothing" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ]);
});

describe('an outage', () => {
  test('that refuses cuts what is open, and the same port serves again afterwards', async () => {
    const watch = await cluster.watch(`${configMaps}?watch=1`);
    await cluster.server.setReachability('refuse');
    await watch.ended;
    await expect(cluster.call({ path: '/healthz' })).rejects.toThrow('ECONNREFUSED');
    await cluster.server.setReachability('open');
    expect((await cluster.call({ path: '/healthz' })).text).toBe('ok');
  });

  test('that hangs leaves watches open and silent, and answers nothing', async () => {
    const watch = await cluster.watch(`${configMaps}?watch=1`);
    await cluster.server.setReachability('hang');
    create('unheard');
    const silence = Symbol('silence');
    const soon = new Promise((resolve) => setTimeout(resolve, 1_000, silence));
    const asked = cluster.call({ path: '/healthz' }).catch(() => 'cut');
    expect(await Promise.race([watch.next(), asked, watch.ended, soon])).toBe(silence);
    await cluster.server.setReachability('open');
    await watch.ended;
    expect(await asked).toBe('cut');
    expect((await cluster.call({ path: `${configMaps}/unheard` })).status).toBe(200);
  });
});
