import type { JsonObject } from '../../src/model/json.ts';
import type { KubeObject, ObjectMeta } from '../../src/model/kube.ts';

/** Objects as a cluster with KubeVirt and linstor-csi stores them. Each takes what a test wants to be different. */

export const namespace = 'prod';

interface Change {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: JsonObject;
  readonly status?: JsonObject;
}

export function virtualMachine(change: Change = {}): KubeObject {
  return object('kubevirt.io/v1', 'VirtualMachine', change, {
    metadata: {
      name: 'vm1',
      uid: '76acae42-59f8-4ec2-bbee-ab5ae9f7a0b4',
      generation: 2,
      annotations: {
        'kubevirt.io/latest-observed-api-version': 'v1',
        'kubevirt.io/storage-observed-api-version': 'v1',
      },
      finalizers: ['kubevirt.io/virtualMachineControllerFinalize'],
      labels: { app: 'vm1' },
    },
    spec: { runStrategy: 'Always', template: template() },
    status: { created: true, ready: true, printableStatus: 'Running', runStrategy: 'Always' },
  });
}

export function template(spec: JsonObject = {}): JsonObject {
  return {
    metadata: { annotations: { 'kubevirt.io/pci-topology-version': 'v3' }, labels: { app: 'vm1' } },
    spec: {
      architecture: 'amd64',
      domain: {
        cpu: { cores: 1 },
        devices: {
          disks: [
            { disk: { bus: 'virtio' }, name: 'rootdisk' },
            { disk: { bus: 'virtio' }, name: 'cloudinitdisk' },
          ],
          interfaces: [{ masquerade: {}, name: 'default' }],
          rng: {},
        },
        firmware: { serial: '5a766ef3-8462-401b-96c0-c2608563b96b', uuid: '69c1ec68-218a-4e59-b5ee-41f46739d294' },
        machine: { type: 'q35' },
        memory: { guest: '512Mi' },
        resources: {},
      },
      networks: [{ name: 'default', pod: {} }],
      terminationGracePeriodSeconds: 30,
      volumes: [
        { name: 'rootdisk', persistentVolumeClaim: { claimName: 'vm1-disk' } },
        { name: 'cloudinitdisk', cloudInitNoCloud: { secretRef: { name: 'vm1-cloudinit' } } },
      ],
      ...spec,
    },
  };
}

export function instance(phase: string, change: Change = {}): KubeObject {
  return object('kubevirt.io/v1', 'VirtualMachineInstance', change, {
    metadata: {
      name: 'vm1',
      uid: '2cbe6902-3c0e-4d2d-ae1b-287c938a1dfa',
      finalizers: ['kubevirt.io/virtualMachineControllerFinalize', 'kubevirt.io/foregroundDeleteVirtualMachine'],
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachine',
          name: 'vm1',
          uid: '76acae42-59f8-4ec2-bbee-ab5ae9f7a0b4',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: { domain: { firmware: { uuid: '69c1ec68-218a-4e59-b5ee-41f46739d294' } } },
    status: {
      phase,
      nodeName: 'node-a2',
      interfaces: [{ name: 'default', mac: '02:00:00:31:9e:f6', ipAddress: '10.244.2.204' }],
      conditions: phase === 'Running' ? [{ type: 'Ready', status: 'True' }] : [],
    },
  });
}

export function launcherPod(phase: string, change: Change = {}): KubeObject {
  return object('v1', 'Pod', change, {
    metadata: {
      name: 'virt-launcher-vm1-zt46f',
      uid: '03791f60-97b7-47fe-966e-42af8aa96680',
      labels: {
        'kubevirt.io': 'virt-launcher',
        'kubevirt.io/created-by': '2cbe6902-3c0e-4d2d-ae1b-287c938a1dfa',
        'vm.kubevirt.io/name': 'vm1',
        'vmi.kubevirt.io/id': 'vm1',
      },
    },
    spec: { nodeName: 'node-a2' },
    status: { phase },
  });
}

export const volumeName = 'pvc-6a9f0f6e-5f5a-4a6a-9e0a-0d6c3d1f8a11';

export function claim(change: Change = {}): KubeObject {
  return object('v1', 'PersistentVolumeClaim', change, {
    metadata: {
      name: 'vm1-disk',
      uid: 'c5c1b599-9d02-471f-b853-aba9d834185d',
      annotations: {
        'pv.kubernetes.io/bind-completed': 'yes',
        'pv.kubernetes.io/bound-by-controller': 'yes',
        'volume.kubernetes.io/storage-provisioner': 'linstor.csi.linbit.com',
      },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      resources: { requests: { storage: '10Gi' } },
      storageClassName: 'linstor-r2',
      volumeMode: 'Block',
      volumeName,
    },
    status: { phase: 'Bound', accessModes: ['ReadWriteMany'], capacity: { storage: '10Gi' } },
  });
}

export function volume(change: Change = {}): KubeObject {
  const made = object('v1', 'PersistentVolume', change, {
    metadata: {
      name: volumeName,
      uid: 'e6670c45-515d-46b7-b965-a23a90222066',
      annotations: {
        'pv.kubernetes.io/provisioned-by': 'linstor.csi.linbit.com',
        'volume.kubernetes.io/provisioner-deletion-secret-name': '',
      },
      finalizers: ['kubernetes.io/pv-protection', 'external-attacher/linstor-csi-linbit-com'],
    },
    spec: {
      accessModes: ['ReadWriteMany'],
      capacity: { storage: '10Gi' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name: 'vm1-disk',
        uid: 'c5c1b599-9d02-471f-b853-aba9d834185d',
        resourceVersion: '11345',
      },
      csi: {
        driver: 'linstor.csi.linbit.com',
        fsType: 'ext4',
        volumeHandle: volumeName,
        volumeAttributes: { 'linstor.csi.linbit.com/uses-volume-context': 'true' },
      },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'linstor-r2',
      volumeMode: 'Block',
    },
    status: { phase: 'Bound' },
  });
  const { namespace: _clusterScoped, ...metadata } = made.metadata;
  return { ...made, metadata };
}

export function attachment(node = 'node-a2'): KubeObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: `csi-${node}` },
    spec: { attacher: 'linstor.csi.linbit.com', nodeName: node, source: { persistentVolumeName: volumeName } },
  };
}

export function node(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } } };
}

/** A field of the object is replaced as a whole where the change names it; metadata is merged. */
function object(
  apiVersion: string,
  kind: string,
  change: Change,
  usual: { readonly metadata: ObjectMeta; readonly spec: JsonObject; readonly status: JsonObject },
): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: {
      namespace,
      resourceVersion: '11448',
      creationTimestamp: '2026-11-22T12:58:23Z',
      ...usual.metadata,
      ...change.metadata,
    },
    spec: change.spec ?? usual.spec,
    status: change.status ?? usual.status,
  };
}
