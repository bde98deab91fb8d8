import { instantOf, second, type Millis } from '../../../../model/instant.ts';
import { at, textAt, type JsonObject } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { recordEvent, recordEventOnce } from '../cluster-events.ts';
import { createObject, deleteObject, isBeingDeleted, isSuccess, mergeInto } from '../cluster-writes.ts';
import { instancetypeOf } from './instancetype.ts';
import { asksToStart, asksToStop } from './state-change-requests.ts';
import { isFinal, phaseOf, runStrategyOf, type RunStrategy } from './virtual-machine.ts';
import { instanceOf } from './vm-instance.ts';

/** What one pass of the VM controller did about the power of a VM. */
export interface PowerStep {
  /** A VMI was created in this pass and is not seen in the status yet. */
  readonly startIsUnderWay: boolean;
  /** Why nothing could be done. */
  readonly failure?: { readonly reason: string; readonly message: string };
  /** A start is to be asked for once the VMI is gone (RerunOnFailure after a failure). */
  readonly asksForStart?: boolean;
}

const retryOfFailure: Millis = 10 * second;
const nothingDone: PowerStep = { startIsUnderWay: false };

/**
 * Starts or stops the VM by the rules of its run strategy: `syncRunStrategy` in `pkg/virt-controller/watch/vm/vm.go`.
 * `status.runStrategy` is the memory of the strategy that was last acted upon: RerunOnFailure starts when switched to.
 */
export function syncPower(port: ClusterPort, vm: KubeObject, vmi: KubeObject | undefined): PowerStep {
  const instancetype = instancetypeOf(port, vm);
  if ('failure' in instancetype) return putOff(port, vm, instancetype.failure);
  const strategy = runStrategyOf(vm);
  if (vmi !== undefined) return isToStop(strategy, vm, vmi) ? stopForNow(port, vm, vmi) : nothingDone;
  const start = (): PowerStep => startWith(port, vm, instancetype.spec);
  switch (strategy) {
    case 'Always':
      return isBackingOff(port, vm) ? nothingDone : start();
    case 'RerunOnFailure':
      if (!asksToStart(vm) && textAt(vm, 'status', 'runStrategy') === strategy) return nothingDone;
      return isBackingOff(port, vm) ? nothingDone : start();
    case 'Once':
    case 'WaitAsReceiver':
      return start();
    case 'Manual':
      return asksToStart(vm) ? start() : nothingDone;
    case 'Halted':
      if (asksToStart(vm)) switchOn(port, vm);
      return nothingDone;
    default:
      return nothingDone;
  }
}

function isToStop(strategy: RunStrategy | undefined, vm: KubeObject, vmi: KubeObject): boolean {
  if (isBeingDeleted(vmi)) return false;
  switch (strategy) {
    case 'Always':
    case 'RerunOnFailure':
      return isFinal(vmi) || asksToStop(vm, vmi);
    case 'Manual':
      return asksToStop(vm, vmi);
    default:
      return strategy === 'Halted';
  }
}

function stopForNow(port: ClusterPort, vm: KubeObject, vmi: KubeObject): PowerStep {
  stopInstance(port, vm, vmi);
  const failed = runStrategyOf(vm) === 'RerunOnFailure' && phaseOf(vmi) === 'Failed';
  return failed ? { startIsUnderWay: false, asksForStart: true } : nothingDone;
}

/** Deletes the VMI of a VM, unless that was done (`stopVMI`). */
export function stopInstance(port: ClusterPort, vm: KubeObject, vmi: KubeObject): void {
  if (isBeingDeleted(vmi)) return;
  deleteObject(port, resources.virtualMachineInstance, vmi);
  recordEvent(port, vm, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Stopped the virtual machine by deleting the virtual machine instance ${vmi.metadata.uid}`,
    component: 'virtualmachine-controller',
  });
}

// A request to start a halted VM paused: from here on it is to run.
function switchOn(port: ClusterPort, vm: KubeObject): void {
  const spec = at(vm, 'spec', 'runStrategy') === undefined ? { running: true } : { runStrategy: 'Always' };
  mergeInto(port, resources.virtualMachine, vm, { spec });
}

function isBackingOff(port: ClusterPort, vm: KubeObject): boolean {
  const retryAfter = instantOf(textAt(vm, 'status', 'startFailure', 'retryAfterTimestamp'));
  if (retryAfter === undefined || retryAfter <= port.wallNow) return false;
  lookAgain(port, vm, Math.max(second, retryAfter - port.wallNow));
  return true;
}

function startWith(port: ClusterPort, vm: KubeObject, instancetype: JsonObject | undefined): PowerStep {
  const answer = createObject(port, resources.virtualMachineInstance, instanceOf(vm, instancetype));
  if (!isSuccess(answer)) {
    const cause = textAt(answer.body, 'message') ?? '';
    const message = `Error creating virtual machine instance: ${cause}`;
    const reason = 'FailedCreate';
    recordEventOnce(port, vm, { type: 'Warning', reason, message, component: 'virtualmachine-controller' });
    return putOff(port, vm, { reason, message: `Failure while starting VMI: ${cause}` });
  }
  recordEvent(port, vm, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Started the virtual machine by creating the new virtual machine instance ${vm.metadata.name}`,
    component: 'virtualmachine-controller',
  });
  return { startIsUnderWay: true };
}

function putOff(port: ClusterPort, vm: KubeObject, failure: NonNullable<PowerStep['failure']>): PowerStep {
  lookAgain(port, vm, retryOfFailure);
  return { startIsUnderWay: false, failure };
}

function lookAgain(port: ClusterPort, vm: KubeObject, delay: Millis): void {
  const { namespace = '', name } = vm.metadata;
  port.wakeAt(port.now + delay, { resource: resources.virtualMachine, namespace, name });
}
