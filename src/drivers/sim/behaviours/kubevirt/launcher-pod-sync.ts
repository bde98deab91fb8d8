import { timestamp } from '../../../../model/instant.ts';
import { listAt, objectAt, textAt } from '../../../../model/json.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { ClusterPort } from '../../behaviour.ts';
import { mergeInto, replaceStatus } from '../cluster-writes.ts';
import { conditionHolds, withCondition } from '../conditions.ts';
import { nodeNameLabel } from './virtual-machine.ts';

/** The readiness gate of launcher pods: a paused VM is not ready. */
export const unpausedCondition = 'kubevirt.io/virtual-machine-unpaused';

/** What virt-controller keeps up to date on a launcher pod: the readiness gate, and the node's name as a label. */
export function syncLauncherPod(port: ClusterPort, vmi: KubeObject, pod: KubeObject): void {
  const isPaused = conditionHolds(vmi, 'Paused');
  const says = isPaused
    ? ({
        type: unpausedCondition,
        status: 'False',
        reason: 'Paused',
        message: 'the virtual machine is paused',
      } as const)
    : ({
        type: unpausedCondition,
        status: 'True',
        reason: 'NotPaused',
        message: 'the virtual machine is not paused',
      } as const);
  const present = listAt(pod, 'status', 'conditions');
  const now = timestamp(port.wallNow);
  const conditions = withCondition(present, says, { lastProbeTime: now, lastTransitionTime: now });
  if (conditions !== present) {
    replaceStatus(port, resources.pod, pod, { ...objectAt(pod, 'status'), conditions });
    return;
  }
  const nodeName = textAt(vmi, 'status', 'nodeName');
  if (nodeName === undefined || pod.metadata.labels?.[nodeNameLabel] === nodeName) return;
  mergeInto(port, resources.pod, pod, { metadata: { labels: { [nodeNameLabel]: nodeName } } });
}
