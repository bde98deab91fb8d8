import { describe, expect, test } from 'vitest';
import { flagAt, objectAt, textAt } from '../../../../src/model/json.ts';
import type { ResourceType } from '../../../../src/model/kube.ts';
import { resources } from '../../../../src/model/kube.ts';
import type { ApiServer, User } from '../../../../src/drivers/sim/api-server/api-server.ts';
import { create, openServer, openWidgetServer, patch, refusal, remove, widget } from './server-under-test.ts';

const { configMap, pod } = resources;

describe('objects with owners', () => {
  const owned = (server: ApiServer, name: string, block = false): void => {
    const uid = server.get(widget, 'default', 'w')?.metadata.uid;
    const owner = `{ apiVersion: example.com/v1, kind: Widget, name: w, uid: ${uid}, blockOwnerDeletion: ${block} }`;
    create(server, configMap, `metadata: { name: ${name}, ownerReferences: [${owner}] }`);
  };

  test('go with their owner', () => {
    const { server } = openWidgetServer();
    owned(server, 'child');
    create(server, configMap, 'metadata: { name: other }');
    remove(server, widget, 'w');
    expect(server.list(configMap, 'default').map(({ metadata }) => metadata.name)).toEqual(['other']);
  });

  test('stay without owner when orphaned', () => {
    const { server } = openWidgetServer();
    owned(server, 'child');
    remove(server, widget, 'w', { propagationPolicy: 'Orphan' });
    expect(server.get(widget, 'default', 'w')).toBeUndefined();
    expect(server.get(configMap, 'default', 'child')?.metadata.ownerReferences).toBeUndefined();
  });

  test('go first in the foreground, and the owner waits for those that block', () => {
    const { server } = openWidgetServer();
    owned(server, 'child', true);
    patch(server, configMap, 'child', 'merge', { metadata: { finalizers: ['example.com/hold'] } });
    remove(server, widget, 'w', { propagationPolicy: 'Foreground' });
    expect(server.get(widget, 'default', 'w')?.metadata.finalizers).toEqual(['foregroundDeletion']);
    patch(server, configMap, 'child', 'merge', { metadata: { finalizers: null } });
    expect(server.get(configMap, 'default', 'child')).toBeUndefined();
    expect(server.get(widget, 'default', 'w')).toBeUndefined();
  });

  test('are collected when their owner never existed', () => {
    const { server } = openServer();
    const owner = '{ apiVersion: v1, kind: Pod, name: p, uid: nobody }';
    expect(create(server, configMap, `metadata: { name: child, ownerReferences: [${owner}] }`).status).toBe(201);
    expect(server.get(configMap, 'default', 'child')).toBeUndefined();
  });
});

describe('access', () => {
  const rbac = (plural: string, kind: string, namespaced: boolean): ResourceType => ({
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    plural,
    kind,
    namespaced,
  });
  const bob: User = { name: 'bob', groups: ['team', 'system:authenticated'] };
  const reviews: ResourceType = {
    group: 'authorization.k8s.io',
    version: 'v1',
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
  };

  const prepared = (): ApiServer => {
    const { server } = openServer();
    create(
      server,
      rbac('roles', 'Role', true),
      'metadata: { name: reader }\nrules: [{ apiGroups: [""], resources: [configmaps, pods/log], verbs: [get] }]',
    );
    create(
      server,
      rbac('rolebindings', 'RoleBinding', true),
      'metadata: { name: readers }\nroleRef: { kind: Role, name: reader, apiGroup: rbac.authorization.k8s.io }\nsubjects: [{ kind: Group, name: team }]',
    );
    create(server, configMap, 'metadata: { name: c }');
    return server;
  };

  test('is what roles and bindings grant, and refusals say who may not do what', () => {
    const server = prepared();
    const get = { verb: 'get', resource: configMap, namespace: 'default', name: 'c' } as const;
    expect(server.request(get, bob).status).toBe(200);
    expect(refusal(server.request({ ...get, verb: 'delete' }, bob))).toEqual({
      status: 403,
      reason: 'Forbidden',
      message:
        'configmaps "c" is forbidden: User "bob" cannot delete resource "configmaps" in API group "" in the namespace "default"',
    });
    expect(refusal(server.request({ verb: 'list', resource: pod }, bob)).message).toBe(
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" at the cluster scope',
    );
    expect(server.mayDo(bob, { verb: 'get', resource: pod, namespace: 'default', name: 'p', subresource: 'log' })).toBe(
      true,
    );
    expect(server.mayVisit(bob, 'get', '/apis/apps')).toBe(true);
    expect(server.mayVisit({ name: 'x', groups: [] }, 'get', '/apis')).toBe(false);
  });

  test('can be asked about by reviews, with the reason', () => {
    const server = prepared();
    const ask = (verb: string) => {
      const spec = { resourceAttributes: { verb, resource: 'configmaps', namespace: 'default' } };
      return server.request({ verb: 'create', resource: reviews, body: { spec } }, bob);
    };
    expect(objectAt(ask('get').body, 'status')).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "readers/default" of Role "reader" to Group "team"',
    });
    expect(flagAt(ask('create').body, 'status', 'allowed')).toBe(false);
    expect(textAt(ask('get').body, 'kind')).toBe('SelfSubjectAccessReview');
  });
});
