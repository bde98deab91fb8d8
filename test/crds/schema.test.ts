import { describe, expect, test } from 'vitest';
import { at, type JsonObject, listAt, objectAt, textAt } from '../../src/model/json.ts';
import { groupResourceOf, resources } from '../../src/model/kube.ts';
import { crds, crdText, nodesOf } from './crd-documents.ts';

test('one file holds all resources, so that one kubectl apply is enough', () => {
  const expected = [resources.protectionGroup, resources.failover, resources.recovery].map(groupResourceOf);
  expect(crds.map((crd) => crd.metadata.name)).toEqual(expected);
});

test('no YAML anchors, which do not reach across documents', () => {
  expect(crdText).not.toMatch(/: [&*][a-z]/i);
});

describe.each(crds.map((crd) => [crd.metadata.name, crd] as const))('%s', (_, crd) => {
  const version = objectAt(crd, 'spec', 'versions', 0);
  const schema = objectAt(version, 'schema', 'openAPIV3Schema');
  const nodes = nodesOf(schema);

  test('every node of the schema has a type', () => {
    expect(nodes.filter((node) => textAt(node.schema, 'type') === undefined).map((node) => node.path)).toEqual([]);
  });

  test('every field is described, but for metadata, where the API server forbids it', () => {
    const silent = nodes.filter((node) => (textAt(node.schema, 'description') ?? '').length < 10);
    expect(silent.map((node) => node.path)).toEqual(['metadata']);
  });

  test('required fields exist, defaults are among the allowed values', () => {
    const all = [{ path: '', schema }, ...nodes];
    const missing = all.flatMap(({ path, schema: node }) => {
      const required = (at(node, 'required') ?? []) as readonly string[];
      return required.filter((name) => at(node, 'properties', name) === undefined).map((name) => `${path}.${name}`);
    });
    const strange = all.filter(({ schema: node }) => {
      const [value, allowed] = [at(node, 'default'), listAt(node, 'enum')];
      return value !== undefined && allowed.length > 0 && !allowed.includes(value);
    });
    expect({ missing, strange }).toEqual({ missing: [], strange: [] });
  });

  test('every text, list and number that a person or a program fills is bounded', () => {
    const bounds: Record<string, readonly string[]> = {
      string: ['maxLength', 'enum', 'format'],
      array: ['maxItems'],
      integer: ['minimum'],
    };
    const unbounded = nodes.filter(({ path, schema: node }) => {
      const wanted = bounds[textAt(node, 'type') ?? ''];
      return wanted !== undefined && !/^(apiVersion|kind)$/.test(path) && !wanted.some((bound) => bound in node);
    });
    expect(unbounded.map((node) => node.path)).toEqual([]);
  });

  test('lists of named things are maps, so that a name appears once and two writers can each own an entry', () => {
    const lists = nodes.filter(({ schema: node }) => at(node, 'items', 'type') === 'object');
    const keyed = Object.fromEntries(
      lists.map((node) => [node.path, at(node.schema, 'x-kubernetes-list-map-keys', 0) ?? 'atomic']),
    );
    const expected = Object.keys(keyed).map((path) => [path, keyOf(path)]);
    expect(keyed).toEqual(Object.fromEntries(expected));
  });

  test('each printer column shows a field that the schema has', () => {
    const paths = new Set(nodes.map((node) => node.path));
    const columns = listAt(version, 'additionalPrinterColumns').map((column) => textAt(column, 'jsonPath') ?? '');
    const shown = columns.map((path) => path.slice(1).replace(/\[\?\(.*\)\]/, '[]'));
    expect(shown.filter((path) => path !== 'metadata.creationTimestamp' && !paths.has(path))).toEqual([]);
  });

  test('status is a subresource with a default, and short names and category are there', () => {
    expect(at(version, 'subresources', 'status')).toEqual({});
    expect(at(schema, 'properties', 'status', 'default')).toEqual({});
    expect(listAt(crd, 'spec', 'names', 'shortNames')).toHaveLength(1);
    expect(listAt(crd, 'spec', 'names', 'categories')).toEqual(['siterecovery']);
  });
});

function keyOf(path: string): string {
  if (path === 'spec.consents') return 'atomic';
  return path.endsWith('conditions') ? 'type' : 'name';
}

test('settings, defaults and values are those of the product page', () => {
  const [group, failover] = crds.map((crd) =>
    objectAt(crd, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties'),
  );
  const field = (...path: string[]): JsonObject =>
    objectAt(group, ...path.flatMap((name) => [name, 'properties']).slice(0, -1));
  expect(field('spec', 'desiredState')).toMatchObject({ enum: ['running', 'stopped'], default: 'running' });
  expect(field('status', 'currentState')).toMatchObject({
    enum: ['running', 'stopped', 'mixed', 'unknown'],
    default: 'unknown',
  });
  const timeouts = objectAt(failover, 'spec', 'properties', 'timeouts', 'properties');
  expect(Object.fromEntries(Object.entries(timeouts).map(([name, node]) => [name, at(node, 'default')]))).toEqual({
    failoverSeconds: 300,
    vmStartSeconds: 120,
    drbdWaitSeconds: 30,
    taintRemovalWindowSeconds: 30,
  });
});
