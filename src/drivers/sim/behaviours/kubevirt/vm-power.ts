import { instantOf, second, type Millis } from '../../../../model/instant.ts';
import { textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import { createObject, deleteObject, isBeingDeleted, isSuccess } from '../cluster-writes.ts';
import { asksToStart, asksToStop } from './state-change-requests.ts';
import { isFinal, phaseOf, runStrategyOf } from './virtual-machine.ts';
import { instanceOf } from './vm-instance.ts';

/** What one pass of the VM controller did about the power of a VM. */
export interface PowerStep {
  /** A VMI was created in this pass and is not seen in the status yet. */
  readonly startIsUnderWay: boolean;
  /** Why a VMI cannot be created. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** A start is to be asked for once the VMI is gone (RerunOnFailure after a failure). */
  readonly asksForStart?: boolean;
}

const retryOfFailure: Millis = 10 * second;
const nothingDone: PowerStep = { startIsUnderWay: false };

/**
 * Starts or stops the VM by the rules of its run strategy: `syncRunStrategy` in `pkg/virt-controller/watch/vm/vm.go`.
 * `status.runStrategy` is the memory of the strategy that was last acted upon: Once and RerunOnFailure start when switched to.
 */
export function syncPower(port: ClusterPort, vm: KubeObject, vmi: KubeObject | undefined): PowerStep {
  const strategy = runStrategyOf(vm);
  if (vmi !== undefined) {
    if (isBeingDeleted(vmi)) return nothingDone;
    return stopIfWanted(port, vm, vmi);
  }
  switch (strategy) {
    case 'Always':
    case 'Once':
      return startUnlessBackingOff(port, vm);
    case 'RerunOnFailure':
      if (!asksToStart(vm) && textAt(vm, 'status', 'runStrategy') === strategy) return nothingDone;
      return startUnlessBackingOff(port, vm);
    case 'Manual':
      return asksToStart(vm) ? startUnlessBackingOff(port, vm) : nothingDone;
    default:
      return nothingDone;
  }
}

function stopIfWanted(port: ClusterPort, vm: KubeObject, vmi: KubeObject): PowerStep {
  const strategy = runStrategyOf(vm);
  const hasEnded = isFinal(vmi);
  const isWanted =
    strategy === 'Halted' ||
    asksToStop(vm, vmi) ||
    (hasEnded && (strategy === 'Always' || strategy === 'RerunOnFailure'));
  if (!isWanted) return nothingDone;
  deleteObject(port, resources.virtualMachineInstance, vmi);
  recordEvent(port, vm, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Stopped the virtual machine by deleting the virtual machine instance ${vmi.metadata.uid}`,
    component: 'virtualmachine-controller',
  });
  const failed = strategy === 'RerunOnFailure' && phaseOf(vmi) === 'Failed';
  return failed ? { startIsUnderWay: false, asksForStart: true } : nothingDone;
}

function startUnlessBackingOff(port: ClusterPort, vm: KubeObject): PowerStep {
  const retryAfter = instantOf(textAt(vm, 'status', 'startFailure', 'retryAfterTimestamp'));
  if (retryAfter !== undefined && retryAfter > port.wallNow) {
    lookAgain(port, vm, Math.max(second, retryAfter - port.wallNow));
    return nothingDone;
  }
  const instance = instanceOf(port, vm);
  if ('failure' in instance) {
    lookAgain(port, vm, retryOfFailure);
    return { startIsUnderWay: false, failure: instance.failure };
  }
  const answer = createObject(port, resources.virtualMachineInstance, instance.vmi);
  if (!isSuccess(answer)) {
    lookAgain(port, vm, retryOfFailure);
    return {
      startIsUnderWay: false,
      failure: { reason: 'FailedCreate', message: textAt(answer.body, 'message') ?? '' },
    };
  }
  recordEvent(port, vm, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Started the virtual machine by creating the new virtual machine instance ${vm.metadata.name}`,
    component: 'virtualmachine-controller',
  });
  return { startIsUnderWay: true };
}

function lookAgain(port: ClusterPort, vm: KubeObject, delay: Millis): void {
  const { namespace = '', name } = vm.metadata;
  port.wakeAt(port.now + delay, { resource: resources.virtualMachine, namespace, name });
}
