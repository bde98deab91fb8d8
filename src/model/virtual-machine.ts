import { conditionOf } from './condition-of.ts';
import { flagAt, listAt, textAt } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { Known } from './known.ts';
import type { KubeObject } from './kube.ts';
import { launcherPodsOf, podIsFinal } from './launcher-pod.ts';
import type { PowerState } from './protection-group.ts';
import { type StartEvidence, startBlockerOf } from './start-blocker.ts';

/** What KubeVirt keeps doing about a VM's power; other texts are of releases that we do not know, and are carried as they are. */
export type RunStrategy = 'Always' | 'Halted' | 'Manual' | 'RerunOnFailure' | 'Once' | 'WaitAsReceiver' | (string & {});

/** The field that holds a VM's power. KubeVirt's webhook refuses `both` and `none`; the bare CRD accepts them. */
export type PowerField =
  | { readonly kind: 'running'; readonly value: boolean }
  | { readonly kind: 'runStrategy'; readonly value: RunStrategy }
  | { readonly kind: 'both' }
  | { readonly kind: 'none' };

/** Annotation that keeps the strategy of a VM while it is halted by us. Present only while there is something to restore. */
export const originalRunStrategyAnnotation = 'siterecovery.trilio.io/original-run-strategy';

/** The next step of starting a VM: `patch`, a merge patch, or a PUT of the subresource `start`. `note` is for the person. */
export interface StartPlan {
  readonly patch?: JsonObject;
  readonly subresourceStart?: boolean;
  readonly note?: string;
}

/** A VM's power as observed, with why. `reason` is one word for machines, `message` a sentence for people. */
export interface PowerReading {
  readonly state: PowerState;
  readonly reason: string;
  readonly message: string;
}

/** The power field in use, from `spec.running` and `spec.runStrategy`. */
export function powerFieldOf(vm: KubeObject): PowerField {
  const running = flagAt(vm, 'spec', 'running');
  const strategy = textAt(vm, 'spec', 'runStrategy');
  if (running !== undefined && strategy !== undefined) return { kind: 'both' };
  if (running !== undefined) return { kind: 'running', value: running };
  if (strategy !== undefined && strategy !== '') return { kind: 'runStrategy', value: strategy };
  return { kind: 'none' };
}

/**
 * Whether the definition alone asks for a running VM. Undefined where it does not say: Manual leaves it to start and stop
 * requests, and both fields or none is no valid definition.
 */
export function wantsToRun(vm: KubeObject): boolean | undefined {
  const field = powerFieldOf(vm);
  if (field.kind === 'running') return field.value;
  if (field.kind !== 'runStrategy' || field.value === 'Manual') return undefined;
  return field.value !== 'Halted';
}

/** True when a start (or stop) request waits in `status.stateChangeRequests`; KubeVirt answers 500 to a second one. */
export function hasPendingRequest(vm: KubeObject, action: 'Start' | 'Stop'): boolean {
  return listAt(vm, 'status', 'stateChangeRequests').some((request) => textAt(request, 'action') === action);
}

/**
 * The merge patch that halts a VM for good, whatever its strategy: in the field in use, with the strategy saved for the next start.
 * Bound to the resourceVersion seen, so that a change by somebody else in between is refused. Undefined when it is halted already.
 */
export function stopPatch(vm: KubeObject): JsonObject | undefined {
  const field = powerFieldOf(vm);
  if (field.kind === 'running') return field.value ? powerPatch(vm, { running: false }, markTakenOff(vm)) : undefined;
  if (field.kind === 'none') return powerPatch(vm, { runStrategy: 'Halted' });
  if (field.kind === 'both') {
    return powerPatch(vm, { running: null, runStrategy: 'Halted' }, strategyToSave(textAt(vm, 'spec', 'runStrategy')));
  }
  return field.value === 'Halted'
    ? undefined
    : powerPatch(vm, { runStrategy: 'Halted' }, { [originalRunStrategyAnnotation]: field.value });
}

/**
 * What it takes to start a VM that is not running: the saved strategy restored (Always where none was saved, as KubeVirt's own
 * `start` does), then a start request where the strategy does not start by itself. One step at a time, whatever order requests
 * arrive in: a start request that met a VM still halted would make it Always. Asked again it names what is left; an empty plan
 * means that KubeVirt starts it, or was asked to.
 */
export function startPlan(vm: KubeObject): StartPlan {
  const field = powerFieldOf(vm);
  // A copy that was made with `running` has a saved strategy where the source was given one since.
  if (field.kind === 'running' && (field.value || originalRunStrategyOf(vm) === undefined))
    return field.value ? {} : { patch: powerPatch(vm, { running: true }) };
  const strategy = strategyToStart(vm, field);
  const note = noteOnStart(strategy);
  return { ...nextStartStep(vm, field, strategy), ...(note === undefined ? {} : { note }) };
}

