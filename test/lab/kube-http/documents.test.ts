import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, listAt, objectAt, textAt } from '../../../src/model/json.ts';
import { resources } from '../../../src/model/kube.ts';
import { type HttpsCluster, openHttpsCluster } from './https-cluster.ts';

const aggregated = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

let cluster: HttpsCluster;
beforeAll(async () => {
  cluster = await openHttpsCluster();
  cluster.api.request({ verb: 'create', resource: resources.customResourceDefinition, body: widgetDefinition });
});
afterAll(() => cluster.close());

const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'When', type: 'date', jsonPath: '.spec.when', description: 'when it was', priority: 1 },
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A widget.',
            properties: {
              spec: {
                type: 'object',
                properties: { size: { type: 'integer', description: 'how large' }, when: { type: 'string' } },
              },
            },
          },
        },
      },
    ],
  },
};

test('discovery in one document carries custom resources, in both versions of its format', async () => {
  for (const version of ['v2', 'v2beta1']) {
    const { headers, json } = await cluster.call({ path: '/apis', headers: { accept: aggregated(version) } });
    expect(headers['content-type']).toBe(aggregated(version));
    const group = listAt(json, 'items').find((item) => textAt(item, 'metadata', 'name') === 'example.com');
    expect(at(group, 'versions', 0, 'resources', 0)).toMatchObject({
      resource: 'widgets',
      responseKind: { group: 'example.com', version: 'v1', kind: 'Widget' },
      scope: 'Namespaced',
      shortNames: ['wd'],
      subresources: [{ subresource: 'status', verbs: ['get', 'patch', 'update'] }],
    });
  }
});

test('plain discovery says the same, step by step', async () => {
  const groups = await cluster.call({ path: '/apis' });
  expect(listAt(groups.json, 'groups').map((group) => textAt(group, 'name'))).toContain('example.com');
  expect((await cluster.call({ path: '/apis/example.com' })).json).toMatchObject({
    kind: 'APIGroup',
    preferredVersion: { groupVersion: 'example.com/v1' },
  });
  const { json } = await cluster.call({ path: '/apis/example.com/v1' });
  expect(listAt(json, 'resources').map((resource) => textAt(resource, 'name'))).toEqual(['widgets', 'widgets/status']);
  expect((await cluster.call({ path: '/api' })).json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  expect((await cluster.call({ path: '/apis/example.com/v2' })).status).toBe(404);
});

test('the OpenAPI index changes its hash when what is served changes', async () => {
  const place = async (): Promise<string | undefined> =>
    textAt((await cluster.call({ path: '/openapi/v3' })).json, 'paths', 'apis/example.com/v1', 'serverRelativeURL');
  const before = await place();
  expect(await place()).toBe(before);
  cluster.api.request({
    verb: 'patch',
    patch: 'json',
    resource: resources.customResourceDefinition,
    name: 'widgets.example.com',
    body: [{ op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/more', value: { type: 'string' } }],
  });
  expect(await place()).not.toBe(before);
});

test('the OpenAPI document of a custom resource has its schema, and says that fields are validated', async () => {
  const { json } = await cluster.call({ path: '/openapi/v3/apis/example.com/v1' });
  const patch = objectAt(json, 'paths', '/apis/example.com/v1/namespaces/{namespace}/widgets/{name}', 'patch');
  expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: 'example.com', version: 'v1', kind: 'Widget' });
  expect(listAt(patch, 'parameters').map((parameter) => textAt(parameter, 'name'))).toContain('fieldValidation');
  const schema = objectAt(json, 'components', 'schemas', 'com.example.v1.Widget');
  expect(textAt(schema, 'properties', 'spec', 'properties', 'size', 'description')).toBe('how large');
});

test('the OpenAPI document of a built-in group refers to nothing that it does not have', async () => {
  const { text, json } = await cluster.call({ path: '/openapi/v3/api/v1' });
  const referred = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]));
  const schemas = Object.keys(objectAt(json, 'components', 'schemas'));
  expect([...referred].filter((name) => !schemas.includes(name ?? ''))).toEqual([]);
  expect(schemas).toContain('io.k8s.api.core.v1.PodSpec');
});

test("a custom resource's table has the columns of its definition", async () => {
  const path = '/apis/example.com/v1/namespaces/default/widgets';
  const body = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w' },
    spec: { size: 3, when: '2025-12-31T23:00:00Z' },
  };
  await cluster.call({ method: 'POST', path, body });
  const { json } = await cluster.call({ path, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  expect(listAt(json, 'columnDefinitions').slice(1)).toMatchObject([
    { name: 'Size', priority: 0, description: 'Custom resource definition column (in JSONPath format): .spec.size' },
    { name: 'When', priority: 1, description: 'when it was' },
  ]);
  expect(listAt(json, 'rows', 0, 'cells')).toEqual(['w', 3, '61m']);
});

test('version and health are there', async () => {
  expect((await cluster.call({ path: '/version' })).json).toMatchObject({
    major: '1',
    minor: '36',
    gitVersion: 'v1.36.3',
  });
  for (const path of ['/healthz', '/livez', '/readyz', '/readyz/ping']) {
    expect((await cluster.call({ path })).text).toBe('ok');
  }
});
