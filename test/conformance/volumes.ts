import { expect } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { objectAt, textAt } from '../../src/model/json.ts';
import { pod } from './config-map.ts';
import type { Check, Scene } from './scene.ts';

const bindCompleted = 'pv.kubernetes.io/bind-completed';

function claim(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'c', ...metadata },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: '',
      resources: { requests: { storage: '1Gi' } },
      ...spec,
    },
  };
}

/** Volumes have no namespace: they are named after the check's. */
function volume(scene: Scene, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: scene.ns },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      csi: { driver: 'test.example.com', volumeHandle: scene.ns },
      ...spec,
    },
  };
}

const reserved = (scene: Scene, more: JsonObject = {}): JsonObject => ({
  claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: scene.ns, name: 'c', ...more },
});

const phase = (of: string): JsonObject => ({ status: { phase: of } });

async function bound(scene: Scene): Promise<JsonObject> {
  await scene.make('persistentvolumes', volume(scene, reserved(scene)));
  await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }));
  return (await scene.eventually('persistentvolumeclaims/c', phase('Bound'))) as JsonObject;
}

/** How claims and volumes find, lose and leave each other. */
export const volumeChecks: readonly Check[] = [
  [
    'a reserved volume and the claim that names it are bound',
    async (scene) => {
      const found = await bound(scene);
      expect(found).toMatchObject({
        metadata: { annotations: { [bindCompleted]: 'yes' }, finalizers: ['kubernetes.io/pvc-protection'] },
        status: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
      });
      await scene.eventually(`persistentvolumes/${scene.ns}`, {
        metadata: { finalizers: ['kubernetes.io/pv-protection'] },
        spec: { claimRef: { uid: textAt(found, 'metadata', 'uid') } },
        ...phase('Bound'),
      });
    },
  ],
  [
    'a claim waits for the volume that it names',
    async (scene) => {
      await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }));
      await scene.pass();
      await scene.eventually('persistentvolumeclaims/c', phase('Pending'));
      await scene.make('persistentvolumes', volume(scene, reserved(scene)));
      await scene.eventually('persistentvolumeclaims/c', phase('Bound'));
    },
  ],
  [
    'a claim that says it was bound and has no volume is lost',
    async (scene) => {
      const annotations = { [bindCompleted]: 'yes' };
      await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }, { annotations }));
      await scene.eventually('persistentvolumeclaims/c', phase('Lost'));
      await scene.eventually('events', {
        items: [
          {
            reason: 'ClaimLost',
            message: 'Bound claim has lost its PersistentVolume. Data on the volume is lost!',
            type: 'Warning',
          },
        ],
      });
    },
  ],
  [
    'a lost claim stays lost when a volume comes that is reserved by name only',
    async (scene) => {
      const annotations = { [bindCompleted]: 'yes' };
      await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }, { annotations }));
      await scene.eventually('persistentvolumeclaims/c', phase('Lost'));
      await scene.make('persistentvolumes', volume(scene, reserved(scene)));
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Available'));
      for (let moments = 0; moments < 30; moments++) await scene.pass();
      await scene.eventually('persistentvolumeclaims/c', phase('Lost'));
    },
  ],
  [
    'a lost claim is found again by a volume that carries its uid',
    async (scene) => {
      const annotations = { [bindCompleted]: 'yes' };
      const made = await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }, { annotations }));
      await scene.eventually('persistentvolumeclaims/c', phase('Lost'));
      const uid = textAt(made, 'metadata', 'uid') ?? '';
      await scene.make('persistentvolumes', volume(scene, reserved(scene, { uid })));
      await scene.eventually('persistentvolumeclaims/c', phase('Bound'));
    },
  ],
  [
    'a claim that says it was bound and names no volume is lost',
    async (scene) => {
      await scene.make('persistentvolumeclaims', claim({}, { annotations: { [bindCompleted]: 'yes' } }));
      await scene.eventually('persistentvolumeclaims/c', phase('Lost'));
    },
  ],
  [
    'a volume that carries the uid of another incarnation is released',
    async (scene) => {
      const uid = '11111111-2222-3333-4444-555555555555';
      await scene.make('persistentvolumes', volume(scene, reserved(scene, { uid })));
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Released'));
    },
  ],
  [
    'a volume without a claim is available',
    async (scene) => {
      await scene.make('persistentvolumes', volume(scene, { storageClassName: scene.ns }));
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Available'));
    },
  ],
  [
    'a claim takes a volume of its class that is large enough',
    async (scene) => {
      await scene.make(
        'persistentvolumes',
        volume(scene, { storageClassName: scene.ns, capacity: { storage: '2Gi' } }),
      );
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Available'));
      await scene.make('persistentvolumeclaims', claim({ storageClassName: scene.ns }));
      await scene.eventually('persistentvolumeclaims/c', {
        spec: { volumeName: scene.ns },
        status: { phase: 'Bound', capacity: { storage: '2Gi' } },
        metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      });
    },
  ],
  [
    'a claim does not take a volume that is too small',
    async (scene) => {
      await scene.make('persistentvolumes', volume(scene, { capacity: { storage: '500Mi' } }));
      await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }));
      await scene.eventually('events', {
        items: [
          {
            reason: 'VolumeMismatch',
            message: `Cannot bind to requested volume "${scene.ns}": requested PV is too small`,
          },
        ],
      });
      await scene.eventually('persistentvolumeclaims/c', phase('Pending'));
    },
  ],
  [
    'a claim does not take a volume of another class',
    async (scene) => {
      await scene.make('persistentvolumes', volume(scene, { storageClassName: 'other' }));
      await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }));
      await scene.eventually('events', {
        items: [{ message: `Cannot bind to requested volume "${scene.ns}": storageClassName does not match` }],
      });
    },
  ],
  [
    'a volume that is bound elsewhere is not taken',
    async (scene) => {
      await bound(scene);
      await scene.make('persistentvolumeclaims', claim({ volumeName: scene.ns }, { name: 'd' }));
      await scene.eventually('events', {
        items: [{ reason: 'FailedBinding', message: `volume "${scene.ns}" already bound to a different claim.` }],
      });
    },
  ],
  [
    'a claim without volume and class waits and says so',
    async (scene) => {
      await scene.make('persistentvolumeclaims', claim());
      await scene.eventually('events', {
        items: [
          {
            reason: 'FailedBinding',
            message: 'no persistent volumes available for this claim and no storage class is set',
          },
        ],
      });
      // It would take volumes of other checks.
      await scene.accepted(scene.delete('persistentvolumeclaims/c'));
    },
  ],
  [
    'a claim of a class that waits for its first consumer waits',
    async (scene) => {
      await scene.make('storageclasses', {
        metadata: { name: scene.ns },
        provisioner: 'test.example.com',
        volumeBindingMode: 'WaitForFirstConsumer',
      });
      await scene.make('persistentvolumeclaims', claim({ storageClassName: scene.ns }));
      await scene.eventually('events', {
        items: [{ reason: 'WaitForFirstConsumer', message: 'waiting for first consumer to be created before binding' }],
      });
    },
  ],
  [
    'a bound volume that is deleted waits for its claim',
    async (scene) => {
      await bound(scene);
      await scene.accepted(scene.delete(`persistentvolumes/${scene.ns}`));
      for (let moments = 0; moments < 5; moments++) await scene.pass();
      const waiting = await scene.accepted(scene.get(`persistentvolumes/${scene.ns}`));
      expect(objectAt(waiting, 'metadata').finalizers).toEqual(['kubernetes.io/pv-protection']);
      await scene.patch('merge', `persistentvolumes/${scene.ns}`, { metadata: { finalizers: null } });
      await scene.eventually('persistentvolumeclaims/c', phase('Lost'));
    },
  ],
  [
    'a volume that is retained is released when its claim goes',
    async (scene) => {
      await bound(scene);
      await scene.accepted(scene.delete('persistentvolumeclaims/c'));
      await scene.eventually('persistentvolumeclaims/c', { reason: 'NotFound' }, 404);
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Released'));
    },
  ],
  [
    'a released volume whose reservation is removed is available again',
    async (scene) => {
      await bound(scene);
      await scene.accepted(scene.delete('persistentvolumeclaims/c'));
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Released'));
      await scene.accepted(scene.patch('merge', `persistentvolumes/${scene.ns}`, { spec: { claimRef: null } }));
      await scene.eventually(`persistentvolumes/${scene.ns}`, phase('Available'));
    },
  ],
  [
    'a claim that a pod uses waits for the pod',
    async (scene) => {
      await bound(scene);
      const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
      await scene.make('pods', pod('x', { volumes, nodeName: 'nowhere' }));
      await scene.accepted(scene.delete('persistentvolumeclaims/c'));
      for (let moments = 0; moments < 10; moments++) await scene.pass();
      expect((await scene.get('persistentvolumeclaims/c')).status).toBe(200);
      await scene.delete('pods/x', { gracePeriodSeconds: 0 });
      await scene.eventually('persistentvolumeclaims/c', { reason: 'NotFound' }, 404);
    },
  ],
  [
    'a claim may change its size only, and only upwards where its class allows',
    async (scene) => {
      await bound(scene);
      const { status, body } = await scene.patch('merge', 'persistentvolumeclaims/c', {
        spec: { volumeName: 'other' },
      });
      expect(status).toBe(422);
      expect(textAt(body, 'message')).toContain(
        'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      );
      await scene.refused(
        scene.patch('merge', 'persistentvolumeclaims/c', { spec: { resources: { requests: { storage: '2Gi' } } } }),
        403,
        'Forbidden',
        'persistentvolumeclaims "c" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    },
  ],
];
