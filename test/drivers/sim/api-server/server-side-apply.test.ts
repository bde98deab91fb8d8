import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/model/json.ts';
import { listAt, objectAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import type { ApiServer } from '../../../../src/drivers/sim/api-server/api-server.ts';
import type { FieldSet } from '../../../../src/drivers/sim/api-server/field-set.ts';
import {
  difference,
  intersection,
  isEmptySet,
  pathsOf,
  union,
} from '../../../../src/drivers/sim/api-server/field-set.ts';
import { openServer, openWidgetServer, patch, refusal, widget } from './server-under-test.ts';

const { configMap, deployment } = resources;

function apply(server: ApiServer, manager: string, data: JsonObject, more: object = {}) {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
  return patch(server, configMap, 'c', 'apply', body, { options: { fieldManager: manager, ...more } });
}

const dataOf = (server: ApiServer): JsonObject => objectAt(server.get(configMap, 'default', 'c'), 'data');
const managers = (server: ApiServer) =>
  listAt(server.get(configMap, 'default', 'c'), 'metadata', 'managedFields').map((entry) => ({
    manager: objectAt(entry)['manager'],
    operation: objectAt(entry)['operation'],
    fields: pathsOf(objectAt(entry, 'fieldsV1') as unknown as FieldSet),
  }));

describe('server-side apply', () => {
  test('creates with 201 and notes who owns what', () => {
    const { server } = openServer();
    expect(apply(server, 'one', { a: '1' }).status).toBe(201);
    expect(managers(server)).toEqual([{ manager: 'one', operation: 'Apply', fields: ['.data.a'] }]);
  });

  test('removes what the manager no longer names, but not what others own', () => {
    const { server } = openServer();
    apply(server, 'one', { a: '1', b: '2', c: '3' });
    apply(server, 'two', { b: '2' });
    apply(server, 'one', { a: '1' });
    expect(dataOf(server)).toEqual({ a: '1', b: '2' });
  });

  test('names conflicts and their owners, and force takes the fields over', () => {
    const { server } = openServer();
    apply(server, 'one', { a: '1', b: '2' });
    patch(server, configMap, 'c', 'merge', { data: { d: '4' } }, { options: { fieldManager: 'editor' } });
    const single = apply(server, 'two', { a: 'x' });
    expect(refusal(single)).toEqual({
      status: 409,
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
    });
    expect(objectAt(single.body, 'details')).toEqual({
      causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }],
    });
    expect(refusal(apply(server, 'two', { a: 'x', b: 'y', d: 'z' })).message).toBe(
      'Apply failed with 3 conflicts: conflicts with "editor" using v1:\n- .data.d\nconflicts with "one":\n- .data.a\n- .data.b',
    );
    expect(apply(server, 'two', { a: 'x' }, { force: true }).status).toBe(200);
    expect(managers(server).map(({ manager, fields }) => [manager, ...fields])).toEqual([
      ['one', '.data.b'],
      ['two', '.data.a'],
      ['editor', '.data.d'],
    ]);
  });

  test('takes over from an update what it still names, although the update owned the map around it', () => {
    const { server } = openServer();
    const options = { fieldManager: 'kubectl-create' };
    const body = { metadata: { name: 'c', labels: { a: 'b', old: 'x' } }, data: { a: '1' } };
    server.request({ verb: 'create', resource: configMap, namespace: 'default', body, options });
    const entries = listAt(server.get(configMap, 'default', 'c'), 'metadata', 'managedFields');
    const migrated = entries.map((entry) => ({ ...objectAt(entry), manager: 'kubectl', operation: 'Apply' }));
    patch(server, configMap, 'c', 'merge', { metadata: { managedFields: migrated } });
    const config = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', labels: { a: 'b' } },
      data: { a: '1' },
    };
    patch(server, configMap, 'c', 'apply', config, { options: { fieldManager: 'kubectl' } });
    expect(server.get(configMap, 'default', 'c')).toMatchObject({ metadata: { labels: { a: 'b' } }, data: { a: '1' } });
    expect(server.get(configMap, 'default', 'c')?.metadata.labels).not.toHaveProperty('old');
  });

  test('of the same configuration makes no new version', () => {
    const { server, clock } = openServer();
    apply(server, 'one', { a: '1' });
    const before = server.version;
    clock.now += 60_000;
    apply(server, 'one', { a: '1' });
    expect(server.version).toBe(before);
  });

  test('sharing a value is no conflict', () => {
    const { server } = openServer();
    apply(server, 'one', { a: '1' });
    expect(apply(server, 'two', { a: '1' }).status).toBe(200);
    // Who changes nothing has no time, and comes first.
    expect(managers(server).map(({ manager }) => manager)).toEqual(['two', 'one']);
  });

  test('needs a field manager', () => {
    const { server } = openServer();
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    expect(refusal(patch(server, configMap, 'c', 'apply', body))).toMatchObject({
      status: 422,
      message: 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    });
  });

  test('merges lists with keys, of built-in and of custom types', () => {
    const { server } = openWidgetServer();
    const workload = (containers: JsonObject[]) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers } },
      },
    });
    patch(server, deployment, 'd', 'apply', workload([{ name: 'x', image: '1' }]), {
      options: { fieldManager: 'one' },
    });
    patch(server, deployment, 'd', 'apply', workload([{ name: 'y', image: '2' }]), {
      options: { fieldManager: 'two' },
    });
    const containers = () =>
      listAt(server.get(deployment, 'default', 'd'), 'spec', 'template', 'spec', 'containers').map(
        (item) => objectAt(item)['name'],
      );
    expect(containers()).toEqual(['x', 'y']);
    patch(server, deployment, 'd', 'apply', workload([]), { options: { fieldManager: 'one' } });
    expect(containers()).toEqual(['y']);
    const parts = (items: JsonObject[]) => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { parts: items },
    });
    patch(server, widget, 'w', 'apply', parts([{ name: 'a', weight: 2 }]), { options: { fieldManager: 'one' } });
    patch(server, widget, 'w', 'apply', parts([{ name: 'b' }]), { options: { fieldManager: 'two' } });
    expect(server.get(widget, 'default', 'w')).toMatchObject({
      spec: {
        size: 3,
        parts: [
          { name: 'a', weight: 2 },
          { name: 'b', weight: 1 },
        ],
      },
    });
  });
});