/** The strategy that a halted VM had before; undefined when none was saved. */
export function originalRunStrategyOf(vm: KubeObject): RunStrategy | undefined {
  return vm.metadata.annotations?.[originalRunStrategyAnnotation];
}

function strategyToStart(vm: KubeObject, field: PowerField): RunStrategy {
  if (field.kind === 'runStrategy' && field.value !== 'Halted') return field.value;
  const saved = originalRunStrategyOf(vm);
  if (saved !== undefined && saved !== 'Halted') return saved;
  const written = textAt(vm, 'spec', 'runStrategy') ?? '';
  return written === '' || written === 'Halted' ? 'Always' : written;
}

function nextStartStep(vm: KubeObject, field: PowerField, strategy: RunStrategy): StartPlan {
  const isRestored = field.kind === 'runStrategy' && field.value === strategy;
  if (!isRestored) return { patch: restorePatch(vm, field, strategy) };
  return startsByRequest(vm, strategy) && !hasPendingRequest(vm, 'Start') ? { subresourceStart: true } : {};
}

/**
 * Manual never starts by itself. RerunOnFailure starts when switched to, which KubeVirt knows by `status.runStrategy` being another
 * one; where it is the same already, only a request starts it (pkg/virt-controller/watch/vm/vm.go, syncRunStrategy).
 */
function startsByRequest(vm: KubeObject, strategy: RunStrategy): boolean {
  if (strategy === 'Manual') return true;
  return strategy === 'RerunOnFailure' && textAt(vm, 'status', 'runStrategy') === 'RerunOnFailure';
}

function restorePatch(vm: KubeObject, field: PowerField, strategy: RunStrategy): JsonObject {
  const hasRunning = field.kind === 'both' || field.kind === 'running';
  // The mark goes with the restore: left behind, it would undo a strategy that somebody chooses later.
  return powerPatch(vm, { ...(hasRunning ? { running: null } : {}), runStrategy: strategy }, markTakenOff(vm));
}

function markTakenOff(vm: KubeObject): Readonly<Record<string, Json>> {
  return originalRunStrategyOf(vm) === undefined ? {} : { [originalRunStrategyAnnotation]: null };
}

function noteOnStart(strategy: RunStrategy): string | undefined {
  if (strategy === 'Once') {
    return 'Run strategy Once: it starts now, and again whenever its instance is missing; it is not restarted after the guest shuts down.';
  }
  if (strategy === 'WaitAsReceiver') {
    return 'Run strategy WaitAsReceiver: it does not boot, it waits for a live migration from another cluster.';
  }
  return undefined;
}

function strategyToSave(strategy: string | undefined): Readonly<Record<string, Json>> {
  return strategy === undefined || strategy === '' || strategy === 'Halted'
    ? {}
    : { [originalRunStrategyAnnotation]: strategy };
}

