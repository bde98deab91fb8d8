import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/kube.ts';
import {
  attachmentsOf,
  claimReferenceOf,
  replicatedResourceOf,
  reclaimPolicyOf,
  replicationOf,
  storageClassNameOf,
  volumeNameOf,
} from '../../src/model/volume.ts';
import { attachment, claim, volume, volumeName } from './kubevirt-objects.ts';

const storageClass = (parameters: JsonObject, provisioner = 'linstor.csi.linbit.com'): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'linstor-r2' },
  provisioner,
  parameters,
});

describe('replication of a StorageClass', () => {
  test.each([
    [{ placementCount: '2' }, 'replicated', 2],
    [{ autoPlace: '3' }, 'replicated', 3],
    [{ autoplace: '2' }, 'replicated', 2],
    [{ 'linstor.csi.linbit.com/placementCount': '2' }, 'replicated', 2],
    [{ 'LINSTOR.csi.linbit.com/PLACEMENTCOUNT': '2' }, 'replicated', 2],
    [{ nodeList: 'node-a1 node-b1', placementCount: '1' }, 'replicated', 2],
    [{ placementCount: '1' }, 'single', 1],
    [{ placementCount: '' }, 'single', 1],
    [{ storagePool: 'nvme' }, 'single', 1],
    [{ 'example.com/placementCount': '2' }, 'single', 1],
  ])('%j is %s with %d copies', (parameters, kind, copies) => {
    expect(replicationOf(storageClass(parameters))).toMatchObject({ kind, copies });
  });

  test('a count that is no number is invalid, not single', () => {
    expect(replicationOf(storageClass({ placementCount: 'two' }))).toEqual({
      kind: 'invalid',
      parameter: 'placementCount',
      value: 'two',
    });
  });

  test('another provisioner is foreign, whatever its parameters say', () => {
    expect(replicationOf(storageClass({ placementCount: '2' }, 'ebs.csi.aws.com'))).toEqual({
      kind: 'foreign',
      provisioner: 'ebs.csi.aws.com',
    });
  });
});

describe('claim and volume', () => {
  const handled = (csi: JsonObject): KubeObject => volume({ spec: { csi } });

  test('the LINSTOR resource is the volume handle without its volume number', () => {
    const driver = 'linstor.csi.linbit.com';
    expect(replicatedResourceOf(volume())).toBe(volumeName);
    expect(replicatedResourceOf(handled({ driver, volumeHandle: 'group-1/2' }))).toBe('group-1');
    expect(replicatedResourceOf(handled({ driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' }))).toBeUndefined();
  });

  test('an empty volume name or uid is none', () => {
    expect(volumeNameOf(claim({ spec: { volumeName: '' } }))).toBeUndefined();
    const reserved = volume({ spec: { claimRef: { namespace: 'prod', name: 'vm1-disk', uid: '' } } });
    expect(claimReferenceOf(reserved)).toEqual({ namespace: 'prod', name: 'vm1-disk', uid: undefined });
    expect(claimReferenceOf(volume({ spec: {} }))).toBeUndefined();
  });

  test('defaults of the API stand in for absent fields', () => {
    expect(reclaimPolicyOf(volume({ spec: {} }))).toBe('Retain');
    const legacy = { 'volume.beta.kubernetes.io/storage-class': 'old' };
    expect(storageClassNameOf(claim({ metadata: { annotations: legacy }, spec: {} }))).toBe('old');
  });

  test('attachments are found by the name of the PersistentVolume', () => {
    const mine = attachment();
    const other = { ...attachment('node-a1'), spec: { source: { persistentVolumeName: 'pvc-other' } } };
    expect(attachmentsOf(new Set([volumeName]), [other, mine])).toEqual([mine]);
  });
});
