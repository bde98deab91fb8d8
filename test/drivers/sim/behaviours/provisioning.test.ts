import { describe, expect, test } from 'vitest';
import { textAt } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import { attachmentNameOf } from '../../../../src/drivers/sim/behaviours/storage/volume-attachment.ts';
import { sha256 } from '../../../../src/drivers/sim/behaviours/storage/sha256.ts';
import { ClusterLab } from './cluster-lab.ts';
import { claim, prepareNamespace, storageClass } from './manifests.ts';

const pvc = resources.persistentVolumeClaim;
const second = 1000;

describe('provisioning', () => {
  test('is tried again while the storage refuses, and never makes two volumes', () => {
    const lab = new ClusterLab();
    prepareNamespace(lab);
    lab.provisionAnswer = { kind: 'error', code: 'Internal', message: 'not enough nodes' };
    lab.send(pvc, claim());
    lab.runFor(10 * second);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'status', 'phase')).toBe('Pending');
    expect(lab.events('PersistentVolumeClaim')).toContain(
      'Warning ProvisioningFailed: failed to provision volume with StorageClass "linstor-r2": rpc error: code = Internal desc = not enough nodes',
    );
    lab.provisionAnswer = { kind: 'ok' };
    lab.runFor(20 * second);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'status', 'phase')).toBe('Bound');
    expect(new Set(lab.created.map((wish) => wish.name)).size).toBe(1);
    expect(lab.api.list(resources.persistentVolume)).toHaveLength(1);
  });

  test('of a claim without a class uses the default class', () => {
    const lab = new ClusterLab();
    prepareNamespace(lab);
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    lab.send(resources.storageClass, storageClass({ metadata: { name: 'usual', annotations } }));
    const { storageClassName: _, ...spec } = claim().spec as Record<string, never>;
    lab.send(pvc, { ...claim(), spec });
    lab.runFor(3 * second);
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'spec', 'storageClassName')).toBe('usual');
    expect(textAt(lab.get(pvc, 'vm1-disk'), 'status', 'phase')).toBe('Bound');
  });

  test('that cannot delete its volume marks it Failed and tries again', () => {
    const lab = new ClusterLab();
    prepareNamespace(lab);
    lab.send(resources.storageClass, storageClass({ metadata: { name: 'gone' }, reclaimPolicy: 'Delete' }));
    lab.send(pvc, claim({ storageClassName: 'gone' }));
    lab.runFor(3 * second);
    lab.provisionAnswer = { kind: 'error', code: 'Internal', message: "Resource 'pvc' is still in use." };
    lab.delete(pvc, 'vm1-disk');
    lab.runFor(3 * second);
    expect(textAt(lab.api.list(resources.persistentVolume)[0], 'status', 'phase')).toBe('Failed');
    lab.provisionAnswer = { kind: 'ok' };
    lab.runFor(20 * second);
    expect(lab.api.list(resources.persistentVolume)).toEqual([]);
  });
});

describe('DeleteVolume of a volume that is in use', () => {
  const released = (): ClusterLab => {
    const lab = new ClusterLab();
    prepareNamespace(lab);
    lab.send(resources.storageClass, storageClass({ metadata: { name: 'gone' }, reclaimPolicy: 'Delete' }));
    lab.send(pvc, claim({ storageClassName: 'gone' }));
    lab.runFor(3 * second);
    lab.provisionAnswer = { kind: 'waiting', lookAgainAfter: 5 * second };
    lab.delete(pvc, 'vm1-disk');
    lab.runFor(second);
    expect(lab.deleted).toHaveLength(1);
    return lab;
  };

  test('looks every 5 s, and fails after a minute: the volume stays and is tried again', () => {
    const lab = released();
    lab.runFor(57 * second);
    expect(lab.deleted).toHaveLength(12);
    lab.runFor(3 * second);
    expect(lab.events('PersistentVolume')).toContain(
      'Warning VolumeFailedDelete: rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    );
    expect(textAt(lab.api.list(resources.persistentVolume)[0], 'status', 'phase')).toBe('Failed');
    lab.provisionAnswer = { kind: 'ok' };
    lab.runFor(20 * second);
    expect(lab.api.list(resources.persistentVolume)).toEqual([]);
  });

  test('goes on once nobody uses it any more, though the volume was told to be kept meanwhile', () => {
    const lab = released();
    const [volume] = lab.api.list(resources.persistentVolume);
    const keep = { spec: { persistentVolumeReclaimPolicy: 'Retain' } };
    expect(lab.mergePatch(resources.persistentVolume, volume?.metadata.name ?? '', keep)).toBe(200);
    lab.provisionAnswer = { kind: 'ok' };
    lab.runFor(6 * second);
    expect(lab.deleted).toHaveLength(2);
    expect(lab.api.list(resources.persistentVolume)).toEqual([]);
  });
});

describe('names of attachments', () => {
  test('are the hash that Kubernetes makes of volume, driver and node', () => {
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(attachmentNameOf('pvc-start-stop-running-field-vm1-disk', 'linstor.csi.linbit.com', 'node-a2')).toBe(
      'csi-7dd92e774cf0f5145205eff81ea76a4f9ae1808f52662a49ad8c394b6611caa3',
    );
  });
});
