import { numberAt, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { conditionHolds, conditionOf } from '../conditions.ts';
import { claimNamesOf, isFinal, phaseOf, runStrategyOf, templateVolumesOf } from './virtual-machine.ts';

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
  if (vmi !== undefined) {
    const ofInstance = statusFromInstance(vmi);
    if (ofInstance !== undefined) return ofInstance;
  }
  const isStarting = vmi === undefined ? startIsUnderWay : isBeforeRunning(vmi);
  if (isStarting && hasUnboundClaim(port, vm)) return 'WaitingForVolumeBinding';
  const pullError = vmi === undefined ? undefined : imagePullError(vmi);
  if (pullError !== undefined) return pullError;
  if (isStarting) return 'Starting';
  const hasEnded = vmi === undefined || isFinal(vmi);
  if (hasEnded && isRestarting(vm) && (numberAt(startFailure, 'consecutiveFailCount') ?? 0) > 0)
    return 'CrashLoopBackOff';
  if (hasEnded) return 'Stopped';
  return phaseOf(vmi) === 'WaitingForSync' ? 'WaitingForReceiver' : 'Unknown';
}

function statusFromInstance(vmi: KubeObject): string | undefined {
  if (isBeingDeleted(vmi) && !isFinal(vmi)) return 'Stopping';
  if (conditionHolds(vmi, 'Paused')) return 'Paused';
  if (phaseOf(vmi) === 'Running') return 'Running';
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

function isRestarting(vm: KubeObject): boolean {
  const strategy = runStrategyOf(vm);
  return strategy === 'Always' || strategy === 'RerunOnFailure' || strategy === 'Once';
}
