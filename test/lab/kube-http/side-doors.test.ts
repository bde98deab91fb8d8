import { afterAll, beforeAll, expect, test } from 'vitest';
import { resources } from '../../../src/model/kube.ts';
import { type HttpsCluster, openHttpsCluster, wall } from './https-cluster.ts';

let cluster: HttpsCluster;
let listener: ((line: { at: number; text: string }) => void) | undefined;
beforeAll(async () => {
  cluster = await openHttpsCluster({
    services: [
      {
        namespace: 'default',
        name: 'echo',
        ports: ['http', '80'],
        backend: (request, response, path) => response.end(`${request.method} ${path}`),
      },
    ],
    logs: {
      lines: (_namespace, pod) =>
        ['one', 'two', 'three'].map((text, index) => ({ at: wall.now + index * 10_000, text: `${pod} ${text}` })),
      follow: (_namespace, _pod, given) => {
        listener = given;
        return () => {
          listener = undefined;
        };
      },
    },
  });
  const spec = { containers: [{ name: 'main', image: 'image' }] };
  const body = { metadata: { name: 'web' }, spec };
  cluster.api.request({ verb: 'create', resource: resources.pod, namespace: 'default', body });
});
afterAll(() => cluster.close());

const log = '/api/v1/namespaces/default/pods/web/log';

test('logs are plain text, cut as kubectl logs asks', async () => {
  const text = async (query: string): Promise<string> => (await cluster.call({ path: `${log}${query}` })).text;
  expect(await text('')).toBe('web one\nweb two\nweb three\n');
  expect(await text('?tailLines=1')).toBe('web three\n');
  expect(await text('?tailLines=0')).toBe('');
  expect(await text('?sinceSeconds=45')).toBe('web three\n');
  expect(await text('?limitBytes=5')).toBe('web o');
  expect(await text('?timestamps=true&tailLines=1')).toBe('2026-01-01T00:00:20.000000Z web three\n');
});

test('logs of a pod that is not there, or not for this user, are refused', async () => {
  expect((await cluster.call({ path: log.replace('web', 'nobody') })).status).toBe(404);
  expect((await cluster.call({ path: log, token: 'nobody' })).status).toBe(403);
});

test('followed logs go on', async () => {
  const watch = await cluster.watch(`${log}?follow=true&tailLines=0`);
  await expect.poll(() => listener).toBeDefined();
  listener?.({ at: wall.now, text: '{"msg":"more"}' });
  expect(await watch.next()).toEqual({ msg: 'more' });
  watch.stop();
  await expect.poll(() => listener).toBeUndefined();
});

test('a service is reached through the API server, by each of its ports', async () => {
  for (const name of ['echo', 'echo:80', 'echo:http', 'http:echo:80']) {
    const path = `/api/v1/namespaces/default/services/${name}/proxy/v1/nodes?limit=2`;
    expect((await cluster.call({ path })).text).toBe('GET /v1/nodes?limit=2');
  }
});

test('a service that is not there, or not for this user, is refused', async () => {
  const path = '/api/v1/namespaces/default/services/echo/proxy/';
  expect((await cluster.call({ path: path.replace('echo', 'nothing') })).status).toBe(404);
  expect((await cluster.call({ path: path.replace('echo', 'echo:81') })).status).toBe(503);
  expect((await cluster.call({ path: path.replace('echo', 'a:b:c:d') })).status).toBe(400);
  expect((await cluster.call({ path, token: 'nobody' })).status).toBe(403);
});
