import { expect } from 'vitest';
import { at, objectAt, textAt } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { configMap, pod } from './config-map.ts';
import { gadget } from './gadget-definition.ts';
import type { Check } from './scene.ts';

function ownedBy(owner: JsonObject, more: JsonObject = {}): JsonObject {
  const { name, uid } = objectAt(owner, 'metadata');
  const reference = { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, ...more };
  return { ownerReferences: [reference] };
}

/** Finalizers, owners, dry runs, the end of namespaces. */
export const lifetimeChecks: readonly Check[] = [
  [
    'an object with a finalizer is marked and stays',
    async (scene) => {
      await scene.make('configmaps', configMap('x', {}, { finalizers: ['a.io/x'] }));
      const marked = await scene.accepted(scene.delete('configmaps/x'));
      expect(marked).toMatchObject({ kind: 'ConfigMap', metadata: { deletionGracePeriodSeconds: 0 } });
      expect(textAt(await scene.accepted(scene.get('configmaps/x')), 'metadata', 'deletionTimestamp')).toBeDefined();
      await scene.accepted(scene.patch('merge', 'configmaps/x', { metadata: { finalizers: null } }));
      await scene.refused(scene.get('configmaps/x'), 404, 'NotFound', 'configmaps "x" not found');
    },
  ],
  [
    'a second delete of a marked object changes nothing',
    async (scene) => {
      await scene.make('configmaps', configMap('x', {}, { finalizers: ['a.io/x'] }));
      const marked = await scene.accepted(scene.delete('configmaps/x'));
      expect(await scene.accepted(scene.delete('configmaps/x'))).toEqual(marked);
      await scene.patch('merge', 'configmaps/x', { metadata: { finalizers: null } });
    },
  ],
  [
    'a marked object gets no new finalizer',
    async (scene) => {
      await scene.make('configmaps', configMap('x', {}, { finalizers: ['a.io/x'] }));
      await scene.accepted(scene.delete('configmaps/x'));
      await scene.refused(
        scene.patch('merge', 'configmaps/x', { metadata: { finalizers: ['a.io/x', 'b.io/y'] } }),
        422,
        'Invalid',
        'ConfigMap "x" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"b.io/y"}',
      );
      await scene.patch('merge', 'configmaps/x', { metadata: { finalizers: null } });
    },
  ],
  [
    'marking an object with a spec counts its generation up',
    async (scene) => {
      await scene.make('gadgets', gadget('x', {}, { finalizers: ['a.io/x'] }));
      expect(await scene.accepted(scene.delete('gadgets/x'))).toMatchObject({ metadata: { generation: 2 } });
      await scene.patch('merge', 'gadgets/x', { metadata: { finalizers: null } });
    },
  ],
  [
    'what an owner owns goes with it',
    async (scene) => {
      const owner = await scene.make('configmaps', configMap('owner'));
      await scene.make('configmaps', configMap('x', {}, ownedBy(owner)));
      await scene.accepted(scene.delete('configmaps/owner'));
      await scene.eventually('configmaps/x', { reason: 'NotFound' }, 404);
    },
  ],
  [
    'what has another owner stays without the one that went',
    async (scene) => {
      const one = await scene.make('configmaps', configMap('one'));
      const two = await scene.make('configmaps', configMap('two'));
      const references = [one, two].flatMap((owner) => ownedBy(owner).ownerReferences as JsonObject[]);
      await scene.make('configmaps', configMap('x', {}, { ownerReferences: references }));
      await scene.accepted(scene.delete('configmaps/one'));
      await scene.eventually('configmaps/x', { metadata: ownedBy(two) });
    },
  ],
  [
    'what names an owner that never was goes',
    async (scene) => {
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ghost', uid: 'ghost-uid' } };
      await scene.make('configmaps', configMap('x', {}, ownedBy(owner)));
      await scene.eventually('configmaps/x', { reason: 'NotFound' }, 404);
    },
  ],
  [
    'an orphan stays and forgets its owner',
    async (scene) => {
      const owner = await scene.make('configmaps', configMap('owner'));
      await scene.make('configmaps', configMap('x', {}, ownedBy(owner)));
      await scene.accepted(scene.delete('configmaps/owner', { propagationPolicy: 'Orphan' }));
      await scene.eventually('configmaps/owner', { reason: 'NotFound' }, 404);
      const orphan = await scene.accepted(scene.get('configmaps/x'));
      expect(at(orphan, 'metadata', 'ownerReferences')).toBeUndefined();
    },
  ],
  [
    'an owner deleted in the foreground waits for what blocks it',
    async (scene) => {
      const owner = await scene.make('configmaps', configMap('owner'));
      const blocks = { ...ownedBy(owner, { blockOwnerDeletion: true }), finalizers: ['a.io/x'] };
      await scene.make('configmaps', configMap('x', {}, blocks));
      await scene.accepted(scene.delete('configmaps/owner', { propagationPolicy: 'Foreground' }));
      await scene.eventually('configmaps/x', { metadata: { deletionGracePeriodSeconds: 0 } });
      await scene.eventually('configmaps/owner', { metadata: { finalizers: ['foregroundDeletion'] } });
      await scene.accepted(scene.patch('merge', 'configmaps/x', { metadata: { finalizers: null } }));
      await scene.eventually('configmaps/owner', { reason: 'NotFound' }, 404);
    },
  ],
  [
    'a dry run answers as if and creates nothing',
    async (scene) => {
      const made = await scene.accepted(scene.post('gadgets', gadget('x', {}), { dryRun: 'All' }), 201);
      expect(made).toMatchObject({ spec: { mode: 'slow' }, metadata: { generation: 1 } });
      expect(textAt(made, 'metadata', 'resourceVersion')).toBeUndefined();
      expect(await scene.names('gadgets')).toEqual([]);
    },
  ],
  [
    'a dry run of a patch changes nothing',
    async (scene) => {
      const made = await scene.make('configmaps', configMap('x'));
      const shown = await scene.accepted(scene.patch('merge', 'configmaps/x', { data: { a: '2' } }, { dryRun: 'All' }));
      expect(shown.data).toEqual({ a: '2' });
      expect(await scene.accepted(scene.get('configmaps/x'))).toEqual(made);
    },
  ],
  [
    'a dry run of a delete deletes nothing',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      await scene.accepted(scene.delete('configmaps/x', { dryRun: ['All'] }));
      expect(await scene.names('configmaps')).toEqual(['x']);
    },
  ],
  [
    'a dry run is refused as the real one would be',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      const answer = scene.post('configmaps', configMap('x'), { dryRun: 'All' });
      await scene.refused(answer, 409, 'AlreadyExists', 'configmaps "x" already exists');
    },
  ],
  [
    'a namespace goes with all that is in it',
    async (scene) => {
      await scene.make('configmaps', configMap('x'));
      await scene.make('gadgets', gadget('y', {}));
      const marked = await scene.accepted(scene.delete(`namespaces/${scene.ns}`));
      expect(textAt(marked, 'metadata', 'deletionTimestamp')).toBeDefined();
      await scene.eventually(`namespaces/${scene.ns}`, { reason: 'NotFound' }, 404);
      expect(await scene.names('gadgets')).toEqual([]);
    },
  ],
  [
    'a namespace waits for finalizers in it and takes nothing new',
    async (scene) => {
      await scene.make('configmaps', configMap('x', {}, { finalizers: ['a.io/x'] }));
      await scene.accepted(scene.delete(`namespaces/${scene.ns}`));
      await scene.eventually(`namespaces/${scene.ns}`, { status: { phase: 'Terminating' } });
      const said = await scene.refused(
        scene.post('configmaps', configMap('y')),
        403,
        'Forbidden',
        'configmaps "y" is forbidden: unable to create new content in namespace ns because it is being terminated',
      );
      expect(at(said, 'details', 'causes', 0, 'reason')).toBe('NamespaceTerminating');
      await scene.accepted(scene.patch('merge', 'configmaps/x', { metadata: { finalizers: null } }));
      await scene.eventually(`namespaces/${scene.ns}`, { reason: 'NotFound' }, 404);
    },
  ],
  [
    'a new namespace is active and named by a label',
    async (scene) => {
      expect(await scene.accepted(scene.get(`namespaces/${scene.ns}`))).toMatchObject({
        metadata: { labels: { 'kubernetes.io/metadata.name': scene.ns } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      });
    },
  ],
  [
    'a pod that was bound is deleted with its grace period',
    async (scene) => {
      await scene.make('pods', pod('x', { nodeName: 'nowhere', terminationGracePeriodSeconds: 7 }));
      expect(await scene.accepted(scene.delete('pods/x'))).toMatchObject({
        metadata: { deletionGracePeriodSeconds: 7 },
      });
      await scene.accepted(scene.delete('pods/x', { gracePeriodSeconds: 0 }));
      await scene.refused(scene.get('pods/x'), 404, 'NotFound', 'pods "x" not found');
    },
  ],
];
