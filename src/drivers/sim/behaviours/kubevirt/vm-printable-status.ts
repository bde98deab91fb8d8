import { numberAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { conditionHolds, conditionOf } from '../conditions.ts';
import { asksToStart, asksToStop } from './state-change-requests.ts';
import { claimNamesOf, isFinal, phaseOf, runStrategyOf, templateVolumesOf } from './virtual-machine.ts';
import { isRestarting } from './vm-start-failure.ts';

/**
 * `status.printableStatus`: the first that applies, in KubeVirt's order (`setPrintableStatus` in
 * `pkg/virt-controller/watch/vm/vm.go`). `startIsUnderWay` is true while a VMI was created and not seen yet.
 */
export function printableStatusOf(
  port: ClusterPort,
  vm: KubeObject,
  vmi: KubeObject | undefined,
  startIsUnderWay: boolean,
  startFailure: JsonObject | undefined,
): string {
  if (isBeingDeleted(vm)) return 'Terminating';
  const ofInstance = vmi === undefined ? undefined : statusFromInstance(vmi);
  if (ofInstance !== undefined) return ofInstance;
  if (isSetToStart(vm, vmi) && hasUnboundClaim(port, vm)) return 'WaitingForVolumeBinding';
  const pullError = vmi === undefined ? undefined : imagePullError(vmi);
  if (pullError !== undefined) return pullError;
  if (vmi === undefined ? startIsUnderWay : isBeforeRunning(vmi)) return 'Starting';
  if (vmi === undefined || isFinal(vmi)) {
    const hasFailed = (numberAt(startFailure, 'consecutiveFailCount') ?? 0) > 0;
    return hasFailed && isRestarting(vm) ? 'CrashLoopBackOff' : 'Stopped';
  }
  return phaseOf(vmi) === 'WaitingForSync' ? 'WaitingForReceiver' : 'Unknown';
}

function statusFromInstance(vmi: KubeObject): string | undefined {
  if (isBeingDeleted(vmi) && !isFinal(vmi)) return 'Stopping';
  if (phaseOf(vmi) === 'Running') return conditionHolds(vmi, 'Paused') ? 'Paused' : 'Running';
  const synchronized = conditionOf(vmi, 'Synchronized');
  if (textAt(synchronized, 'status') === 'False' && textAt(synchronized, 'reason') === 'FailedPvcNotFound') {
    return 'ErrorPvcNotFound';
  }
  const scheduled = conditionOf(vmi, 'PodScheduled');
  if (textAt(scheduled, 'status') === 'False' && textAt(scheduled, 'reason') === 'Unschedulable') {
    return 'ErrorUnschedulable';
  }
  return undefined;
}

// What the power fields wish for, whether or not it is under way.
function isSetToStart(vm: KubeObject, vmi: KubeObject | undefined): boolean {
  switch (runStrategyOf(vm)) {
    case 'Always':
      return true;
    case 'Manual':
      return vmi === undefined ? asksToStart(vm) : !asksToStop(vm, vmi);
    case 'RerunOnFailure':
      return vmi === undefined || phaseOf(vmi) !== 'Succeeded';
    case 'Once':
      return vmi === undefined;
    default:
      return false;
  }
}

function isBeforeRunning(vmi: KubeObject): boolean {
  const phase = phaseOf(vmi);
  return phase === '' || phase === 'Pending' || phase === 'Scheduling' || phase === 'Scheduled';
}

function hasUnboundClaim(port: ClusterPort, vm: KubeObject): boolean {
  return claimNamesOf(templateVolumesOf(vm)).some((name) => {
    const claim = port.get(resources.persistentVolumeClaim, vm.metadata.namespace ?? '', name);
    return claim !== undefined && textAt(claim, 'status', 'phase') !== 'Bound';
  });
}

function imagePullError(vmi: KubeObject): string | undefined {
  const synchronized = conditionOf(vmi, 'Synchronized');
  const reason = textAt(synchronized, 'reason');
  const isError = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
  return textAt(synchronized, 'status') === 'False' && isError ? reason : undefined;
}
