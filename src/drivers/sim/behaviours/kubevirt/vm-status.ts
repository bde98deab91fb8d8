import { timestamp } from '../../../../model/instant.ts';
import { listAt, numberAt, objectAt, textAt, type Json, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { conditionHolds, conditionOf, withCondition, withCopiedCondition, withoutCondition } from '../conditions.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { printableStatusOf } from './vm-printable-status.ts';
import { startFailureOf } from './vm-start-failure.ts';
import { pendingRequests, stateChangeRequestsOf } from './state-change-requests.ts';
import {
  claimNameOf,
  generationAnnotation,
  isFinal,
  observedVersionAnnotations,
  phaseOf,
  runStrategyOf,
  templateVolumesOf,
} from './virtual-machine.ts';
import { restartReasonOf } from './restart-required.ts';
import type { PowerStep } from './vm-power.ts';

/** The first status of any VM, whatever its strategy; also that of a VM whose name a foreign VMI has taken. */
export function firstStatusOf(port: ClusterPort, vm: KubeObject): JsonObject {
  return { printableStatus: 'Stopped', ...snapshotStatuses(port, vm) };
}

/** The status of a VM as `updateStatus` in `pkg/virt-controller/watch/vm/vm.go` computes it. */
export function vmStatusOf(
  port: ClusterPort,
  vm: KubeObject,
  vmi: KubeObject | undefined,
  step: PowerStep,
): JsonObject {
  const strategy = runStrategyOf(vm);
  const recorded = textAt(vm, 'status', 'runStrategy');
  const startFailure = startFailureOf(port, vm, vmi);
  const generations = generationsOf(vm, vmi);
  const requests = pendingRequests(stateChangeRequestsOf(vm), vmi);
  const wanted = step.asksForStart === true ? [...requests, { action: 'Start' }] : requests;
  const isReady = vmi !== undefined && phaseOf(vmi) === 'Running' && conditionHolds(vmi, 'Ready');
  const status: Record<string, Json | undefined> = { conditions: conditionsOf(port, vm, vmi, step) };
  if (vmi !== undefined) status['created'] = true;
  Object.assign(status, generations, revisionReferencesOf(vm));
  status['printableStatus'] = printableStatusOf(port, vm, vmi, step.startIsUnderWay, startFailure);
  if (isReady) status['ready'] = true;
  // Recorded only once a VMI was made; from then on it follows the spec.
  if ((vmi !== undefined || recorded !== undefined) && strategy !== undefined) status['runStrategy'] = strategy;
  if (startFailure !== undefined) status['startFailure'] = startFailure;
  if (wanted.length > 0) status['stateChangeRequests'] = wanted;
  return Object.assign(status, snapshotStatuses(port, vm));
}

/** True before virt-controller has annotated the VM with the API versions it saw. */
export function isMissingObservedVersions(object: KubeObject): boolean {
  return (
    object.metadata.annotations?.['kubevirt.io/latest-observed-api-version'] !==
    observedVersionAnnotations['kubevirt.io/latest-observed-api-version']
  );
}

function revisionReferencesOf(vm: KubeObject): JsonObject {
  const { instancetypeRef, preferenceRef } = objectAt(vm, 'status');
  return {
    ...(instancetypeRef === undefined ? {} : { instancetypeRef }),
    ...(preferenceRef === undefined ? {} : { preferenceRef }),
  };
}

function generationsOf(vm: KubeObject, vmi: KubeObject | undefined): JsonObject {
  const observed = Number(vmi?.metadata.annotations?.[generationAnnotation]);
  const earlier = {
    ...(numberAt(vm, 'status', 'desiredGeneration') === undefined
      ? {}
      : { desiredGeneration: numberAt(vm, 'status', 'desiredGeneration') }),
    ...(numberAt(vm, 'status', 'observedGeneration') === undefined
      ? {}
      : { observedGeneration: numberAt(vm, 'status', 'observedGeneration') }),
  };
  if (vmi === undefined || isFinal(vmi) || Number.isNaN(observed)) return earlier;
  const desired = vm.metadata.generation ?? observed;
  return { desiredGeneration: desired, observedGeneration: isBeingDeleted(vmi) ? observed : desired };
}

function conditionsOf(
  port: ClusterPort,
  vm: KubeObject,
  vmi: KubeObject | undefined,
  step: PowerStep,
): readonly Json[] {
  const times = { lastProbeTime: timestamp(port.wallNow), lastTransitionTime: timestamp(port.wallNow) };
  let conditions = listAt(vm, 'status', 'conditions');
  const ready = conditionOf(vmi, 'Ready');
  if (ready !== undefined) conditions = withCopiedCondition(conditions, ready);
  else conditions = withCondition(conditions, vmi === undefined ? absentInstance : silentInstance, times);
  conditions =
    step.failure === undefined
      ? withoutCondition(conditions, 'Failure')
      : withCondition(conditions, { type: 'Failure', status: 'True', ...step.failure }, times);
  if (vmi === undefined) return withoutCondition(conditions, 'RestartRequired');
  const message = restartReasonOf(vm, vmi);
  conditions =
    message === undefined
      ? withoutCondition(conditions, 'RestartRequired')
      : withCondition(conditions, { type: 'RestartRequired', status: 'True', message }, times);
  return likeTheInstance(conditions, vmi);
}

const absentInstance = {
  type: 'Ready',
  status: 'False',
  reason: 'VMINotExists',
  message: 'VMI does not exist',
} as const;
const silentInstance = {
  type: 'Ready',
  status: 'False',
  reason: 'VMIConditionMissing',
  message: 'VMI is missing the Ready condition',
} as const;

const ownConditions: readonly string[] = ['Ready', 'Failure', 'RestartRequired'];

// Conditions of the VMI are mirrored; those it no longer has go. Without a VMI the last ones stay.
function likeTheInstance(conditions: readonly Json[], vmi: KubeObject): readonly Json[] {
  let next = conditions;
  for (const condition of listAt(vmi, 'status', 'conditions')) {
    if (textAt(condition, 'type') !== 'Ready') next = withCopiedCondition(next, condition as JsonObject);
  }
  for (const condition of next) {
    const type = textAt(condition, 'type') ?? '';
    if (!ownConditions.includes(type) && conditionOf(vmi, type) === undefined) next = withoutCondition(next, type);
  }
  return next;
}

function snapshotStatuses(port: ClusterPort, vm: KubeObject): JsonObject {
  const volumes = templateVolumesOf(vm);
  if (volumes.length === 0) return noVolumes;
  const claims = volumes.map((volume) => {
    const claimName = claimNameOf(volume);
    if (claimName === undefined) return 'none';
    return port.get(resources.persistentVolumeClaim, vm.metadata.namespace ?? '', claimName);
  });
  const last = lastStatuses.get(volumes);
  if (last !== undefined && last.claims.every((claim, index) => claim === claims[index])) return last.said;
  const statuses = volumes.map((volume, index) => {
    const name = textAt(volume, 'name') ?? '';
    return { enabled: false, name, reason: noSnapshotReason(claims[index], name) };
  });
  const said = { volumeSnapshotStatuses: statuses };
  lastStatuses.set(volumes, { claims, said });
  return said;
}

const noVolumes: JsonObject = {};

/** The claim of a volume: `none` when it is of another kind, undefined when there is no such claim. */
type VolumeClaim = KubeObject | 'none' | undefined;

/** What was last said of the volumes of a VM, which holds for as long as their claims are the same objects. */
const lastStatuses = new WeakMap<
  readonly Json[],
  { readonly claims: readonly VolumeClaim[]; readonly said: JsonObject }
>();

function noSnapshotReason(claim: VolumeClaim, name: string): string {
  if (claim === 'none') return `Snapshot is not supported for this volumeSource type [${name}]`;
  if (claim === undefined) return 'PVC not found';
  const className = textAt(claim, 'spec', 'storageClassName') ?? '';
  return `No VolumeSnapshotClass: Volume snapshots are not configured for this StorageClass [${className}] [${name}]`;
}
