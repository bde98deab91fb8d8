import { listAt, textAt, type Json } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { isFinal } from './virtual-machine.ts';

/** `status.stateChangeRequests` of a VM: what the start, stop and restart subresources leave for the VM controller. */
export function stateChangeRequestsOf(vm: KubeObject): readonly Json[] {
  return listAt(vm, 'status', 'stateChangeRequests');
}

/** True when the next request asks to stop exactly this VMI. */
export function asksToStop(vm: KubeObject, vmi: KubeObject): boolean {
  const [next] = stateChangeRequestsOf(vm);
  return textAt(next, 'action') === 'Stop' && textAt(next, 'uid') === vmi.metadata.uid;
}

/** True when the next request asks for a start. */
export function asksToStart(vm: KubeObject): boolean {
  return textAt(stateChangeRequestsOf(vm)[0], 'action') === 'Start';
}

/** True when that start is to leave the CPUs stopped. */
export function asksToStartPaused(vm: KubeObject): boolean {
  return asksToStart(vm) && textAt(stateChangeRequestsOf(vm)[0], 'data', 'paused') === 'true';
}

/** The requests that are not done yet, seen with the VMI that exists now. */
export function pendingRequests(requests: readonly Json[], vmi: KubeObject | undefined): readonly Json[] {
  const [next] = requests;
  if (next === undefined) return requests;
  const isDone =
    textAt(next, 'action') === 'Start'
      ? vmi !== undefined && !isFinal(vmi) && !isBeingDeleted(vmi)
      : vmi === undefined || vmi.metadata.uid !== textAt(next, 'uid');
  return isDone ? requests.slice(1) : requests;
}
