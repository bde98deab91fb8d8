import { conditionOf } from './condition-of.ts';
import { at, type Json, listAt, numberAt, textAt } from './json.ts';
import type { KubeObject } from './kube.ts';

/** What may say why a VM does not start, beside the VM itself. A list that was not read is left out. */
export interface StartEvidence {
  /** The claims that it names, as far as they exist. */
  readonly claims?: readonly KubeObject[];
  /** Kubernetes Events of the namespace. */
  readonly events?: readonly KubeObject[];
}

/** What is seen of a VM that is to start. */
export interface StartScene extends StartEvidence {
  readonly vm?: KubeObject | undefined;
  readonly vmi?: KubeObject | undefined;
  /** Its launcher pods. */
  readonly pods: readonly KubeObject[];
}

export interface StartBlocker {
  /** KubeVirt's or Kubernetes' own word where there is one; `Starting` while nothing is wrong. */
  readonly reason: string;
  readonly message: string;
}

/**
 * Why a VM is not running yet, the nearest cause first: a claim that lost its volume, then what KubeVirt says of the VM and its
 * instance, then the pod, then Events (a failed attach shows nowhere else), then the status column as a last resort.
 * Texts are handed on as they are; decisions go by the reason.
 */
export function startBlockerOf(scene: StartScene): StartBlocker {
  return (
    claimBlocker(scene.claims ?? []) ??
    instanceBlocker(scene) ??
    podBlocker(scene.pods) ??
    eventBlocker(scene) ??
    statusBlocker(scene.vm) ?? { reason: 'Starting', message: 'The VM is starting.' }
  );
}

function claimBlocker(claims: readonly KubeObject[]): StartBlocker | undefined {
  const lost = claims.find((claim) => textAt(claim, 'status', 'phase') === 'Lost');
  if (lost === undefined) return undefined;
  const volume = textAt(lost, 'spec', 'volumeName') ?? '';
  const message = `PersistentVolumeClaim ${lost.metadata.name} has lost its volume "${volume}".`;
  return { reason: 'ClaimLost', message };
}

/** What KubeVirt says of a VM or its instance that keeps it from starting. */
export function instanceBlocker(scene: Pick<StartScene, 'vm' | 'vmi'>): StartBlocker | undefined {
  const failure = conditionOf(scene.vm, 'Failure');
  if (failure?.status === 'True') return failure;
  const synchronized = conditionOf(scene.vmi, 'Synchronized') ?? conditionOf(scene.vm, 'Synchronized');
  if (synchronized?.status === 'False') return synchronized;
  const scheduled = conditionOf(scene.vmi, 'PodScheduled') ?? conditionOf(scene.vm, 'PodScheduled');
  return scheduled?.status === 'False' ? scheduled : undefined;
}

/** What keeps one of some launcher pods from running. */
export function podBlocker(pods: readonly KubeObject[]): StartBlocker | undefined {
  for (const pod of pods) {
    const scheduled = conditionOf(pod, 'PodScheduled');
    if (scheduled?.status === 'False') return scheduled;
    const blocker =
      containerBlocker(listAt(pod, 'status', 'initContainerStatuses')) ??
      containerBlocker(listAt(pod, 'status', 'containerStatuses'));
    if (blocker !== undefined) return blocker;
  }
  return undefined;
}

function containerBlocker(statuses: readonly Json[]): StartBlocker | undefined {
  for (const container of statuses) {
    const waiting = at(container, 'state', 'waiting');
    const reason = textAt(waiting, 'reason');
    if (reason !== undefined && !ordinaryWaits.has(reason))
      return { reason, message: textAt(waiting, 'message') ?? reason };
  }
  return undefined;
}

const ordinaryWaits: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

function eventBlocker(scene: StartScene): StartBlocker | undefined {
  const { events = [] } = scene;
  if (events.length === 0) return undefined;
  const names = new Set([scene.vm, scene.vmi, ...scene.pods].map((object) => object?.metadata.name));
  const uids = new Set([scene.vm, scene.vmi, ...scene.pods].map((object) => object?.metadata.uid));
  const warnings = events.filter(
    (event) =>
      textAt(event, 'type') === 'Warning' &&
      names.has(textAt(event, 'involvedObject', 'name')) &&
      uids.has(textAt(event, 'involvedObject', 'uid')),
  );
  const latest = warnings.reduce<KubeObject | undefined>(
    (newest, event) => (newest === undefined || timeOf(event) >= timeOf(newest) ? event : newest),
    undefined,
  );
  if (latest === undefined) return undefined;
  const count = numberAt(latest, 'count') ?? 1;
  const message = textAt(latest, 'message') ?? '';
  return {
    reason: textAt(latest, 'reason') ?? 'Warning',
    message: count > 1 ? `${message} (${count} times)` : message,
  };
}

/** RFC 3339 texts of one API server order as texts. */
function timeOf(event: KubeObject): string {
  return (
    textAt(event, 'series', 'lastObservedTime') ??
    textAt(event, 'lastTimestamp') ??
    textAt(event, 'eventTime') ??
    event.metadata.creationTimestamp ??
    ''
  );
}

function statusBlocker(vm: KubeObject | undefined): StartBlocker | undefined {
  const status = textAt(vm, 'status', 'printableStatus') ?? '';
  const message = explainedStatuses.get(status);
  return message === undefined ? undefined : { reason: status, message };
}

const explainedStatuses: ReadonlyMap<string, string> = new Map([
  ['ErrorUnschedulable', 'No node takes the launcher pod.'],
  ['ErrorPvcNotFound', 'A PersistentVolumeClaim of the VM does not exist.'],
  ['DataVolumeError', 'A DataVolume of the VM has failed.'],
  ['Provisioning', 'A DataVolume of the VM is still being filled.'],
  ['WaitingForVolumeBinding', 'A PersistentVolumeClaim of the VM is not bound.'],
  ['ErrImagePull', 'An image of the VM cannot be pulled.'],
  ['ImagePullBackOff', 'An image of the VM cannot be pulled.'],
  ['CrashLoopBackOff', 'The instance failed before it ran; KubeVirt waits before it tries again.'],
  ['WaitingForReceiver', 'The VM waits for a live migration from another cluster.'],
]);
