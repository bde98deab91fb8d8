import { expect, test } from 'vitest';
import type { ResourceType } from '../../../../src/model/kube.ts';
import { resources } from '../../../../src/model/kube.ts';
import { admin, create, openServer, patch, refusal, remove } from './server-under-test.ts';

const { pod } = resources;
const quota: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'resourcequotas',
  kind: 'ResourceQuota',
  namespaced: true,
};

function serverWith(hard: string, scopes = ''): ReturnType<typeof openServer>['server'] {
  const { server } = openServer();
  create(server, resources.namespace, 'metadata: { name: other }');
  server.request(
    {
      verb: 'create',
      resource: { ...quota, plural: 'serviceaccounts', kind: 'ServiceAccount' },
      namespace: 'other',
      body: { metadata: { name: 'default' } },
    },
    admin,
  );
  create(server, quota, `metadata: { name: q, namespace: other }\nspec: { hard: ${hard}${scopes} }`);
  return server;
}

const podNamed = (name: string, namespace = 'other'): string =>
  `metadata: { name: ${name}, namespace: ${namespace} }\nspec: { containers: [{ name: c, image: i }] }`;

test('a pod that is too many is refused, in the words of the quota', () => {
  const server = serverWith('{ pods: "1" }');
  expect(create(server, pod, podNamed('first')).status).toBe(201);
  expect(refusal(create(server, pod, podNamed('second')))).toEqual({
    status: 403,
    reason: 'Forbidden',
    message: 'pods "second" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
  });
});

test('a pod that ended makes room for pods, and none for count/pods', () => {
  const server = serverWith('{ pods: "1", count/pods: 2 }');
  const end = (name: string) =>
    patch(server, pod, name, 'merge', { status: { phase: 'Failed' } }, { subresource: 'status', namespace: 'other' });
  expect(create(server, pod, podNamed('first')).status).toBe(201);
  expect(end('first').status).toBe(200);
  expect(create(server, pod, podNamed('second')).status).toBe(201);
  expect(end('second').status).toBe(200);
  expect(refusal(create(server, pod, podNamed('third'))).message).toContain(
    'exceeded quota: q, requested: count/pods=1, used: count/pods=2, limited: count/pods=2',
  );
});

test('a quota holds in its namespace, while it is there, for what it names and without scopes', () => {
  const server = serverWith('{ pods: "0" }');
  server.request({
    verb: 'create',
    resource: { ...quota, plural: 'serviceaccounts', kind: 'ServiceAccount' },
    namespace: 'default',
    body: { metadata: { name: 'default' } },
  });
  expect(create(server, pod, podNamed('elsewhere', 'default')).status).toBe(201);
  expect(create(server, pod, podNamed('here')).status).toBe(403);
  expect(remove(server, quota, 'q').status).toBe(404);
  server.request({ verb: 'delete', resource: quota, namespace: 'other', name: 'q' }, admin);
  expect(create(server, pod, podNamed('here')).status).toBe(201);
  expect(create(serverWith('{ services: 0 }'), pod, podNamed('here')).status).toBe(201);
  expect(create(serverWith('{ pods: "0" }', ', scopes: [BestEffort]'), pod, podNamed('here')).status).toBe(201);
});
