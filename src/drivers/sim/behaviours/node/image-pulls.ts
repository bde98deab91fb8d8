import { second, type Millis } from '../../../../model/instant.ts';
import { listAt, textAt, type JsonObject } from '../../../../model/json.ts';
import type { KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { recordEvent } from '../cluster-events.ts';
import type { PodRuntime, Sandbox } from './pod-runtime.ts';
import { waitingStatus } from './pod-status.ts';

/** How a pod fares whose image is not there: its new status, where it has one, and when to look again. */
export interface PullTrouble {
  readonly status?: JsonObject;
  readonly wait: Millis;
}

const firstRetry: Millis = 10 * second;
const longestRetry: Millis = 300 * second;
/** From the failure to the pass of the kubelet that finds the image backing off. */
const nextPass: Millis = 1500;

/**
 * The image of a pod is got before its containers start; a failed attempt is repeated after 10 s, then after twice as long each
 * time, 300 s at most. Source: `EnsureImageExists` in `pkg/kubelet/images/image_manager.go` of kubernetes/kubernetes.
 */
export function pullImages(
  port: ClusterPort,
  pods: PodRuntime,
  pod: KubeObject,
  sandbox: Sandbox,
): 'there' | PullTrouble {
  const { pull } = sandbox;
  const isDue = pull === undefined || port.now >= pull.retryAt;
  if (isDue && pods.getsImages(sandbox.cluster)) return 'there';
  const image = textAt(listAt(pod, 'spec', 'containers')[0], 'image') ?? '';
  return isDue ? fail(port, pods, pod, sandbox, image) : backOff(port, pod, sandbox, image, pull.retryAt - port.now);
}

function fail(port: ClusterPort, pods: PodRuntime, pod: KubeObject, sandbox: Sandbox, image: string): PullTrouble {
  const failures = (sandbox.pull?.failures ?? 0) + 1;
  const retryAt = port.now + Math.min(firstRetry * 2 ** (failures - 1), longestRetry);
  pods.put({ ...sandbox, pull: { failures, retryAt } });
  const cause = causeOf(image);
  say(port, pod, sandbox, 'Failed', `Failed to pull image "${image}": ${cause}`);
  say(port, pod, sandbox, 'Failed', 'Error: ErrImagePull');
  return { status: waitingStatus(pod, 'ErrImagePull', cause), wait: nextPass };
}

function backOff(port: ClusterPort, pod: KubeObject, sandbox: Sandbox, image: string, wait: Millis): PullTrouble {
  const reason = textAt(listAt(pod, 'status', 'containerStatuses')[0], 'state', 'waiting', 'reason');
  if (reason === 'ImagePullBackOff') return { wait };
  const message = `Back-off pulling image "${image}"`;
  say(port, pod, sandbox, 'BackOff', message);
  say(port, pod, sandbox, 'Failed', 'Error: ImagePullBackOff');
  return { status: waitingStatus(pod, 'ImagePullBackOff', `${message}: ErrImagePull: ${causeOf(image)}`), wait };
}

/** As containerd says that the registry does not have it. */
function causeOf(image: string): string {
  const cause = `failed to resolve reference "${image}": ${image}: not found`;
  return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": ${cause}`;
}

function say(port: ClusterPort, pod: KubeObject, sandbox: Sandbox, reason: string, message: string): void {
  const type = reason === 'BackOff' ? 'Normal' : 'Warning';
  recordEvent(port, pod, { type, reason, message, component: 'kubelet', host: sandbox.node });
}
