import { expect } from 'vitest';
import { at, objectAt, textAt } from '../../src/model/json.ts';
import type { Check } from './scene.ts';

const lease = (spec: object, metadata: object = {}): never =>
  ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'x', ...metadata }, spec }) as never;

/** Leases, which decide who acts, and Events, which tell what was done. */
export const leaseChecks: readonly Check[] = [
  [
    'a lease keeps its times to the microsecond',
    async (scene) => {
      const renewTime = '2026-01-02T03:04:05.678901Z';
      const made = await scene.make('leases', lease({ holderIdentity: 'me', leaseDurationSeconds: 15, renewTime }));
      expect(made.spec).toEqual({ holderIdentity: 'me', leaseDurationSeconds: 15, renewTime });
    },
  ],
  [
    'a lease is replaced with its version only',
    async (scene) => {
      await scene.make('leases', lease({ holderIdentity: 'me' }));
      await scene.refused(
        scene.put('leases/x', lease({ holderIdentity: 'you' })),
        422,
        'Invalid',
        'leases.coordination.k8s.io "x" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      );
    },
  ],
  [
    'of two who take a lease one is refused',
    async (scene) => {
      const made = await scene.make('leases', lease({ holderIdentity: '' }));
      const { resourceVersion } = objectAt(made, 'metadata');
      await scene.accepted(scene.put('leases/x', lease({ holderIdentity: 'me' }, { resourceVersion })));
      await scene.refused(
        scene.put('leases/x', lease({ holderIdentity: 'you' }, { resourceVersion })),
        409,
        'Conflict',
        'Operation cannot be fulfilled on leases.coordination.k8s.io "x": the object has been modified; please apply your changes to the latest version and try again',
      );
    },
  ],
  [
    'a replacement creates a lease that is not there',
    async (scene) => {
      const made = await scene.accepted(scene.put('leases/x', lease({ holderIdentity: 'me' })), 201);
      expect(textAt(made, 'spec', 'holderIdentity')).toBe('me');
    },
  ],
  [
    'an event is about an object of its namespace',
    async (scene) => {
      const involvedObject = { kind: 'ConfigMap', namespace: scene.ns, name: 'x', apiVersion: 'v1' };
      const event = { metadata: { name: 'x.1' }, involvedObject, reason: 'Tested', message: 'it was', type: 'Normal' };
      const made = await scene.make('events', event);
      expect(made).toMatchObject({ involvedObject, reason: 'Tested' });
      const bad = { ...event, metadata: { name: 'x.2' }, involvedObject: { ...involvedObject, namespace: 'default' } };
      await scene.refused(
        scene.post('events', bad),
        422,
        'Invalid',
        'Event "x.2" is invalid: involvedObject.namespace: Invalid value: "default": does not match event.namespace',
      );
    },
  ],
  [
    'events are selected by what they are about and by reason',
    async (scene) => {
      for (const [name, reason] of [
        ['x', 'One'],
        ['y', 'Two'],
      ]) {
        const involvedObject = { kind: 'ConfigMap', namespace: scene.ns, name };
        await scene.make('events', { metadata: { name: `${name}.1` }, involvedObject, reason });
      }
      expect(await scene.names('events', { fieldSelector: 'involvedObject.name=y' })).toEqual(['y.1']);
      expect(await scene.names('events', { fieldSelector: 'reason=One,involvedObject.kind=ConfigMap' })).toEqual([
        'x.1',
      ]);
    },
  ],
  [
    'an event has the fields that nobody gave it',
    async (scene) => {
      const involvedObject = { kind: 'ConfigMap', namespace: scene.ns, name: 'x' };
      const made = await scene.make('events', { metadata: { name: 'x.1' }, involvedObject });
      expect(made).toMatchObject({ firstTimestamp: null, lastTimestamp: null, eventTime: null, source: {} });
      expect([at(made, 'reportingComponent'), at(made, 'reportingInstance')]).toEqual(['', '']);
    },
  ],
];
