import { describe, expect, test } from 'vitest';
import compact from '../../../../src/drivers/sim/api-server/builtin-types.json' with { type: 'json' };
import { canonicalQuantity, quantityValue } from '../../../../src/drivers/sim/api-server/quantity.ts';
import { resources } from '../../../../src/model/kube.ts';
import { compactTypes, publishedSchemas } from './compact-types.ts';
import { create, openServer, patch, refusal } from './server-under-test.ts';

const { configMap, deployment, persistentVolumeClaim, pod } = resources;

test('the compact types are those of the published OpenAPI document', () => {
  expect(compact).toEqual(compactTypes(publishedSchemas()));
});

describe('a built-in object', () => {
  const workload = (replicas: string, more = '') =>
    `metadata: { name: d }\nspec: { replicas: ${replicas}, ${more} selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: c, image: i }] } } }`;

  test('loses unknown fields and nulls', () => {
    const { server } = openServer();
    const answer = create(server, deployment, workload('2', 'bogus: 1, paused: null,'));
    expect(answer.warnings).toEqual(['unknown field "spec.bogus"']);
    expect(server.get(deployment, 'default', 'd')?.spec).not.toHaveProperty('bogus');
    expect(server.get(deployment, 'default', 'd')?.spec).not.toHaveProperty('paused');
  });

  test('is refused in the words of the decoder when a value has the wrong type', () => {
    const { server } = openServer();
    expect(refusal(create(server, deployment, workload('two'))).message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
    const container =
      'metadata: { name: p }\nspec: { containers: [{ name: c, image: i, env: [{ name: A, value: 1 }] }] }';
    expect(refusal(create(server, pod, container)).message).toBe(
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
    );
    expect(
      refusal(create(server, configMap, 'metadata: { name: c }\nbogus: 1', { fieldValidation: 'Strict' })).message,
    ).toBe('ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "bogus"');
    create(server, configMap, 'metadata: { name: c }');
    expect(refusal(patch(server, configMap, 'c', 'merge', { data: [] }))).toMatchObject({
      status: 422,
      reason: 'Invalid',
    });
  });

  test('is refused in the words of a strategic patch too', () => {
    const { server } = openServer();
    create(server, deployment, workload('2'));
    expect(refusal(patch(server, deployment, 'd', 'strategic', { spec: { replicas: 'two' } })).message).toBe(
      ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:two]]": unrecognized type: int32',
    );
  });

  test('has its quantities written canonically', () => {
    const { server } = openServer();
    create(
      server,
      persistentVolumeClaim,
      'metadata: { name: c }\nspec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 2048Mi } } }',
    );
    expect(server.get(persistentVolumeClaim, 'default', 'c')).toMatchObject({
      spec: { resources: { requests: { storage: '2Gi' } } },
    });
  });
});

test.each([
  ['1024Mi', '1Gi', 2 ** 30],
  ['1500Mi', '1500Mi', 1500 * 2 ** 20],
  ['0.5', '500m', 0.5],
  ['1.5Gi', '1536Mi', 1.5 * 2 ** 30],
  ['1000', '1k', 1000],
  ['1e3', '1k', 1000],
  ['100Ki', '100Ki', 102_400],
  ['-2000m', '-2', -2],
  ['0Gi', '0', 0],
])('quantity %s is written %s', (text, canonical, value) => {
  expect(canonicalQuantity(text)).toBe(canonical);
  expect(quantityValue(text)).toBe(value);
  expect(canonicalQuantity(canonical)).toBe(canonical);
});

test.each(['', 'Gi', '1Q', '1 Gi', 'one'])('%j is no quantity', (text) => {
  expect(canonicalQuantity(text)).toBeUndefined();
});
