import { expect, test } from 'vitest';
import { copyVolume } from '../../../src/model/definition-copy/volume-copy.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { claim, node, volume, volumeName } from '../kubevirt-objects.ts';

const affinity = {
  required: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'linbit.com/hostname', operator: 'In', values: ['node-a1'] }] },
      { matchExpressions: [{ key: 'linbit.com/hostname', operator: 'In', values: ['node-b1'] }] },
    ],
  },
};
const pinned: KubeObject = { ...volume(), spec: { ...volume().spec, nodeAffinity: affinity } };

test('a copied volume is reserved for its claim, retained, and says nothing of the source cluster', () => {
  const { object, dropped } = copyVolume(volume(), claim(), 'cluster1');
  expect(object).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName,
      labels: { 'siterecovery.trilio.io/copied-from': 'cluster1' },
      annotations: { 'volume.kubernetes.io/provisioner-deletion-secret-name': '' },
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      capacity: { storage: '10Gi' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'prod', name: 'vm1-disk' },
      csi: volume().spec?.csi,
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'linstor-r2',
      volumeMode: 'Block',
    },
  });
  expect(dropped).toEqual([
    'metadata.uid',
    'metadata.resourceVersion',
    'metadata.creationTimestamp',
    'metadata.finalizers',
    'metadata.annotations[pv.kubernetes.io/provisioned-by]',
    'spec.claimRef.uid',
    'spec.claimRef.resourceVersion',
    'spec.persistentVolumeReclaimPolicy: Delete becomes Retain',
    'status',
  ]);
});

test('node affinity that a node of the other site satisfies is kept as it is', () => {
  const { object, dropped } = copyVolume(pinned, claim(), 'cluster1', [
    node('node-b1', { 'linbit.com/hostname': 'node-b1' }),
  ]);
  expect(object.spec?.nodeAffinity).toEqual(affinity);
  expect(dropped.join()).not.toContain('nodeAffinity');
});

test.each([
  ['that fits no node of the other site', [node('node-c1', { 'linbit.com/hostname': 'node-c1' })]],
  ['when no node of the other site is known', []],
])('node affinity is left out %s, and the copy says so', (_case, nodes) => {
  const { object, dropped } = copyVolume(pinned, claim(), 'cluster1', nodes);
  expect(object.spec?.nodeAffinity).toBeUndefined();
  expect(dropped).toContain('spec.nodeAffinity: no known node of the other site fits it');
});

test('a volume without reservation is reserved all the same', () => {
  const { claimRef: _none, ...spec } = volume().spec ?? {};
  expect(copyVolume({ ...volume(), spec }, claim(), 'cluster1').object.spec?.claimRef).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'prod',
    name: 'vm1-disk',
  });
});
