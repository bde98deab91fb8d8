import { second, type Millis } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import type { DrbdPort } from '../../drbd/port.ts';
import type { GuestRegistry, Span } from '../../guests.ts';
import { recordEvent } from '../cluster-events.ts';
import { deleteObject, isBeingDeleted, replaceStatus } from '../cluster-writes.ts';
import { isLauncherPod } from '../kubevirt/virtual-machine.ts';
import { isTerminated } from '../storage/persistent-volume.ts';
import { addressOfNode, addressOfPod } from './addresses.ts';
import { creatingStatus, endedStatus, readyConditions, runningStatus } from './pod-status.ts';
import { pullImages } from './image-pulls.ts';
import { mountVolumes, unmountVolumes } from './pod-volumes.ts';
import type { PodRuntime, Sandbox } from './pod-runtime.ts';

/** How long the node takes for its part of a pod's life. */
export interface KubeletDurations {
  /** From mounted volumes to running containers. */
  readonly containersStart: Span;
  /** From the end of the guest to the exit of its launcher. */
  readonly launcherExit: Span;
  /** From the exit of a pod that is being deleted to the removal of its object. */
  readonly reap: Span;
}

/** Together with the boot of the guest a start takes 10 to 30 s. */
export const defaultKubeletDurations: KubeletDurations = {
  containersStart: { min: 3 * second, max: 12 * second },
  launcherExit: { min: 300, max: 1500 },
  reap: { min: 1000, max: 2500 },
};

/** What a kubelet acts on besides the objects. */
export interface NodeParts {
  readonly drbd: DrbdPort;
  readonly guests: GuestRegistry;
  readonly pods: PodRuntime;
}

const killedExitCode = 137;
const lostExitCode = 255;
const firstMountRetry: Millis = 500;
const longestMountRetry: Millis = 122 * second;
const openRetry: Millis = 250;
const stubbornRetry: Millis = 30 * second;

/**
 * The kubelets of a cluster: volumes, containers and status of the pods on the nodes that are up.
 * Source: `pkg/kubelet` of kubernetes/kubernetes. Wake it for the pod of every guest that changes.
 */
export function createKubelet(parts: NodeParts, durations: KubeletDurations = defaultKubeletDurations): Behaviour {
  return {
    name: 'kubelet',
    watches: [resources.pod, resources.volumeAttachment, resources.node],
    lag: 300,
    reconcile: (port, key) => new Kubelet(port, parts, durations).reconcile(key),
  };
}

class Kubelet {
  #port: ClusterPort;
  #parts: NodeParts;
  #durations: KubeletDurations;

  constructor(port: ClusterPort, parts: NodeParts, durations: KubeletDurations) {
    this.#port = port;
    this.#parts = parts;
    this.#durations = durations;
  }

