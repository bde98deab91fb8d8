import { expect } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { configMap } from './config-map.ts';
import type { Check, Scene } from './scene.ts';

async function letNobody(scene: Scene, rules: readonly JsonObject[]): Promise<void> {
  await scene.make('roles', { metadata: { name: 'some' }, rules });
  await scene.make('rolebindings', {
    metadata: { name: 'some' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'some' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
  });
}

async function mayNobody(scene: Scene, resourceAttributes: JsonObject): Promise<JsonObject> {
  const answer = scene.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    as: 'nobody',
    body: { spec: { resourceAttributes: { namespace: scene.ns, ...resourceAttributes } } },
  });
  return objectAt(await scene.accepted(answer, 201), 'status');
}

/** RBAC: what is refused, what is allowed, and how one asks. */
export const accessChecks: readonly Check[] = [
  [
    'who has no right is refused with what was tried',
    async (scene) => {
      const said = await scene.refused(
        scene.request('GET', 'configmaps/x', { as: 'nobody' }),
        403,
        'Forbidden',
        'configmaps "x" is forbidden: User "nobody" cannot get resource "configmaps" in API group "" in the namespace "ns"',
      );
      expect(said.details).toEqual({ name: 'x', kind: 'configmaps' });
    },
  ],
  [
    'a list is refused without a name',
    async (scene) => {
      await scene.refused(
        scene.request('GET', 'gadgets', { as: 'nobody' }),
        403,
        'Forbidden',
        'gadgets.conformance.example.com is forbidden: User "nobody" cannot list resource "gadgets" in API group "conformance.example.com" in the namespace "ns"',
      );
    },
  ],
  [
    'a cluster-wide request is refused at the cluster scope',
    async (scene) => {
      await scene.refused(
        scene.request('GET', '/api/v1/nodes', { as: 'nobody' }),
        403,
        'Forbidden',
        'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
      );
    },
  ],
  [
    'a subresource is a right of its own',
    async (scene) => {
      await scene.refused(
        scene.request('PATCH', 'gadgets/x/status', {
          as: 'nobody',
          body: {},
          headers: { 'content-type': 'application/merge-patch+json' },
        }),
        403,
        'Forbidden',
        'gadgets.conformance.example.com "x" is forbidden: User "nobody" cannot patch resource "gadgets/status" in API group "conformance.example.com" in the namespace "ns"',
      );
    },
  ],
  [
    'a role lets its subjects do what it names and nothing else',
    async (scene) => {
      await letNobody(scene, [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'], resourceNames: ['x'] }]);
      await scene.make('configmaps', configMap('x'));
      await scene.eventually('roles/some', {});
      let answer = await scene.request('GET', 'configmaps/x', { as: 'nobody' });
      for (let tries = 50; answer.status !== 200 && tries > 0; tries--) {
        await scene.pass();
        answer = await scene.request('GET', 'configmaps/x', { as: 'nobody' });
      }
      expect(answer.status).toBe(200);
      expect((await scene.request('GET', 'configmaps/y', { as: 'nobody' })).status).toBe(403);
      expect((await scene.request('DELETE', 'configmaps/x', { as: 'nobody' })).status).toBe(403);
    },
  ],
  [
    'a review says what one may not do',
    async (scene) => {
      expect(await mayNobody(scene, { verb: 'get', resource: 'secrets' })).toEqual({ allowed: false });
    },
  ],
  [
    'a review says what one may do and why',
    async (scene) => {
      await letNobody(scene, [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }]);
      let status = await mayNobody(scene, { verb: 'get', resource: 'secrets' });
      for (let tries = 50; status.allowed !== true && tries > 0; tries--) {
        await scene.pass();
        status = await mayNobody(scene, { verb: 'get', resource: 'secrets' });
      }
      expect(scene.masked(textAt(status, 'reason') ?? '')).toBe(
        'RBAC: allowed by RoleBinding "some/ns" of Role "some" to User "nobody"',
      );
    },
  ],
  [
    'a review says of an administrator that he may do all',
    async (scene) => {
      const answer = scene.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        spec: { resourceAttributes: { namespace: scene.ns, verb: 'delete', resource: 'pods' } },
      });
      expect(objectAt(await scene.accepted(answer, 201), 'status').allowed).toBe(true);
    },
  ],
  [
    'a review of rules lists what everybody may',
    async (scene) => {
      const answer = scene.request('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', {
        as: 'nobody',
        body: { spec: { namespace: scene.ns } },
      });
      const { status } = await scene.accepted(answer, 201);
      expect(listAt(status, 'resourceRules')).toContainEqual({
        verbs: ['create'],
        apiGroups: ['authorization.k8s.io'],
        resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      });
      expect(status).toMatchObject({ incomplete: false });
    },
  ],
  [
    'one can ask who one is',
    async (scene) => {
      const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
      const answer = await scene.accepted(scene.request('POST', path, { as: 'nobody', body: {} }), 201);
      expect(answer).toMatchObject({
        status: { userInfo: { username: 'nobody', groups: ['system:authenticated'] } },
      });
    },
  ],
  [
    'everybody may read the version and health',
    async (scene) => {
      expect((await scene.request('GET', '/version', { as: 'nobody' })).body).toMatchObject({ gitVersion: 'v1.36.3' });
      expect(await scene.request('GET', '/readyz', { as: 'nobody' })).toMatchObject({ status: 200, body: 'ok' });
    },
  ],
  [
    'a path that is no resource is a right of its own',
    async (scene) => {
      await scene.refused(
        scene.request('GET', '/metrics', { as: 'nobody' }),
        403,
        'Forbidden',
        'forbidden: User "nobody" cannot get path "/metrics"',
      );
    },
  ],
];
