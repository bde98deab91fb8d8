import { expect } from 'vitest';
import { at, textAt } from '../../src/model/json.ts';
import { configMap } from './config-map.ts';
import { gadget } from './gadget-definition.ts';
import type { Check } from './scene.ts';

/** Watches: what they begin with, what they tell, how they go on and when they cannot. */
export const watchChecks: readonly Check[] = [
  [
    'a watch without a version begins with what is there',
    async (scene) => {
      await scene.make('configmaps', configMap('a'));
      const watch = await scene.watch('configmaps');
      await scene.make('configmaps', configMap('b'));
      expect(await scene.events(watch, 2)).toEqual(['ADDED a', 'ADDED b']);
    },
  ],
  [
    'a watch tells every change in order',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('a'));
      const watch = await scene.watch('configmaps', {
        resourceVersion: textAt(made, 'metadata', 'resourceVersion') ?? '',
      });
      await scene.accepted(scene.patch('merge', 'configmaps/a', { data: { a: '2' } }));
      await scene.make('configmaps', configMap('b'));
      await scene.accepted(scene.delete('configmaps/a'));
      expect(await scene.events(watch, 3)).toEqual(['MODIFIED a', 'ADDED b', 'DELETED a']);
    },
  ],
  [
    'a watch resumes after a version without a gap',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('a'));
      await scene.make('configmaps', configMap('b'));
      await scene.accepted(scene.patch('merge', 'configmaps/a', { data: { a: '2' } }));
      await scene.accepted(scene.delete('configmaps/b'));
      const watch = await scene.watch('configmaps', {
        resourceVersion: textAt(made, 'metadata', 'resourceVersion') ?? '',
      });
      expect(await scene.events(watch, 3)).toEqual(['ADDED b', 'MODIFIED a', 'DELETED b']);
    },
  ],
  [
    'a deleted object is told as it last was, at the version of its end',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('a'));
      const version = textAt(made, 'metadata', 'resourceVersion') ?? '';
      const watch = await scene.watch('configmaps', { resourceVersion: version });
      await scene.accepted(scene.delete('configmaps/a'));
      const event = await watch.next();
      expect(event).toMatchObject({ type: 'DELETED', object: { kind: 'ConfigMap', data: { a: '1' } } });
      expect(Number(textAt(event, 'object', 'metadata', 'resourceVersion'))).toBeGreaterThan(Number(version));
    },
  ],
  [
    'a selector turns changes into arrivals and departures',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('a'));
      const resourceVersion = textAt(made, 'metadata', 'resourceVersion') ?? '';
      const watch = await scene.watch('configmaps', { resourceVersion, labelSelector: 'app=one' });
      for (const app of ['one', 'two']) {
        await scene.accepted(scene.patch('merge', 'configmaps/a', { metadata: { labels: { app } } }));
      }
      expect(await scene.events(watch, 2)).toEqual(['ADDED a', 'DELETED a']);
    },
  ],
  [
    'a watch of one name tells of that name only',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('a'));
      const resourceVersion = textAt(made, 'metadata', 'resourceVersion') ?? '';
      const watch = await scene.watch('configmaps', { resourceVersion, fieldSelector: 'metadata.name=b' });
      await scene.make('configmaps', configMap('c'));
      await scene.make('configmaps', configMap('b'));
      expect(await scene.events(watch, 1)).toEqual(['ADDED b']);
    },
  ],
  [
    'an old version is gone',
    async (scene) => {
      // Older than the definition of the resource.
      const watch = await scene.watch('gadgets', { resourceVersion: '1' });
      const event = await watch.next();
      expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
      expect(textAt(event, 'object', 'message')).toMatch(/^too old resource version: 1 \(\d+\)$/);
      expect(await watch.next()).toBeUndefined();
    },
  ],
  [
    'a version that is no number is refused',
    async (scene) => {
      const { status, body } = await scene.get('configmaps', { watch: '1', resourceVersion: 'x' });
      expect([status, textAt(body, 'reason')]).toEqual([500, undefined]);
      expect(textAt(body, 'message')).toBe(
        'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
      );
    },
  ],
  [
    'initial events end with a bookmark that says so',
    async (scene) => {
      await scene.make('gadgets', gadget('a', {}));
      const watch = await scene.watch('gadgets', {
        sendInitialEvents: 'true',
        allowWatchBookmarks: 'true',
        resourceVersionMatch: 'NotOlderThan',
      });
      expect(await scene.events(watch, 1)).toEqual(['ADDED a']);
      const bookmark = await watch.next();
      expect(bookmark).toMatchObject({
        type: 'BOOKMARK',
        object: { kind: 'Gadget', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
      });
    },
  ],
  [
    'initial events need a match',
    async (scene) => {
      await scene.refused(
        scene.get('configmaps', { watch: '1', sendInitialEvents: 'true' }),
        422,
        'Invalid',
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
      );
    },
  ],
  [
    'a watch ends when its time is over',
    async (scene) => {
      const watch = await scene.watch('configmaps', { timeoutSeconds: '1', resourceVersion: '0' });
      while ((await watch.next()) !== undefined);
    },
  ],
  [
    'a watch as tables sends columns once',
    async (scene) => {
      await scene.make('configmaps', configMap('a'));
      await scene.make('configmaps', configMap('b'));
      const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
      const watch = await scene.watch('configmaps', {}, { accept });
      const [first, second] = [await watch.next(), await watch.next()];
      expect(at(first, 'object', 'columnDefinitions', 0, 'name')).toBe('Name');
      expect(at(first, 'object', 'rows', 0, 'cells', 0)).toBe('a');
      expect(at(second, 'object', 'columnDefinitions')).toBeNull();
    },
  ],
];
