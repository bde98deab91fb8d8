import type { JsonObject } from '../../../../src/model/json.ts';
import { resources } from '../../../../src/model/kube.ts';
import type { ClusterLab } from './cluster-lab.ts';

/** A namespace, a class, and a reserved volume with the claim that it is reserved for. */
export function prepareDisk(lab: ClusterLab): void {
  prepareNamespace(lab);
  lab.send(resources.persistentVolume, volume());
  lab.send(resources.persistentVolumeClaim, claim());
  lab.runFor(1000);
}

export function prepareNamespace(lab: ClusterLab): void {
  lab.send(resources.namespace, { metadata: { name: 'shop' } });
  lab.send(resources.storageClass, storageClass());
  lab.send(resources.secret, {
    metadata: { name: 'vm1-cloudinit', namespace: 'shop' },
    stringData: { userdata: '#cloud-config' },
  });
}

export function storageClass(change: JsonObject = {}): JsonObject {
  return {
    metadata: { name: 'linstor-r2' },
    provisioner: 'linstor.csi.linbit.com',
    parameters: { 'linstor.csi.linbit.com/placementCount': '2' },
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'Immediate',
    ...change,
  };
}

export function volume(spec: JsonObject = {}, name = 'pvc-vm1-disk'): JsonObject {
  return {
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': 'linstor.csi.linbit.com' } },
    spec: {
      accessModes: ['ReadWriteMany'],
      capacity: { storage: '10Gi' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'shop', name: 'vm1-disk' },
      csi: { driver: 'linstor.csi.linbit.com', volumeHandle: name, fsType: 'ext4' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: 'linstor-r2',
      volumeMode: 'Block',
      ...spec,
    },
  };
}

export function claim(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    metadata: { name: 'vm1-disk', namespace: 'shop', ...metadata },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '10Gi' } },
      storageClassName: 'linstor-r2',
      volumeMode: 'Block',
      ...spec,
    },
  };
}

export function virtualMachine(power: JsonObject, graceSeconds = 30): JsonObject {
  return {
    metadata: { name: 'vm1', namespace: 'shop', labels: { app: 'vm1' } },
    spec: {
      ...power,
      template: {
        metadata: { labels: { app: 'vm1' } },
        spec: {
          domain: {
            cpu: { cores: 1 },
            devices: {
              disks: [
                { name: 'rootdisk', disk: { bus: 'virtio' } },
                { name: 'cloudinitdisk', disk: { bus: 'virtio' } },
              ],
              interfaces: [{ name: 'default', masquerade: {} }],
            },
            memory: { guest: '512Mi' },
          },
          networks: [{ name: 'default', pod: {} }],
          terminationGracePeriodSeconds: graceSeconds,
          volumes: [
            { name: 'rootdisk', persistentVolumeClaim: { claimName: 'vm1-disk' } },
            { name: 'cloudinitdisk', cloudInitNoCloud: { secretRef: { name: 'vm1-cloudinit' } } },
          ],
        },
      },
    },
  };
}
