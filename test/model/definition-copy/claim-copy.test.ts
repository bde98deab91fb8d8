import { expect, test } from 'vitest';
import { copyClaim } from '../../../src/model/definition-copy/claim-copy.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubeObject } from '../../../src/model/kube.ts';
import { claim, volume, volumeName } from '../kubevirt-objects.ts';

const withSpec = (spec: JsonObject): KubeObject => ({ ...claim(), spec: { ...claim().spec, ...spec } });

test('a copied claim names its volume and carries no trace of having been bound', () => {
  const { object, dropped } = copyClaim(claim(), volume(), 'cluster1');
  expect(object).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'vm1-disk', namespace: 'prod', labels: { 'siterecovery.trilio.io/copied-from': 'cluster1' } },
    spec: claim().spec,
  });
  expect(dropped).toContain('metadata.annotations[pv.kubernetes.io/bind-completed]');
});

test('a claim that names another volume, or none, is given the one of its copy', () => {
  for (const sourceName of ['another', undefined]) {
    const { object } = copyClaim(withSpec({ volumeName: sourceName }), volume(), 'cluster1');
    expect(object.spec?.volumeName).toBe(volumeName);
  }
  expect(copyClaim(withSpec({ volumeName: 'another' }), volume(), 'cluster1').dropped).toContain('spec.volumeName');
});

test('what an importer would act on is left out', () => {
  const imported = {
    ...withSpec({
      dataSource: { kind: 'VolumeSnapshot', name: 's' },
      dataSourceRef: { kind: 'VolumeSnapshot', name: 's' },
    }),
    metadata: {
      ...claim().metadata,
      annotations: { 'cdi.kubevirt.io/storage.import.endpoint': 'http://images/fedora', note: 'kept' },
      ownerReferences: [{ apiVersion: 'cdi.kubevirt.io/v1beta1', kind: 'DataVolume', name: 'vm1-disk', uid: 'u' }],
    },
  };
  const { object } = copyClaim(imported, volume(), 'cluster1');
  expect(object.spec).not.toHaveProperty('dataSource');
  expect(object.spec).not.toHaveProperty('dataSourceRef');
  expect(object.metadata.annotations).toEqual({ note: 'kept' });
  expect(object.metadata.ownerReferences).toBeUndefined();
});

test('a copied claim asks for nothing that its volume does not have', () => {
  const greedy = withSpec({
    accessModes: ['ReadWriteOnce', 'ReadWriteMany'],
    resources: { requests: { storage: '20Gi' } },
    storageClassName: 'renamed',
  });
  const { object, dropped } = copyClaim(greedy, volume(), 'cluster1');
  expect(object.spec).toMatchObject({
    accessModes: ['ReadWriteMany'],
    resources: { requests: { storage: '10Gi' } },
    storageClassName: 'linstor-r2',
  });
  expect(dropped).toContain("spec.resources.requests.storage: 20Gi becomes 10Gi, the volume's size");
  const modest = withSpec({ resources: { requests: { storage: '9000Mi' } } });
  expect(copyClaim(modest, volume(), 'cluster1').object.spec).toMatchObject({
    resources: { requests: { storage: '9000Mi' } },
  });
});