function powerPatch(vm: KubeObject, spec: JsonObject, annotations: Readonly<Record<string, Json>> = {}): JsonObject {
  const { resourceVersion } = vm.metadata;
  const metadata: JsonObject = {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return { metadata, spec };
}

/**
 * The power state of a VM on one cluster.
 *
 * **stopped**: the VMI is absent or in a final phase, every launcher pod is absent or finished, no VolumeAttachment of the VM's
 * volumes is left, and nothing is about to start it again. `printableStatus` is never asked: it says Stopped while pods and
 * attachments are still there, in every restart, and while a foreign VMI of that name runs.
 * @param pods may hold other pods too
 * @param attachments the VolumeAttachments of this VM's volumes on that cluster (`attachmentsOf` of volume.ts)
 * @param evidence what else may say why a VM does not start
 */
export function powerStateOf(
  vm: Known<KubeObject | undefined>,
  vmi: Known<KubeObject | undefined>,
  pods: Known<readonly KubeObject[]>,
  attachments: Known<readonly KubeObject[]>,
  evidence: StartEvidence = {},
): PowerReading {
  if (!vmi.known) return unknownPower(vmi.why);
  const instance = vmi.value;
  const machine = vm.known ? vm.value : undefined;
  if (instance !== undefined && !isFinal(instance)) {
    return powerOfLiveInstance(machine, instance, pods, evidence);
  }
  if (!pods.known) return unknownPower(pods.why);
  if (!attachments.known) return unknownPower(attachments.why);
  if (!vm.known) return unknownPower(vm.why);
  const left = remainsOf(machine, instance, pods.value, attachments.value);
  if (left !== undefined) return left;
  if (machine === undefined) return { state: 'stopped', reason: 'NotFound', message: 'The VM does not exist here.' };
  if (!startIsExpected(machine, instance)) {
    return {
      state: 'stopped',
      reason: 'Stopped',
      message: 'No instance, no launcher pod and no attached volume is left.',
    };
  }
  return { state: 'starting', ...startBlockerOf({ ...evidence, vm: machine, vmi: instance, pods: [] }) };
}

/** True when the guest of a VMI has ended: phase Succeeded or Failed. Such a VMI may stay for ever (Manual, Once). */
export function isFinal(vmi: KubeObject): boolean {
  const phase = textAt(vmi, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

function powerOfLiveInstance(
  vm: KubeObject | undefined,
  vmi: KubeObject,
  pods: Known<readonly KubeObject[]>,
  evidence: StartEvidence,
): PowerReading {
  const phase = textAt(vmi, 'status', 'phase') ?? '';
  if (vmi.metadata.deletionTimestamp !== undefined) {
    return { state: 'stopping', reason: 'Stopping', message: 'The guest has been asked to shut down.' };
  }
  if (phase === 'Unknown') return unknownPower('The node of the VM instance does not answer.', 'NodeNotAnswering');
  if (phase === 'Running') return powerOfRunningInstance(vm, vmi);
  const launchers = pods.known ? launcherPodsOf(keyOf(vmi), vmi.metadata.uid, pods.value) : [];
  return { state: 'starting', ...startBlockerOf({ ...evidence, vm, vmi, pods: launchers }) };
}

function powerOfRunningInstance(vm: KubeObject | undefined, vmi: KubeObject): PowerReading {
  if (vm !== undefined && !isOwnedBy(vmi, vm)) {
    const message = 'A VM instance of this name runs that does not belong to the VM.';
    return { state: 'running', reason: 'ForeignInstance', message };
  }
  const paused = conditionOf(vmi, 'Paused');
  if (paused?.status === 'True') {
    return paused.reason === 'PausedByUser'
      ? { state: 'running', reason: 'Paused', message: 'The guest is paused on request.' }
      : unknownPower(`The guest is paused: ${paused.message}.`, paused.reason);
  }
  const ready = conditionOf(vmi, 'Ready');
  if (ready === undefined || ready.status === 'True') {
    return { state: 'running', reason: 'Running', message: 'The guest runs.' };
  }
  switch (ready.reason) {
    case 'GuestNotRunning':
      return { state: 'starting', reason: ready.reason, message: ready.message };
    case 'PodTerminating':
      return { state: 'stopping', reason: ready.reason, message: ready.message };
    // A pod that is not ready for no stated reason is on a node that stopped reporting: the phase stays Running for ever.
    case '':
    case 'PodNotExists':
      return unknownPower('The node of the guest does not answer, or its pod is gone.', 'NodeNotAnswering');
    default:
      return { state: 'running', reason: ready.reason, message: ready.message };
  }
}

/** What is left of a guest that has ended or never was. */
function remainsOf(
  vm: KubeObject | undefined,
  vmi: KubeObject | undefined,
  pods: readonly KubeObject[],
  attachments: readonly KubeObject[],
): PowerReading | undefined {
  const owner = vm ?? vmi;
  const live =
    owner === undefined ? [] : launcherPodsOf(keyOf(owner), vmi?.metadata.uid, pods).filter((pod) => !podIsFinal(pod));
  if (live.length > 0) {
    const names = live.map((pod) => pod.metadata.name).join(', ');
    return { state: 'stopping', reason: 'LauncherPodLeft', message: `Launcher pod ${names} has not ended yet.` };
  }
  if (attachments.length > 0) {
    const names = attachments.map((attachment) => volumeAndNodeOf(attachment)).join(', ');
    return { state: 'stopping', reason: 'VolumeAttached', message: `Still attached: ${names}.` };
  }
  return undefined;
}

/** Whether KubeVirt is going to create an instance without anybody asking again. */
function startIsExpected(vm: KubeObject, vmi: KubeObject | undefined): boolean {
  if (vm.metadata.deletionTimestamp !== undefined) return false;
  if (hasPendingRequest(vm, 'Start')) return true;
  const field = powerFieldOf(vm);
  const strategy = field.kind === 'runStrategy' ? field.value : undefined;
  if (strategy === 'Once') return vmi === undefined;
  if (strategy === 'RerunOnFailure') {
    return vmi === undefined
      ? textAt(vm, 'status', 'runStrategy') !== 'RerunOnFailure'
      : textAt(vmi, 'status', 'phase') === 'Failed';
  }
  return wantsToRun(vm) === true;
}

function isOwnedBy(vmi: KubeObject, vm: KubeObject): boolean {
  const owners = vmi.metadata.ownerReferences ?? [];
  return owners.some((owner) => owner.kind === 'VirtualMachine' && owner.uid === vm.metadata.uid);
}

/** Where an object is, as launcher pods are looked for. */
export function keyOf(object: KubeObject): { readonly namespace: string; readonly name: string } {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

function volumeAndNodeOf(attachment: KubeObject): string {
  const volume = textAt(attachment, 'spec', 'source', 'persistentVolumeName') ?? attachment.metadata.name;
  return `${volume} on ${textAt(attachment, 'spec', 'nodeName') ?? 'an unnamed node'}`;
}

function unknownPower(message: string, reason = 'NotReadable'): PowerReading {
  return { state: 'unknown', reason, message };
}
