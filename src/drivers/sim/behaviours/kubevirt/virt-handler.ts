import { second, type Millis } from '../../../../model/instant.ts';
import { textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import type { Guest, GuestRegistry } from '../../guests.ts';
import { isBeingDeleted } from '../cluster-writes.ts';
import { conditionHolds } from '../conditions.ts';
import { isTerminated } from '../storage/persistent-volume.ts';
import { graceSecondsOf } from './launcher-pod.ts';
import { reportAgent, reportEnd, reportPause, reportRunning, reportStopping } from './guest-reports.ts';
import { createdByLabel, isFinal, isLauncherPod, phaseOf, vmiNameOfPodName } from './virtual-machine.ts';

/**
 * virt-handler of every node: starts the guest of a VMI that was handed to its node, reports how it fares, shuts it down.
 * Source: `pkg/virt-handler/vm.go` of kubevirt/kubevirt. Wake it for the VMI of every guest that changes.
 */
export function createVirtHandler({ guests }: { readonly guests: GuestRegistry }): Behaviour {
  return {
    name: 'virt-handler',
    watches: [resources.virtualMachineInstance, resources.pod, resources.node],
    lag: 100,
    reconcile: (port, key) => reconcile(port, key, guests),
  };
}

function reconcile(port: ClusterPort, key: ObjectKey, guests: GuestRegistry): void {
  if (key.resource.kind === 'Node') {
    // A node that comes back reports what became of its guests meanwhile.
    for (const vmi of port.list(resources.virtualMachineInstance)) {
      if (textAt(vmi, 'status', 'nodeName') === key.name) reconcileVmi(port, vmi, guests);
    }
    return;
  }
  const name = key.resource.kind === 'Pod' ? vmiNameOfPodName(key.name) : key.name;
  const vmi = name === undefined ? undefined : port.get(resources.virtualMachineInstance, key.namespace, name);
  if (vmi !== undefined) reconcileVmi(port, vmi, guests);
}

function reconcileVmi(port: ClusterPort, vmi: KubeObject, guests: GuestRegistry): void {
  if (isFinal(vmi)) return;
  const node = textAt(vmi, 'status', 'nodeName');
  if (node === undefined || !port.nodeIsUp(node)) return;
  const pod = launcherOf(port, vmi);
  if (pod === undefined) return;
  const guest = guests.of(pod.metadata.uid ?? '');
  if (guest === undefined) {
    // Neither launcher nor domain: they were lost with the power of the node.
    if (isTerminated(pod)) reportEnd(port, vmi, node, 'crashed');
    return;
  }
  if (guest.phase === 'ended') return reportEnd(port, vmi, node, guest.end ?? 'crashed');
  const isStopped = isBeingDeleted(vmi) || isBeingDeleted(pod);
  if (guest.phase === 'launched') {
    if (isStopped) guests.destroy(guest.podUid, 'killed');
    else guests.boot(guest.podUid);
  } else if (guest.phase !== 'booting' && phaseOf(vmi) === 'Scheduled') {
    reportRunning(port, vmi, guest);
  } else if (!reportPause(port, vmi, guest)) {
    if (isStopped) stop(port, vmi, guest, guests);
    else if (guest.agentAnswers === true && !conditionHolds(vmi, 'AgentConnected')) reportAgent(port, vmi);
  }
}

function launcherOf(port: ClusterPort, vmi: KubeObject): KubeObject | undefined {
  return port
    .list(resources.pod, vmi.metadata.namespace ?? '')
    .find((pod) => isLauncherPod(pod) && pod.metadata.labels?.[createdByLabel] === vmi.metadata.uid);
}

function stop(port: ClusterPort, vmi: KubeObject, guest: Guest, guests: GuestRegistry): void {
  const grace: Millis = graceSecondsOf(vmi) * second;
  if (grace === 0) {
    if (guests.destroy(guest.podUid, 'shutdown')) reportStopping(port, vmi, guest);
    return;
  }
  if (guest.signalledAt === undefined) {
    reportStopping(port, vmi, guest, 'gracefully');
    guests.signalShutdown(guest.podUid);
    return wake(port, vmi, grace);
  }
  const rest = guest.signalledAt + grace - port.now;
  if (rest > 0) return wake(port, vmi, rest);
  if (guests.destroy(guest.podUid, 'destroyed')) reportStopping(port, vmi, guest);
  else wake(port, vmi, 30 * second);
}

function wake(port: ClusterPort, vmi: KubeObject, delay: Millis): void {
  const { namespace, name } = vmi.metadata;
  port.wakeAt(port.now + delay, { resource: resources.virtualMachineInstance, namespace: namespace ?? '', name });
}
