import { minute, second, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import { canonicalQuantity, quantityValue } from '../../api-server/quantity.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import {
  createObject,
  deleteObject,
  hasFinalizer,
  isBeingDeleted,
  replaceObject,
  replaceStatus,
  withoutFinalizer,
} from '../cluster-writes.ts';
import type { CreatedVolume, CreateVolumeRequest, CsiError, Topology, VolumeProvisioner } from './csi-ports.ts';
import { bindCompleted, driverOf, selectedNode, volumeHandleOf } from './persistent-volume.ts';
import { capabilitiesOf } from './volume-capability.ts';
import { linstorDriver } from '../../../../model/volume.ts';

const provisionerFinalizer = 'external-provisioner.volume.kubernetes.io/finalizer';
const firstRetry: Millis = second;
const longestRetry: Millis = 5 * minute;

/** A call is given up after this long: `--timeout=1m`, as the Piraeus operator starts the side car. */
const callTimeout: Millis = minute;

/** A CSI driver, as the side car that makes its volumes knows it. */
export interface ProvisionerParts {
  readonly storage: VolumeProvisioner;
  /** Name of the driver; LINSTOR's unless given. */
  readonly csiDriver?: string;
  /** The label of nodes by which it places volumes. */
  readonly topologyKey?: string;
}

interface Served {
  readonly storage: VolumeProvisioner;
  readonly driver: string;
  /** Who its Events are from. */
  readonly component: string;
  readonly topologyKey: string;
}

/**
 * The external-provisioner side car of a CSI driver: a new volume for a claim that asks for one, and DeleteVolume for a
 * released volume of reclaim policy Delete. Source: `pkg/controller/controller.go` of kubernetes-csi/external-provisioner
 * and `controller/controller.go` of sig-storage-lib-external-provisioner.
 */
export function createExternalProvisioner({
  storage,
  csiDriver = linstorDriver,
  topologyKey,
}: ProvisionerParts): Behaviour {
  const served: Served = {
    storage,
    driver: csiDriver,
    // As the Piraeus operator names the Deployment of LINSTOR's; DRBD Operator's is named after the driver alone.
    component: csiDriver === linstorDriver ? `${linstorDriver}_linstor-csi-controller` : csiDriver,
    topologyKey: topologyKey ?? 'linbit.com/hostname',
  };
  const calls: Calls = { retries: new Map(), waits: new Map() };
  return {
    name: 'csi-provisioner',
    watches: [resources.persistentVolumeClaim, resources.persistentVolume],
    lag: 150,
    reconcile: (port, key) => new Provisioner(port, served, calls).reconcile(key),
  };
}

interface Calls {
  /** After failures: how many, and until when nothing is tried. */
  readonly retries: Map<string, { readonly count: number; readonly until: Millis }>;
  /** Calls of DeleteVolume that are under way: when the driver looks again, and when the caller gives up. */
  readonly waits: Map<string, { readonly volumeId: string; readonly until: Millis; readonly deadline: Millis }>;
}

class Provisioner {
  #port: ClusterPort;
  #served: Served;
  #calls: Calls;

  constructor(port: ClusterPort, served: Served, calls: Calls) {
    this.#port = port;
    this.#served = served;
    this.#calls = calls;
  }

