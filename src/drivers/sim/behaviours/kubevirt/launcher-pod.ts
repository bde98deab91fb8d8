import { numberAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { claimNameOf, createdByLabel, generationAnnotation, launcherLabel } from './virtual-machine.ts';
import { unpausedCondition } from './launcher-pod-sync.ts';
import { volumesOf } from './vmi-volumes.ts';

export const launcherImage = 'quay.io/kubevirt/virt-launcher:v1.9.0-beta.0';

/** The pod gets this much longer than the guest to end. */
const launcherGraceSeconds = 30;
const defaultGraceSeconds = 30;

/** Seconds a guest gets to shut down before it is destroyed. */
export function graceSecondsOf(vmi: KubeObject): number {
  return numberAt(vmi, 'spec', 'terminationGracePeriodSeconds') ?? defaultGraceSeconds;
}

/** The pod that runs a VMI: `RenderLaunchManifest` in `pkg/virt-controller/services/template.go`. */
export function launcherPodOf(port: ClusterPort, vmi: KubeObject): JsonObject {
  const { name, namespace, uid } = vmi.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `virt-launcher-${name}-`,
      namespace: namespace ?? '',
      labels: {
        ...vmi.metadata.labels,
        'kubevirt.io': launcherLabel,
        [createdByLabel]: uid ?? '',
        'vm.kubevirt.io/name': name,
        'vmi.kubevirt.io/id': name,
      },
      annotations: annotationsOf(vmi),
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstance',
          name,
          uid: uid ?? '',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: specOf(port, vmi),
  };
}

function annotationsOf(vmi: KubeObject): JsonObject {
  const { name, namespace, annotations = {} } = vmi.metadata;
  const freezer = (verb: string): string =>
    JSON.stringify(['/usr/bin/virt-freezer', verb, '--name', name, '--namespace', namespace ?? ''], null, 0);
  const carried: Record<string, string> = {};
  for (const [key, value] of Object.entries(annotations)) {
    const isObserved =
      key === 'kubevirt.io/latest-observed-api-version' || key === 'kubevirt.io/storage-observed-api-version';
    if (!isObserved && key !== generationAnnotation) carried[key] = value;
  }
  const generation = annotations[generationAnnotation];
  return {
    ...carried,
    'descheduler.alpha.kubernetes.io/request-evict-only': '',
    'kubectl.kubernetes.io/default-container': 'compute',
    'kubevirt.io/domain': name,
    'kubevirt.io/memory-overhead-bytes': '301989888',
    'kubevirt.io/migrationTransportUnix': 'true',
    ...(generation === undefined ? {} : { [generationAnnotation]: generation }),
    'post.hook.backup.velero.io/command': freezer('--unfreeze'),
    'post.hook.backup.velero.io/container': 'compute',
    'pre.hook.backup.velero.io/command': freezer('--freeze'),
    'pre.hook.backup.velero.io/container': 'compute',
    'pre.hook.backup.velero.io/timeout': '60s',
  };
}

function specOf(port: ClusterPort, vmi: KubeObject): JsonObject {
  const spec = objectAt(vmi, 'spec');
  const machine = textAt(spec, 'domain', 'machine', 'type') ?? 'q35';
  return {
    volumes: podVolumesOf(vmi),
    containers: [computeContainerOf(port, vmi)],
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: graceSecondsOf(vmi) + launcherGraceSeconds,
    dnsPolicy: 'ClusterFirst',
    nodeSelector: {
      ...objectAt(spec, 'nodeSelector'),
      'kubernetes.io/arch': textAt(spec, 'architecture') ?? 'amd64',
      'kubevirt.io/schedulable': 'true',
      [`machine-type.node.kubevirt.io/${machine}`]: 'true',
    },
    automountServiceAccountToken: false,
    securityContext: { runAsUser: 107, runAsGroup: 107, runAsNonRoot: true, fsGroup: 107 },
    hostname: vmi.metadata.name,
    ...(spec.affinity === undefined ? {} : { affinity: spec.affinity }),
    ...(spec.tolerations === undefined ? {} : { tolerations: spec.tolerations }),
    readinessGates: [{ conditionType: unpausedCondition }],
    enableServiceLinks: false,
  };
}

const launcherDirectories: readonly Json[] = [
  'private',
  'public',
  'sockets',
  'virt-bin-share-dir',
  'libvirt-runtime',
  'ephemeral-disks',
].map((name) => ({ name, emptyDir: {} }));

function podVolumesOf(vmi: KubeObject): readonly Json[] {
  const own = volumesOf(vmi).flatMap((volume): Json[] => {
    const name = textAt(volume, 'name') ?? '';
    const claimName = claimNameOf(volume);
    if (claimName !== undefined) return [{ name, persistentVolumeClaim: { claimName } }];
    const cloudInit =
      objectAt(volume, 'cloudInitNoCloud').secretRef ?? objectAt(volume, 'cloudInitConfigDrive').secretRef;
    const secretName = textAt(cloudInit, 'name') ?? textAt(volume, 'secret', 'secretName');
    const volumeName = cloudInit === undefined ? name : `${name}-udata`;
    if (secretName !== undefined) return [{ name: volumeName, secret: { secretName, defaultMode: 420 } }];
    const configMap = textAt(volume, 'configMap', 'name');
    return configMap === undefined ? [] : [{ name, configMap: { name: configMap, defaultMode: 420 } }];
  });
  return [...launcherDirectories, ...own, { name: 'hotplug-disks', emptyDir: {} }];
}

function computeContainerOf(port: ClusterPort, vmi: KubeObject): JsonObject {
  const { name, namespace, uid } = vmi.metadata;
  const volumeDevices: Json[] = [];
  const volumeMounts: Json[] = [];
  for (const volume of volumesOf(vmi)) {
    const claimName = claimNameOf(volume);
    if (claimName === undefined) continue;
    const claim = port.get(resources.persistentVolumeClaim, namespace ?? '', claimName);
    const volumeName = textAt(volume, 'name') ?? '';
    if (textAt(claim, 'spec', 'volumeMode') === 'Block') {
      volumeDevices.push({ name: volumeName, devicePath: `/dev/${volumeName}` });
    } else volumeMounts.push({ name: volumeName, mountPath: `/var/run/kubevirt-private/vmi-disks/${volumeName}` });
  }
  return {
    name: 'compute',
    image: launcherImage,
    command: ['/usr/bin/virt-launcher-monitor'],
    args: ['--name', name, '--uid', uid ?? '', '--namespace', namespace ?? ''],
    resources: { requests: { cpu: '100m', memory: '800Mi' } },
    volumeMounts: [{ name: 'private', mountPath: '/var/run/kubevirt-private' }, ...volumeMounts],
    ...(volumeDevices.length === 0 ? {} : { volumeDevices }),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'FallbackToLogsOnError',
    imagePullPolicy: 'IfNotPresent',
  };
}
