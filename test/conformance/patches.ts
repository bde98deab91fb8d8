import { expect } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/model/json.ts';
import { configMap, pod } from './config-map.ts';
import { gadget } from './gadget-definition.ts';
import type { Check } from './scene.ts';

/** Merge, JSON and strategic merge patches. */
export const patchChecks: readonly Check[] = [
  [
    'a merge patch adds, changes and removes fields',
    async (scene) => {
      await scene.make('configmaps', configMap('x', { a: '1', b: '2' }));
      const now = await scene.accepted(scene.patch('merge', 'configmaps/x', { data: { a: '9', b: null, c: '3' } }));
      expect(now.data).toEqual({ a: '9', c: '3' });
    },
  ],
  [
    'a merge patch replaces lists whole',
    async (scene) => {
      await scene.make('gadgets', gadget('x', { tags: ['a', 'b'] }));
      const now = await scene.accepted(scene.patch('merge', 'gadgets/x', { spec: { tags: ['c'] } }));
      expect(objectAt(now, 'spec').tags).toEqual(['c']);
    },
  ],
  [
    'a merge patch that changes nothing keeps the version',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      const now = await scene.accepted(scene.patch('merge', 'configmaps/x', { data: { a: '1' } }));
      expect(textAt(now, 'metadata', 'resourceVersion')).toBe(textAt(made, 'metadata', 'resourceVersion'));
    },
  ],
  [
    'a merge patch of the newest version is taken',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      const resourceVersion = textAt(made, 'metadata', 'resourceVersion') ?? '';
      const patch = { metadata: { resourceVersion }, data: { a: '2' } };
      expect((await scene.accepted(scene.patch('merge', 'configmaps/x', patch))).data).toEqual({ a: '2' });
    },
  ],
  [
    'a JSON patch performs its operations in order',
    async (scene) => {
      await scene.make('configmaps', configMap('x', { a: '1', b: '2' }));
      const now = await scene.accepted(
        scene.patch('json', 'configmaps/x', [
          { op: 'test', path: '/data/a', value: '1' },
          { op: 'move', from: '/data/a', path: '/data/c' },
          { op: 'copy', from: '/data/b', path: '/data/d' },
          { op: 'replace', path: '/data/b', value: '5' },
          { op: 'add', path: '/metadata/labels', value: { 'x/y': 'z' } },
          { op: 'replace', path: '/metadata/labels/x~1y', value: 'w' },
        ]),
      );
      expect(now.data).toEqual({ b: '5', c: '1', d: '2' });
      expect(objectAt(now, 'metadata').labels).toEqual({ 'x/y': 'w' });
    },
  ],
  [
    'a JSON patch adds to lists and removes from them',
    async (scene) => {
      await scene.make('gadgets', gadget('x', { tags: ['a', 'b'] }));
      const now = await scene.accepted(
        scene.patch('json', 'gadgets/x', [
          { op: 'add', path: '/spec/tags/-', value: 'z' },
          { op: 'add', path: '/spec/tags/0', value: 'y' },
          { op: 'remove', path: '/spec/tags/1' },
        ]),
      );
      expect(objectAt(now, 'spec').tags).toEqual(['y', 'b', 'z']);
    },
  ],
  [
    'a strategic merge patch merges named items',
    async (scene) => {
      const containers = [
        { name: 'a', image: 'i1' },
        { name: 'b', image: 'i2' },
      ];
      await scene.make('pods', pod('x', { containers, schedulerName: 'nobody' }));
      const patch = { spec: { containers: [{ name: 'b', image: 'i3' }] } };
      const now = await scene.accepted(scene.patch('strategic', 'pods/x', patch));
      expect(listAt(now, 'spec', 'containers').map((one) => textAt(one, 'image'))).toEqual(['i1', 'i3']);
    },
  ],
  [
    'a strategic merge patch removes list items by directive',
    async (scene) => {
      const finalizers = ['a.io/x', 'b.io/y'];
      await scene.make('configmaps', configMap('x', {}, { finalizers }));
      const patch = { metadata: { '$deleteFromPrimitiveList/finalizers': ['a.io/x'] } };
      const now = await scene.accepted(scene.patch('strategic', 'configmaps/x', patch));
      expect(objectAt(now, 'metadata').finalizers).toEqual(['b.io/y']);
      await scene.patch('merge', 'configmaps/x', { metadata: { finalizers: null } });
    },
  ],
  [
    'a strategic merge patch replaces a map by directive',
    async (scene) => {
      await scene.make('configmaps', configMap('x', { a: '1', b: '2' }));
      const now = await scene.accepted(
        scene.patch('strategic', 'configmaps/x', { data: { $patch: 'replace', c: '3' } }),
      );
      expect(now.data).toEqual({ c: '3' });
    },
  ],
  [
    'a merge patch cannot change what the server sets',
    async (scene) => {
      const made = await scene.make('gadgets', gadget('x', {}));
      const patch = { metadata: { generation: 7, creationTimestamp: null } };
      const now = await scene.accepted(scene.patch('merge', 'gadgets/x', patch));
      expect(objectAt(now, 'metadata')).toMatchObject({
        generation: 1,
        creationTimestamp: textAt(made, 'metadata', 'creationTimestamp'),
      });
    },
  ],
];