describe('managed fields of other writes', () => {
  test('go to whoever changed them last', () => {
    const { server } = openServer();
    apply(server, 'one', { a: '1', b: '2' });
    patch(server, configMap, 'c', 'merge', { data: { a: 'x', b: null } }, { options: { fieldManager: 'editor' } });
    expect(managers(server)).toEqual([{ manager: 'editor', operation: 'Update', fields: ['.data.a'] }]);
  });

  test('are reset by an empty list', () => {
    const { server } = openServer();
    apply(server, 'one', { a: '1' });
    patch(
      server,
      configMap,
      'c',
      'merge',
      { metadata: { managedFields: [{}] } },
      { options: { fieldManager: 'editor' } },
    );
    expect(managers(server)).toEqual([]);
  });
});

describe('field sets', () => {
  const { node } = fc.letrec<{ node: FieldSet }>((tie) => ({
    node: fc.dictionary(
      fc.constantFrom('f:a', 'f:b', 'k:{"n":1}'),
      fc.oneof({ maxDepth: 2 }, fc.constant({}), tie('node')),
      { maxKeys: 3 },
    ),
  }));
  const paths = (set: FieldSet): Set<string> => new Set(pathsOf(set));

  test('behave as sets of paths', () => {
    fc.assert(
      fc.property(node, node, (a, b) => {
        expect(paths(union(a, b))).toEqual(paths(a).union(paths(b)));
        expect(paths(difference(a, b))).toEqual(paths(a).difference(paths(b)));
        expect(paths(intersection(a, b))).toEqual(paths(a).intersection(paths(b)));
        expect(isEmptySet(difference(a, a))).toBe(true);
      }),
    );
  });
});
