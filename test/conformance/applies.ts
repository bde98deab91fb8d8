import { expect } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { configMap } from './config-map.ts';
import { gadget } from './gadget-definition.ts';
import type { Check } from './scene.ts';

/** Manager, operation and fields of each entry of managedFields. */
function owners(object: JsonObject): readonly unknown[] {
  const entries = listAt(object, 'metadata', 'managedFields').map((entry) => [
    textAt(entry, 'manager'),
    textAt(entry, 'operation'),
    textAt(entry, 'subresource') ?? '',
    objectAt(entry, 'fieldsV1'),
  ]);
  // The server orders them by time, which has seconds only.
  return entries.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Server-side apply and who owns which fields. */
export const applyChecks: readonly Check[] = [
  [
    'an apply creates what is not there',
    async (scene) => {
      const made = await scene.accepted(scene.apply('configmaps/x', configMap('x')), 201);
      expect(owners(made)).toEqual([['one', 'Apply', '', { 'f:data': { 'f:a': {} } }]]);
    },
  ],
  [
    'an apply of the same again changes nothing',
    async (scene) => {
      const made = await scene.accepted(scene.apply('configmaps/x', configMap('x')), 201);
      expect(await scene.accepted(scene.apply('configmaps/x', configMap('x')))).toEqual(made);
    },
  ],
  [
    'what a manager no longer names is removed',
    async (scene) => {
      await scene.accepted(scene.apply('configmaps/x', configMap('x', { a: '1', b: '2' })), 201);
      const now = await scene.accepted(scene.apply('configmaps/x', configMap('x', { a: '1' })));
      expect(now.data).toEqual({ a: '1' });
    },
  ],
  [
    'what another manager names too stays',
    async (scene) => {
      await scene.accepted(scene.apply('configmaps/x', configMap('x', { a: '1', b: '2' })), 201);
      await scene.accepted(scene.apply('configmaps/x', configMap('x', { b: '2' }), 'two'));
      const now = await scene.accepted(scene.apply('configmaps/x', configMap('x', { a: '1' })));
      expect(now.data).toEqual({ a: '1', b: '2' });
      expect(owners(now)).toEqual([
        ['one', 'Apply', '', { 'f:data': { 'f:a': {} } }],
        ['two', 'Apply', '', { 'f:data': { 'f:b': {} } }],
      ]);
    },
  ],
  [
    "another manager's field is a conflict",
    async (scene) => {
      await scene.accepted(scene.apply('configmaps/x', configMap('x')), 201);
      const said = await scene.refused(
        scene.apply('configmaps/x', configMap('x', { a: '2' }), 'two'),
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "one": .data.a',
      );
      expect(said.details).toEqual({
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }],
      });
    },
  ],
  [
    'several conflicts are listed by manager',
    async (scene) => {
      await scene.accepted(scene.apply('configmaps/x', configMap('x', { a: '1', b: '1' })), 201);
      await scene.accepted(scene.apply('configmaps/x', configMap('x', { c: '1' }), 'three'));
      await scene.refused(
        scene.apply('configmaps/x', configMap('x', { a: '2', b: '2', c: '2' }), 'two'),
        409,
        'Conflict',
        'Apply failed with 3 conflicts: conflicts with "one":\n- .data.a\n- .data.b\nconflicts with "three":\n- .data.c',
      );
    },
  ],
  [
    'force takes the field',
    async (scene) => {
      await scene.accepted(scene.apply('configmaps/x', configMap('x')), 201);
      const now = await scene.accepted(
        scene.apply('configmaps/x', configMap('x', { a: '2' }), 'two', { force: 'true' }),
      );
      expect(now.data).toEqual({ a: '2' });
      expect(owners(now)).toEqual([['two', 'Apply', '', { 'f:data': { 'f:a': {} } }]]);
    },
  ],
  [
    'an update takes the fields that it changes',
    async (scene) => {
      await scene.accepted(scene.apply('configmaps/x', configMap('x', { a: '1', b: '1' })), 201);
      const patch = { data: { a: '2' } };
      const now = await scene.accepted(scene.patch('merge', 'configmaps/x', patch, { fieldManager: 'two' }));
      expect(owners(now)).toEqual([
        ['one', 'Apply', '', { 'f:data': { 'f:b': {} } }],
        ['two', 'Update', '', { 'f:data': { 'f:a': {} } }],
      ]);
    },
  ],
  [
    'a field of an updater is a conflict that names the version',
    async (scene) => {
      await scene.accepted(scene.post('configmaps', configMap('x'), { fieldManager: 'two' }), 201);
      await scene.refused(
        scene.apply('configmaps/x', configMap('x', { a: '2' })),
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "two" using v1: .data.a',
      );
    },
  ],
  [
    'the program that writes is the manager when none is named',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      expect(owners(made)).toEqual([['conformance', 'Update', '', { 'f:data': { '.': {}, 'f:a': {} } }]]);
    },
  ],
  [
    'defaults belong to nobody who applies',
    async (scene) => {
      const made = await scene.accepted(scene.apply('gadgets/x', gadget('x', {})), 201);
      expect(owners(made)).toEqual([['one', 'Apply', '', { 'f:spec': { 'f:size': {} } }]]);
      expect(objectAt(made, 'spec')).toMatchObject({ mode: 'slow', replicas: 1 });
    },
  ],
  [
    'defaults belong to who creates',
    async (scene) => {
      const made = await scene.make('gadgets', gadget('x', {}));
      expect(owners(made)).toEqual([
        [
          'conformance',
          'Update',
          '',
          { 'f:spec': { '.': {}, 'f:box': { '.': {}, 'f:colour': {} }, 'f:mode': {}, 'f:replicas': {}, 'f:size': {} } },
        ],
      ]);
    },
  ],
  [
    'named items of a list are owned one by one',
    async (scene) => {
      await scene.accepted(scene.apply('gadgets/x', gadget('x', { parts: [{ name: 'a', weight: 1 }] })), 201);
      const now = await scene.accepted(scene.apply('gadgets/x', gadget('x', { parts: [{ name: 'b' }] }), 'two'));
      expect(objectAt(now, 'spec').parts).toEqual([
        { name: 'a', weight: 1 },
        { name: 'b', weight: 5 },
      ]);
      expect(owners(now)).toEqual([
        [
          'one',
          'Apply',
          '',
          { 'f:spec': { 'f:parts': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:weight': {} } }, 'f:size': {} } },
        ],
        [
          'two',
          'Apply',
          '',
          { 'f:spec': { 'f:parts': { 'k:{"name":"b"}': { '.': {}, 'f:name': {} } }, 'f:size': {} } },
        ],
      ]);
    },
  ],
  [
    'values of a set are owned one by one',
    async (scene) => {
      await scene.accepted(scene.apply('gadgets/x', gadget('x', { tags: ['a'] })), 201);
      await scene.accepted(scene.apply('gadgets/x', gadget('x', { tags: ['b'] }), 'two'));
      const now = await scene.accepted(scene.apply('gadgets/x', gadget('x', { tags: [] })));
      expect(objectAt(now, 'spec').tags).toEqual(['b']);
    },
  ],
  [
    'an atomic map is owned whole',
    async (scene) => {
      await scene.accepted(scene.apply('gadgets/x', gadget('x', { unit: { name: 'm', scale: 1 } })), 201);
      await scene.refused(
        scene.apply('gadgets/x', gadget('x', { unit: { name: 'm' } }), 'two'),
        409,
        'Conflict',
        'Apply failed with 1 conflict: conflict with "one": .spec.unit',
      );
    },
  ],
  [
    'the status is owned by who writes the status',
    async (scene) => {
      await scene.accepted(scene.apply('gadgets/x', gadget('x', {})), 201);
      const status = { ...gadget('x', {}), spec: undefined, status: { phase: 'Up' } } as JsonObject;
      const now = await scene.accepted(scene.apply('gadgets/x/status', status, 'two'));
      expect(owners(now)).toEqual([
        ['one', 'Apply', '', { 'f:spec': { 'f:size': {} } }],
        ['two', 'Apply', 'status', { 'f:status': { 'f:phase': {} } }],
      ]);
    },
  ],
  [
    'a status that is not there cannot be applied',
    async (scene) => {
      const status = { ...gadget('x', {}), spec: undefined, status: { phase: 'Up' } } as JsonObject;
      const text = 'gadgets.conformance.example.com "x" not found';
      await scene.refused(scene.apply('gadgets/x/status', status), 404, 'NotFound', text);
    },
  ],
  [
    'a configuration may be YAML',
    async (scene) => {
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: "1"\n';
      expect((await scene.accepted(scene.apply('configmaps/x', yaml), 201)).data).toEqual({ a: '1' });
    },
  ],
];