  reconcile(key: ObjectKey): void {
    if (key.resource.kind === 'PersistentVolume') {
      const volume = this.#port.get(resources.persistentVolume, '', key.name);
      if (this.#calls.waits.has(retryKey(key))) this.#goOnDestroying(volume, key);
      else if (volume !== undefined && driverOf(volume) === this.#served.driver) this.#syncVolume(volume, key);
      return;
    }
    const claim = this.#port.get(resources.persistentVolumeClaim, key.namespace, key.name);
    if (claim !== undefined && this.#isToProvision(claim)) this.#provision(claim, key);
  }

  #isToProvision(claim: KubeObject): boolean {
    const annotations = claim.metadata.annotations ?? {};
    return (
      annotations['volume.kubernetes.io/storage-provisioner'] === this.#served.driver &&
      annotations[bindCompleted] === undefined &&
      textAt(claim, 'spec', 'volumeName') === undefined &&
      !isBeingDeleted(claim) &&
      this.#port.get(resources.persistentVolume, '', volumeNameFor(claim)) === undefined
    );
  }

  #provision(claim: KubeObject, key: ObjectKey): void {
    if (this.#isBackingOff(key)) return;
    const className = textAt(claim, 'spec', 'storageClassName') ?? '';
    const storageClass = this.#port.get(resources.storageClass, '', className);
    if (storageClass === undefined) return;
    const message = `External provisioner is provisioning volume for claim "${key.namespace}/${key.name}"`;
    recordEvent(this.#port, claim, {
      type: 'Normal',
      reason: 'Provisioning',
      message,
      component: this.#served.component,
    });
    const name = volumeNameFor(claim);
    const result = this.#served.storage.createVolume(this.#requestFor(claim, storageClass, name));
    if (result.kind === 'error') return this.#fail(claim, key, 'ProvisioningFailed', result, 'provision volume');
    this.#calls.retries.delete(retryKey(key));
    createObject(
      this.#port,
      resources.persistentVolume,
      volumeFor(claim, storageClass, name, result.value.volume, this.#served.driver),
    );
    const done = `Successfully provisioned volume ${name}`;
    recordEvent(this.#port, claim, {
      type: 'Normal',
      reason: 'ProvisioningSucceeded',
      message: done,
      component: this.#served.component,
    });
  }

  #requestFor(claim: KubeObject, storageClass: KubeObject, name: string): CreateVolumeRequest {
    const parameters = objectAt(storageClass, 'parameters') as Record<string, string>;
    const own = Object.entries(parameters).filter(([key]) => !key.startsWith(sideCarPrefix));
    const bytes = quantityValue(textAt(claim, 'spec', 'resources', 'requests', 'storage'));
    const mode = textAt(claim, 'spec', 'volumeMode');
    const node = claim.metadata.annotations?.[selectedNode];
    return {
      name,
      capacityRange: { requiredBytes: String(Number.isNaN(bytes) ? 0 : Math.ceil(bytes)) },
      volumeCapabilities: capabilitiesOf(listAt(claim, 'spec', 'accessModes'), mode, fsTypeOf(parameters)),
      parameters: {
        ...Object.fromEntries(own),
        [`${sideCarPrefix}pvc/name`]: claim.metadata.name,
        [`${sideCarPrefix}pvc/namespace`]: claim.metadata.namespace ?? '',
        [`${sideCarPrefix}pv/name`]: name,
      },
      ...(node === undefined ? {} : { accessibilityRequirements: this.#requirementsFor(node) }),
    };
  }

  /**
   * The nodes of this cluster, the chosen one first. A volume that waits for no consumer is required nowhere: the side car
   * runs with `--immediate-topology=false`, without which no cluster could place a copy on the other's nodes.
   */
  #requirementsFor(node: string): NonNullable<CreateVolumeRequest['accessibilityRequirements']> {
    const names = this.#port.list(resources.node).map(({ metadata }) => metadata.name);
    const ordered = [node, ...names.filter((name) => name !== node).sort()];
    const preferred = ordered.map((name) => ({ segments: { [this.#served.topologyKey]: name } }));
    return { requisite: preferred, preferred };
  }

  #syncVolume(volume: KubeObject, key: ObjectKey): void {
    const isOurs = volume.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === this.#served.driver;
    const isDoomed = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === 'Delete';
    const phase = textAt(volume, 'status', 'phase');
    if (isOurs && isDoomed && (phase === 'Released' || phase === 'Failed')) return this.#destroy(volume, key);
    // The finalizer makes the policy hold whichever object is deleted first; with Retain there is nothing to wait for.
    if (isBeingDeleted(volume) && !isDoomed && hasFinalizer(volume, provisionerFinalizer)) {
      replaceObject(this.#port, resources.persistentVolume, withoutFinalizer(volume, provisionerFinalizer));
    }
  }

  #destroy(volume: KubeObject, key: ObjectKey): void {
    if (this.#isBackingOff(key)) return;
    const volumeId = volumeHandleOf(volume) ?? '';
    this.#callDelete(volume, key, { volumeId, until: 0, deadline: this.#port.now + callTimeout }, false);
  }

  /** The call goes on whatever has become of the volume object meanwhile. */
  #goOnDestroying(volume: KubeObject | undefined, key: ObjectKey): void {
    const wait = this.#calls.waits.get(retryKey(key));
    if (wait === undefined) return;
    if (this.#port.now < wait.until) return this.#port.wakeAt(wait.until, key);
    if (wait.until < wait.deadline) return this.#callDelete(volume, key, wait, true);
    this.#calls.waits.delete(retryKey(key));
    const message = 'context deadline exceeded';
    if (volume !== undefined) this.#failDelete(volume, key, { kind: 'error', code: 'DeadlineExceeded', message });
  }

  #callDelete(
    volume: KubeObject | undefined,
    key: ObjectKey,
    call: { readonly volumeId: string; readonly until: Millis; readonly deadline: Millis },
    goesOn: boolean,
  ): void {
    const result = this.#served.storage.deleteVolume({ volumeId: call.volumeId }, goesOn);
    if (result.kind === 'waiting') {
      const until = Math.min(this.#port.now + result.lookAgainAfter, call.deadline);
      this.#calls.waits.set(retryKey(key), { ...call, until });
      return this.#port.wakeAt(until, key);
    }
    this.#calls.waits.delete(retryKey(key));
    if (volume === undefined) return;
    if (result.kind === 'error') return this.#failDelete(volume, key, result);
    this.#calls.retries.delete(retryKey(key));
    if (!isBeingDeleted(volume)) deleteObject(this.#port, resources.persistentVolume, volume);
    const left = this.#port.get(resources.persistentVolume, '', volume.metadata.name);
    if (left === undefined || !hasFinalizer(left, provisionerFinalizer)) return;
    replaceObject(this.#port, resources.persistentVolume, withoutFinalizer(left, provisionerFinalizer));
  }

  #failDelete(volume: KubeObject, key: ObjectKey, error: CsiError): void {
    this.#fail(volume, key, 'VolumeFailedDelete', error, 'delete volume');
    replaceStatus(this.#port, resources.persistentVolume, volume, {
      ...objectAt(volume, 'status'),
      phase: 'Failed',
      message: textOf(error),
    });
  }

  #fail(object: KubeObject, key: ObjectKey, reason: string, result: CsiError, what: string): void {
    const count = this.#calls.retries.get(retryKey(key))?.count ?? 0;
    const delay = Math.min(firstRetry * 2 ** count, longestRetry);
    this.#calls.retries.set(retryKey(key), { count: count + 1, until: this.#port.now + delay });
    this.#port.wakeAt(this.#port.now + delay, key);
    const about =
      reason === 'ProvisioningFailed'
        ? `failed to ${what} with StorageClass "${textAt(object, 'spec', 'storageClassName')}": `
        : '';
    recordEvent(this.#port, object, {
      type: 'Warning',
      reason,
      message: `${about}${textOf(result)}`,
      component: this.#served.component,
    });
  }

  // Its own writes and Events wake it; the next attempt waits for its time.
  #isBackingOff(key: ObjectKey): boolean {
    const until = this.#calls.retries.get(retryKey(key))?.until ?? 0;
    if (this.#port.now >= until) return false;
    this.#port.wakeAt(until, key);
    return true;
  }
}

function volumeNameFor(claim: KubeObject): string {
  return `pvc-${claim.metadata.uid}`;
}

function retryKey(key: ObjectKey): string {
  return `${key.resource.kind}/${key.namespace}/${key.name}`;
}

function textOf(result: { readonly code: string; readonly message: string }): string {
  return `rpc error: code = ${result.code} desc = ${result.message}`;
}

const sideCarPrefix = 'csi.storage.k8s.io/';

/** `--default-fstype=ext4`, as the Piraeus operator starts the side car. */
function fsTypeOf(parameters: JsonObject): string {
  return textAt(parameters, `${sideCarPrefix}fstype`) ?? 'ext4';
}

function volumeFor(
  claim: KubeObject,
  storageClass: KubeObject,
  name: string,
  created: CreatedVolume,
  driver: string,
): JsonObject {
  const mode = textAt(claim, 'spec', 'volumeMode') ?? 'Filesystem';
  const { name: claimName, namespace = '', uid, resourceVersion } = claim.metadata;
  const { volumeId, capacityBytes, volumeContext, accessibleTopology } = created;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        'pv.kubernetes.io/provisioned-by': driver,
        'volume.kubernetes.io/provisioner-deletion-secret-name': '',
        'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
      },
      finalizers: [provisionerFinalizer, 'kubernetes.io/pv-protection'],
    },
    spec: {
      accessModes: listAt(claim, 'spec', 'accessModes'),
      capacity: { storage: canonicalQuantity(`${Number(capacityBytes) / 1024}Ki`) },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claimName, namespace, resourceVersion, uid },
      csi: {
        driver,
        ...(mode === 'Filesystem' ? { fsType: fsTypeOf(objectAt(storageClass, 'parameters')) } : {}),
        volumeAttributes: {
          ...volumeContext,
          'storage.kubernetes.io/csiProvisionerIdentity': `1767225600000-1000-${driver}`,
        },
        volumeHandle: volumeId,
      },
      ...(accessibleTopology === undefined ? {} : { nodeAffinity: affinityTo(accessibleTopology) }),
      persistentVolumeReclaimPolicy: textAt(storageClass, 'reclaimPolicy') ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: mode,
    },
  };
}

/** One term for each place that the driver names, the other site's included: the same volume serves both clusters. */
function affinityTo(topology: readonly Topology[]): JsonObject {
  const nodeSelectorTerms = topology.map(({ segments }) => ({
    matchExpressions: Object.keys(segments)
      .sort()
      .map((key) => ({ key, operator: 'In', values: [segments[key] as string] })),
  }));
  return { required: { nodeSelectorTerms } };
}