  reconcile(key: ObjectKey): void {
    const port = this.#port;
    if (key.resource.kind === 'Pod') {
      const pod = port.get(resources.pod, key.namespace, key.name);
      if (pod === undefined) this.#clearForgotten(key.namespace, key.name);
      else this.#sync(pod);
      return;
    }
    const isNode = key.resource.kind === 'Node';
    const attachment = isNode ? undefined : port.get(resources.volumeAttachment, '', key.name);
    const node = isNode ? key.name : textAt(attachment, 'spec', 'nodeName');
    if (node === undefined) return;
    for (const pod of port.list(resources.pod)) {
      // A node that comes back looks at all its pods; an attachment moves on those that wait for it.
      if (textAt(pod, 'spec', 'nodeName') === node && (isNode || this.#isMounting(pod))) this.#sync(pod);
    }
    if (!isNode) return;
    for (const { namespace, podName } of this.#parts.pods.onNode(node)) {
      if (port.get(resources.pod, namespace, podName) === undefined) this.#clearForgotten(namespace, podName);
    }
  }

  #isMounting(pod: KubeObject): boolean {
    return this.#parts.pods.of(pod.metadata.uid ?? '')?.stage === 'mounting';
  }

  #sync(pod: KubeObject): void {
    const node = textAt(pod, 'spec', 'nodeName');
    if (node === undefined || !this.#port.nodeIsUp(node)) return;
    const sandbox = this.#parts.pods.of(pod.metadata.uid ?? '');
    if (isTerminated(pod)) return this.#finish(pod, sandbox);
    if (sandbox === undefined) return this.#admit(pod, node);
    switch (sandbox.stage) {
      case 'mounting':
        return isBeingDeleted(pod) ? this.#end(pod, sandbox, killedExitCode) : this.#mount(pod, sandbox);
      case 'creating':
        return isBeingDeleted(pod) ? this.#end(pod, sandbox, killedExitCode) : this.#start(pod, sandbox);
      case 'running':
        return this.#watchOver(pod, sandbox);
      case 'exited':
        return this.#end(pod, sandbox, sandbox.exitCode ?? 0);
    }
  }

  #admit(pod: KubeObject, node: string): void {
    // Containers that are not there any more although the pod says so were lost with the power of the node.
    const wasRunning = listAt(pod, 'status', 'containerStatuses').some((one) =>
      textAt(one, 'state', 'running', 'startedAt'),
    );
    const restarts = textAt(pod, 'spec', 'restartPolicy') !== 'Never';
    if (isBeingDeleted(pod) || (wasRunning && !restarts)) {
      this.#writeStatus(pod, endedStatus(this.#port, pod, wasRunning ? lostExitCode : killedExitCode));
      return;
    }
    const { uid = '', name, namespace = '' } = pod.metadata;
    this.#parts.pods.put({
      podUid: uid,
      cluster: this.#port.cluster,
      node,
      namespace,
      podName: name,
      disks: [],
      stage: 'mounting',
      mountFailures: 0,
    });
    this.#writeStatus(pod, creatingStatus(this.#port, pod, addressOfNode(this.#port, node)));
  }

  #mount(pod: KubeObject, sandbox: Sandbox): void {
    const { now } = this.#port;
    if (sandbox.until !== undefined && now < sandbox.until) return this.#wake(pod, sandbox.until - now);
    const result = mountVolumes(this.#port, pod, this.#parts.drbd);
    if (result.kind === 'pending') this.#wake(pod, openRetry);
    if (result.kind === 'mounted') {
      const until = now + this.#draw(this.#durations.containersStart);
      this.#parts.pods.put({ ...sandbox, disks: result.disks, stage: 'creating', until, mountFailures: 0 });
      this.#wake(pod, until - now);
    }
    if (result.kind !== 'failed') return;
    const retry = Math.min(firstMountRetry * 2 ** sandbox.mountFailures, longestMountRetry);
    this.#parts.pods.put({ ...sandbox, until: now + retry, mountFailures: sandbox.mountFailures + 1 });
    const { reason, message } = result;
    recordEvent(this.#port, pod, { type: 'Warning', reason, message, component: 'kubelet', host: sandbox.node });
    this.#wake(pod, retry);
  }

  #start(pod: KubeObject, sandbox: Sandbox): void {
    const rest = (sandbox.until ?? 0) - this.#port.now;
    if (rest > 0) return this.#wake(pod, rest);
    const pull = pullImages(this.#port, this.#parts.pods, pod, sandbox);
    if (pull !== 'there') {
      if (pull.status !== undefined) this.#writeStatus(pod, pull.status);
      return this.#wake(pod, pull.wait);
    }
    const { until: _, pull: _done, ...kept } = sandbox;
    const { podUid, node, namespace, podName, disks } = this.#parts.pods.put({ ...kept, stage: 'running' });
    if (isLauncherPod(pod)) {
      const vm = pod.metadata.labels?.['vm.kubevirt.io/name'] ?? '';
      this.#parts.guests.launch({ cluster: this.#port.cluster, node, namespace, vm, podName, podUid, disks });
    }
    this.#writeStatus(pod, runningStatus(this.#port, pod, addressOfPod(podUid)));
  }

  #watchOver(pod: KubeObject, sandbox: Sandbox): void {
    const guest = this.#parts.guests.of(sandbox.podUid);
    if (guest?.phase === 'ended') return this.#exitLauncher(pod, sandbox, guest.end === 'killed');
    if (!isBeingDeleted(pod)) {
      const conditions = readyConditions(this.#port, pod, this.#parts.pods.answers(sandbox.podUid));
      if (conditions !== listAt(pod, 'status', 'conditions')) {
        this.#writeStatus(pod, { ...objectAt(pod, 'status'), conditions });
      }
      return;
    }
    if (guest === undefined) return this.#end(pod, sandbox, 0);
    const { now } = this.#port;
    const stoppingSince = sandbox.stoppingSince ?? now;
    if (sandbox.stoppingSince === undefined) this.#parts.pods.put({ ...sandbox, stoppingSince });
    const rest = stoppingSince + (pod.metadata.deletionGracePeriodSeconds ?? 0) * second - now;
    if (rest > 0) this.#wake(pod, rest);
    else if (!this.#parts.guests.destroy(sandbox.podUid, 'killed')) this.#wake(pod, stubbornRetry);
  }

  #exitLauncher(pod: KubeObject, sandbox: Sandbox, wasKilled: boolean): void {
    const { now } = this.#port;
    const until = sandbox.until ?? now + this.#draw(this.#durations.launcherExit);
    if (now >= until) return this.#end(pod, sandbox, wasKilled ? killedExitCode : 0);
    if (sandbox.until === undefined) this.#parts.pods.put({ ...sandbox, until });
    this.#wake(pod, until - now);
  }

  #end(pod: KubeObject, sandbox: Sandbox, exitCode: number): void {
    // The guest closes the disks of a launcher; others, and a launcher that never came up, are the node's to close.
    if (this.#parts.guests.of(sandbox.podUid) === undefined) unmountVolumes(this.#port, pod, this.#parts.drbd);
    this.#parts.pods.put({ ...sandbox, stage: 'exited', exitCode });
    this.#writeStatus(pod, endedStatus(this.#port, pod, exitCode));
  }

  // A pod that ended stays until somebody deletes it; its object goes once its volumes are cleaned up.
  #finish(pod: KubeObject, sandbox: Sandbox | undefined): void {
    if (!isBeingDeleted(pod)) return;
    const { now } = this.#port;
    const reapAt = sandbox === undefined ? now : (sandbox.reapAt ?? now + this.#draw(this.#durations.reap));
    if (now >= reapAt) {
      deleteObject(this.#port, resources.pod, pod, 0);
      return;
    }
    if (sandbox !== undefined && sandbox.reapAt === undefined) this.#parts.pods.put({ ...sandbox, reapAt });
    this.#wake(pod, reapAt - now);
  }

  // The object is gone, by force: the node ends what is left of it.
  #clearForgotten(namespace: string, podName: string): void {
    const sandbox = this.#parts.pods.named(this.#port.cluster, namespace, podName);
    if (sandbox === undefined || !this.#port.nodeIsUp(sandbox.node)) return;
    if (!this.#parts.guests.destroy(sandbox.podUid, 'killed')) {
      const key = { resource: resources.pod, namespace, name: podName };
      return this.#port.wakeAt(this.#port.now + stubbornRetry, key);
    }
    if (this.#parts.guests.of(sandbox.podUid) === undefined) {
      for (const disk of sandbox.disks) this.#parts.drbd.close(disk, sandbox.node, podName);
    }
    this.#parts.guests.forget(sandbox.podUid);
    this.#parts.pods.remove(sandbox.podUid);
  }

  #writeStatus(pod: KubeObject, status: ReturnType<typeof objectAt>): void {
    replaceStatus(this.#port, resources.pod, pod, status);
  }

  #wake(pod: KubeObject, delay: Millis): void {
    const { namespace = '', name } = pod.metadata;
    this.#port.wakeAt(this.#port.now + delay, { resource: resources.pod, namespace, name });
  }

  #draw(span: Span): Millis {
    return this.#port.random.integer(span.min, span.max);
  }
}
