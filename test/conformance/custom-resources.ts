import { expect } from 'vitest';
import { at, numberAt, objectAt, textAt } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { configMap } from './config-map.ts';
import { gadget, gadgetDefinition } from './gadget-definition.ts';
import type { Check } from './scene.ts';

/** Defaults, pruning, status, generation and scale of custom resources. */
export const customResourceChecks: readonly Check[] = [
  [
    'defaults are filled in, nested ones too',
    async (scene) => {
      const made = await scene.make('gadgets', gadget('x', { parts: [{ name: 'a' }] }));
      expect(made.spec).toEqual({
        size: 5,
        mode: 'slow',
        replicas: 1,
        box: { colour: 'grey' },
        parts: [{ name: 'a', weight: 5 }],
      });
    },
  ],
  [
    'null takes a default, unless null is a value',
    async (scene) => {
      const made = await scene.make('gadgets', gadget('x', { mode: null, note: null }));
      expect(made.spec).toMatchObject({ mode: 'slow', note: null });
    },
  ],
  [
    'unknown fields are pruned',
    async (scene) => {
      const made = await scene.make('gadgets', gadget('x', { odd: 1, box: { odd: 1 } }));
      expect(made.spec).toEqual({ size: 5, mode: 'slow', replicas: 1, box: { colour: 'grey' } });
    },
  ],
  [
    'unknown fields stay where the schema preserves them',
    async (scene) => {
      const made = await scene.make('gadgets', gadget('x', { free: { odd: { more: [1, 'a', null] } } }));
      expect(objectAt(made, 'spec').free).toEqual({ odd: { more: [1, 'a', null] } });
    },
  ],
  [
    'an unknown field is a warning where validation warns',
    async (scene) => {
      const { status, headers } = await scene.post('gadgets', gadget('x', { odd: 1 }), { fieldValidation: 'Warn' });
      expect([status, headers.warning]).toEqual([201, '299 - "unknown field \\"spec.odd\\""']);
    },
  ],
  [
    'an unknown field is silent where validation ignores',
    async (scene) => {
      const { status, headers } = await scene.post('gadgets', gadget('x', { odd: 1 }), { fieldValidation: 'Ignore' });
      expect([status, headers.warning]).toEqual([201, undefined]);
    },
  ],
  [
    'an unknown field of a built-in kind is a warning by default',
    async (scene) => {
      const { headers } = await scene.post('configmaps', { ...configMap('x'), dat: {} });
      expect(headers.warning).toBe('299 - "unknown field \\"dat\\""');
    },
  ],
  [
    'a new object has generation 1 and no status',
    async (scene) => {
      const made = await scene.make('gadgets', { ...gadget('x', {}), status: { phase: 'Up' } });
      expect(numberAt(made, 'metadata', 'generation')).toBe(1);
      expect(made.status).toBeUndefined();
    },
  ],
  [
    'a change of the spec counts the generation up, one of metadata does not',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      const labelled = await scene.accepted(scene.patch('merge', 'gadgets/x', { metadata: { labels: { a: 'b' } } }));
      expect(numberAt(labelled, 'metadata', 'generation')).toBe(1);
      const changed = await scene.accepted(scene.patch('merge', 'gadgets/x', { spec: { size: 6 } }));
      expect(numberAt(changed, 'metadata', 'generation')).toBe(2);
    },
  ],
  [
    'a write to the status changes the status only',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      const patch = { spec: { size: 9 }, metadata: { labels: { a: 'b' } }, status: { phase: 'Up' } };
      const now = await scene.accepted(scene.patch('merge', 'gadgets/x/status', patch));
      expect(now).toMatchObject({ spec: { size: 5 }, status: { phase: 'Up' }, metadata: { generation: 1 } });
      expect(at(now, 'metadata', 'labels')).toBeUndefined();
    },
  ],
  [
    'a write to the object leaves the status',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      await scene.accepted(scene.patch('merge', 'gadgets/x/status', { status: { phase: 'Up' } }));
      const patch = { spec: { size: 6 }, status: { phase: 'Down' } };
      const now = await scene.accepted(scene.patch('merge', 'gadgets/x', patch));
      expect(now).toMatchObject({ spec: { size: 6 }, status: { phase: 'Up' } });
    },
  ],
  [
    'the status of what does not exist is not found',
    async (scene) => {
      const text = 'gadgets.conformance.example.com "x" not found';
      await scene.refused(scene.get('gadgets/x/status'), 404, 'NotFound', text);
    },
  ],
  [
    'a subresource that a kind does not have is not found',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const text = 'the server could not find the requested resource';
      await scene.refused(scene.get('configmaps/x/status'), 404, 'NotFound', text);
    },
  ],
  [
    'the scale is read and written',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}));
      const scale = await scene.accepted(scene.get('gadgets/x/scale'));
      expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 } });
      await scene.accepted(scene.patch('merge', 'gadgets/x/scale', { spec: { replicas: 3 } }));
      const now = await scene.accepted(scene.get('gadgets/x'));
      expect(now).toMatchObject({ spec: { replicas: 3 }, metadata: { generation: 2 } });
    },
  ],
  [
    'what did not change is not asked again of a rule about changes',
    async (scene) => {
      await scene.make('gadgets', gadget('x', { owner: 'me' }));
      await scene.accepted(scene.patch('merge', 'gadgets/x', { spec: { owner: 'me', size: 6 } }));
    },
  ],
  [
    'a definition is established and its names accepted',
    async (scene) => {
      const found = await scene.accepted(scene.get('customresourcedefinitions/gadgets.conformance.example.com'));
      expect(found).toMatchObject({
        status: {
          acceptedNames: { plural: 'gadgets', kind: 'Gadget', listKind: 'GadgetList', shortNames: ['gd'] },
          storedVersions: ['v1'],
          conditions: [
            { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
            {
              type: 'Established',
              status: 'True',
              reason: 'InitialNamesAccepted',
              message: 'the initial names have been accepted',
            },
          ],
        },
      });
    },
  ],
  [
    'a definition is named after its plural and its group',
    async (scene) => {
      const body = { ...gadgetDefinition, metadata: { name: 'things.conformance.example.com' } } as JsonObject;
      const { status, body: said } = await scene.post('customresourcedefinitions', body);
      expect(status).toBe(422);
      expect(textAt(said, 'message')).toContain(
        'metadata.name: Invalid value: "things.conformance.example.com": must be spec.names.plural+"."+spec.group',
      );
    },
  ],
];
