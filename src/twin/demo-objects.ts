import type { JsonObject } from '../model/json.ts';
import { textAt } from '../model/json.ts';
import { type ResourceType, resources } from '../model/kube.ts';
import type { SiteRole } from '../model/site.ts';
import { groupControllerName } from '../runtime/group-schedule.ts';
import { failoverControllerName } from '../runtime/operation-schedule.ts';
import type { ApiServer } from '../drivers/sim/api-server/api-server.ts';
import { replicatedClass } from '../drivers/sim/site-objects.ts';
import { controllerNamespace } from './controller-pods.ts';

/** What a VM is like, as far as a failover takes longer or shorter by it. */
export interface VirtualMachineShape {
  readonly gracePeriodSeconds: number;
  /** Number of disks on replicated volumes. */
  readonly disks: number;
  /** Set in place of `running: true`. */
  readonly runStrategy?: string;
  /** Name of the Secret with its user data. */
  readonly userDataSecret?: string;
  /** Of its disks; LINSTOR's replicated one unless given. */
  readonly storageClass?: string;
}

/** An ordinary VM. */
export const demoShape: VirtualMachineShape = { gracePeriodSeconds: 60, disks: 1 };

/** A VM as a person would write it, with its disks on the replicated StorageClass: its claims, then the VM. */
export function demoVirtualMachine(
  name: string,
  namespace: string,
  shape: VirtualMachineShape = demoShape,
): readonly JsonObject[] {
  const claims = Array.from({ length: shape.disks }, (_, index) => `${name}-disk${index === 0 ? '' : `-${index + 1}`}`);
  const { storageClass = replicatedClass } = shape;
  return [
    ...claims.map((claim) => diskClaim(claim, namespace, storageClass)),
    virtualMachine(name, namespace, claims, shape),
  ];
}

function diskClaim(name: string, namespace: string, storageClass: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      storageClassName: storageClass,
      resources: { requests: { storage: '10Gi' } },
    },
  };
}

function virtualMachine(
  name: string,
  namespace: string,
  claims: readonly string[],
  { gracePeriodSeconds, runStrategy, userDataSecret }: VirtualMachineShape,
): JsonObject {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      ...(runStrategy === undefined ? { running: true } : { runStrategy }),
      template: {
        metadata: { labels: { 'kubevirt.io/vm': name } },
        spec: {
          terminationGracePeriodSeconds: gracePeriodSeconds,
          domain: {
            cpu: { cores: 1 },
            memory: { guest: '1Gi' },
            devices: {
              disks: [...claims, ...(userDataSecret === undefined ? [] : ['user-data'])].map((disk) => ({
                name: disk,
                disk: { bus: 'virtio' },
              })),
              interfaces: [{ name: 'default', masquerade: {} }],
            },
          },
          networks: [{ name: 'default', pod: {} }],
          volumes: [
            ...claims.map((claim) => ({ name: claim, persistentVolumeClaim: { claimName: claim } })),
            ...(userDataSecret === undefined
              ? []
              : [{ name: 'user-data', cloudInitNoCloud: { secretRef: { name: userDataSecret } } }]),
          ],
        },
      },
    },
  };
}

/** The Deployments of the two controllers, as the infrastructure playbook makes them. */
export function controllerDeployments(role: SiteRole): readonly JsonObject[] {
  return [groupControllerName, failoverControllerName].map((name) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: controllerNamespace, labels: { app: name } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name, image: 'site-recovery:0.1.0', args: [name], env: [{ name: 'CLUSTER_ROLE', value: role }] },
          ],
        },
      },
    },
  }));
}

const typesByKind: ReadonlyMap<string, ResourceType> = new Map<string, ResourceType>(
  Object.values(resources).map((type) => [type.kind, type]),
);

/** Creates objects on a cluster; each must be accepted. */
export function applyObjects(api: ApiServer, objects: readonly JsonObject[]): void {
  for (const body of objects) {
    const kind = textAt(body, 'kind') ?? '';
    const resource = typesByKind.get(kind);
    if (resource === undefined) throw new Error(`Unknown kind ${kind}`);
    const namespace = textAt(body, 'metadata', 'namespace');
    const place = namespace === undefined ? {} : { namespace };
    const answer = api.request({ verb: 'create', resource, ...place, body });
    if (answer.status >= 300) throw new Error(`${kind} was refused: ${JSON.stringify(answer.body)}`);
  }
}
