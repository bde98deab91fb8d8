import { expect } from 'vitest';
import { at, listAt, numberAt, objectAt, textAt } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { configMap, pod } from './config-map.ts';
import { gadget } from './gadget-definition.ts';
import type { Check, Scene } from './scene.ts';

async function makeSome(scene: Scene): Promise<void> {
  await scene.make('configmaps', configMap('a', {}, { labels: { app: 'one', tier: 'front' } }));
  await scene.make('configmaps', configMap('b', {}, { labels: { app: 'two' } }));
  await scene.make('configmaps', configMap('c'));
}

function selecting(labelSelector: string, expected: readonly string[]): Check {
  return [
    `the label selector ${labelSelector} selects ${expected.join(', ') || 'nothing'}`,
    async (scene) => {
      await makeSome(scene);
      expect(await scene.names('configmaps', { labelSelector })).toEqual(expected);
    },
  ];
}

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** Selectors, pages, tables and partial objects. */
export const listChecks: readonly Check[] = [
  selecting('app=one', ['a']),
  selecting('app==two', ['b']),
  selecting('app!=one', ['b', 'c']),
  selecting('app', ['a', 'b']),
  selecting('!app', ['c']),
  selecting('app in (one, two)', ['a', 'b']),
  selecting('app notin (one)', ['b', 'c']),
  selecting('app,tier=front', ['a']),
  selecting('app=one,app=two', []),
  [
    'a field selector selects by name',
    async (scene) => {
      await makeSome(scene);
      expect(await scene.names('configmaps', { fieldSelector: 'metadata.name=b' })).toEqual(['b']);
      expect(await scene.names('configmaps', { fieldSelector: 'metadata.name!=b' })).toEqual(['a', 'c']);
    },
  ],
  [
    'a field selector selects pods by their phase and node',
    async (scene) => {
      await scene.make('pods', pod('x', { nodeName: 'far' }));
      await scene.make('pods', pod('y', { schedulerName: 'nobody' }));
      expect(await scene.names('pods', { fieldSelector: 'spec.nodeName=far,status.phase=Pending' })).toEqual(['x']);
      expect(await scene.names('pods', { fieldSelector: 'spec.nodeName=' })).toEqual(['y']);
    },
  ],
  [
    'a field selector selects custom resources by a field that their definition names',
    async (scene) => {
      await scene.make('gadgets', gadget('x', { mode: 'fast' }));
      await scene.make('gadgets', gadget('y', {}));
      expect(await scene.names('gadgets', { fieldSelector: 'spec.mode=fast' })).toEqual(['x']);
    },
  ],
  [
    'pages follow each other and show one version',
    async (scene) => {
      await makeSome(scene);
      const first = await scene.accepted(scene.get('configmaps', { limit: '2' }));
      expect(listAt(first, 'items').map((item) => textAt(item, 'metadata', 'name'))).toEqual(['a', 'b']);
      expect(numberAt(first, 'metadata', 'remainingItemCount')).toBe(1);
      await scene.make('configmaps', configMap('d'));
      const token = textAt(first, 'metadata', 'continue') ?? '';
      const second = await scene.accepted(scene.get('configmaps', { limit: '2', continue: token }));
      expect(listAt(second, 'items').map((item) => textAt(item, 'metadata', 'name'))).toEqual(['c']);
      expect(textAt(second, 'metadata', 'resourceVersion')).toBe(textAt(first, 'metadata', 'resourceVersion'));
      expect(textAt(second, 'metadata', 'continue')).toBeUndefined();
    },
  ],
  [
    'a page with a selector does not count what remains',
    async (scene) => {
      await makeSome(scene);
      const page = await scene.accepted(scene.get('configmaps', { limit: '1', labelSelector: 'app' }));
      expect(textAt(page, 'metadata', 'continue')).toBeDefined();
      expect(at(page, 'metadata', 'remainingItemCount')).toBeUndefined();
    },
  ],
  [
    'a list of an exact version shows what was',
    async (scene) => {
      await makeSome(scene);
      const before = await scene.accepted(scene.get('configmaps'));
      await scene.accepted(scene.delete('configmaps/a'));
      const resourceVersion = textAt(before, 'metadata', 'resourceVersion') ?? '';
      const names = await scene.names('configmaps', { resourceVersion, resourceVersionMatch: 'Exact' });
      expect(names).toEqual(['a', 'b', 'c']);
      expect(await scene.names('configmaps', { resourceVersion, resourceVersionMatch: 'NotOlderThan' })).toEqual([
        'b',
        'c',
      ]);
    },
  ],
  [
    'a table of a custom resource has the columns of its definition',
    async (scene) => {
      await scene.make('gadgets', gadget('x', { mode: 'fast' }));
      const { body } = await scene.request('GET', 'gadgets', { headers: { accept: tableType } });
      expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
      expect(listAt(body, 'columnDefinitions').map((column) => [at(column, 'name'), at(column, 'priority')])).toEqual([
        ['Name', 0],
        ['Mode', 0],
        ['Size', 1],
        ['Age', 0],
      ]);
      expect(listAt(body, 'rows', 0, 'cells').slice(0, 3)).toEqual(['x', 'fast', 5]);
      expect(at(body, 'rows', 0, 'object')).toMatchObject({
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'x' },
      });
    },
  ],
  [
    'a table of config maps counts their data',
    async (scene) => {
      await scene.make('configmaps', configMap('x', { a: '1', b: '2' }));
      const { body } = await scene.request('GET', 'configmaps/x', { headers: { accept: tableType } });
      expect(listAt(body, 'columnDefinitions').map((column) => at(column, 'name'))).toEqual(['Name', 'Data', 'Age']);
      expect(listAt(body, 'rows', 0, 'cells').slice(0, 2)).toEqual(['x', 2]);
    },
  ],
  [
    'a table of pods shows readiness, status and restarts',
    async (scene) => {
      await scene.make('pods', pod('x', { schedulerName: 'nobody' }));
      const { body } = await scene.request('GET', 'pods', { headers: { accept: tableType } });
      expect(listAt(body, 'columnDefinitions').map((column) => at(column, 'name'))).toEqual([
        'Name',
        'Ready',
        'Status',
        'Restarts',
        'Age',
        'IP',
        'Node',
        'Nominated Node',
        'Readiness Gates',
      ]);
      expect(listAt(body, 'rows', 0, 'cells').toSpliced(4, 1)).toEqual([
        'x',
        '0/1',
        'Pending',
        '0',
        '<none>',
        '<none>',
        '<none>',
        '<none>',
      ]);
    },
  ],
  [
    'a table may carry no objects',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const answer = scene.request('GET', 'configmaps', {
        headers: { accept: tableType },
        query: { includeObject: 'None' },
      });
      expect(at((await answer).body, 'rows', 0, 'object')).toBeNull();
    },
  ],
  [
    'a refusal stays a Status where a table is asked for',
    async (scene) => {
      const answer = scene.request('GET', 'configmaps/x', { headers: { accept: tableType } });
      await scene.refused(answer, 404, 'NotFound', 'configmaps "x" not found');
    },
  ],
  [
    'metadata alone is answered to who asks for it',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
      const { body } = await scene.request('GET', 'configmaps', { headers: { accept } });
      expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
      expect(Object.keys(objectAt(body, 'items', 0)).sort()).toEqual(['apiVersion', 'kind', 'metadata']);
    },
  ],
  [
    'a list over all namespaces is in their order',
    async (scene) => {
      const labels = { scene: scene.ns };
      await scene.make('configmaps', configMap('x', {}, { labels }));
      await scene.accepted(
        scene.post('/api/v1/namespaces/default/configmaps', configMap(scene.ns, {}, { labels })),
        201,
      );
      const list = await scene.accepted(scene.get('/api/v1/configmaps', { labelSelector: `scene=${scene.ns}` }));
      const places = listAt(list, 'items').map((item) => textAt(item as JsonObject, 'metadata', 'namespace'));
      expect(places).toEqual(['default', scene.ns].sort());
    },
  ],
];
