import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ApiServer } from '../../src/drivers/sim/api-server/api-server.ts';
import { Randomness } from '../../src/drivers/sim/random.ts';
import { type JsonObject, listAt, textAt } from '../../src/model/json.ts';
import { type ResourceType, resources } from '../../src/model/kube.ts';
import { controllerManifests } from '../../tools/manifests/controllers.ts';

const folder = join(import.meta.dirname, '../../deploy/controllers');
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' } as const;
const types: Readonly<Record<string, ResourceType>> = {
  ServiceAccount: resources.serviceAccount,
  Deployment: resources.deployment,
  ClusterRole: { ...rbac, plural: 'clusterroles', kind: 'ClusterRole', namespaced: false },
  ClusterRoleBinding: { ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false },
  Role: { ...rbac, plural: 'roles', kind: 'Role', namespaced: true },
  RoleBinding: { ...rbac, plural: 'rolebindings', kind: 'RoleBinding', namespaced: true },
};

const objectsOf = (text: string): readonly JsonObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as JsonObject);

describe.each(Object.entries(controllerManifests()))('deploy/controllers/%s', (name, text) => {
  test('is what the table says (else: npm run manifests)', () => {
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  test('is taken by an API server as it stands', () => {
    const server = new ApiServer({
      cluster: 'cluster1',
      kubernetesVersion: 'v1.30.6',
      wallNow: () => 1_767_225_600_000,
      random: new Randomness(1).stream('api-server'),
    });
    for (const body of objectsOf(text)) {
      const resource = types[textAt(body, 'kind') ?? ''];
      expect(resource, textAt(body, 'kind')).toBeDefined();
      const namespace = textAt(body, 'metadata', 'namespace');
      const place = namespace === undefined ? {} : { namespace };
      const answer = server.request({ verb: 'create', resource: resource!, ...place, body });
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    }
  });
});

test('nobody may do everything with anything', () => {
  const rules = Object.values(controllerManifests())
    .flatMap(objectsOf)
    .flatMap((object) => listAt(object, 'rules'));
  expect(rules.length).toBeGreaterThan(20);
  expect(JSON.stringify(rules)).not.toContain('*');
});

test('the pods of a controller carry the label that the documented commands look for, and run as nobody special', () => {
  for (const deployment of objectsOf(controllerManifests()['deployments.yaml'] ?? '')) {
    const name = textAt(deployment, 'metadata', 'name');
    const template = ['spec', 'template'] as const;
    expect(textAt(deployment, ...template, 'metadata', 'labels', 'app')).toBe(name);
    expect(textAt(deployment, ...template, 'spec', 'serviceAccountName')).toBe(name);
    expect(deployment).toMatchObject({ spec: { template: { spec: { securityContext: { runAsNonRoot: true } } } } });
  }
});

test("a container begins with a program of the package, whatever its image's own entry point is", () => {
  const { bin } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as JsonObject;
  for (const deployment of objectsOf(controllerManifests()['deployments.yaml'] ?? '')) {
    const [container] = listAt(deployment, 'spec', 'template', 'spec', 'containers');
    const [program, ...rest] = listAt(container, 'command') as readonly string[];
    expect(bin).toHaveProperty([program ?? '']);
    expect(rest).toEqual([]);
  }
});
