import { minute, type Millis } from '../../../../model/instant.ts';
import { resources, type KubeObject } from '../../../../model/kube.ts';
import type { Behaviour, ClusterPort, ObjectKey } from '../../behaviour.ts';
import { mergeInto } from '../cluster-writes.ts';

const heartbeatAnnotation = 'kubevirt.io/heartbeat';
const schedulableLabel = 'kubevirt.io/schedulable';
/** A node whose virt-handler is silent for this long takes no more VMs. */
const longestSilence: Millis = 5 * minute;

/** virt-controller's node part: `pkg/virt-controller/watch/node/node.go` of kubevirt/kubevirt. */
export function createKubevirtNodeController(): Behaviour {
  // The mark that was last seen on each node, and the world time since which it has not moved.
  const seen = new Map<string, { readonly mark: string; readonly at: Millis }>();
  return {
    name: 'virt-controller-node',
    watches: [resources.node],
    lag: 100,
    reconcile(port, key) {
      const node = port.get(resources.node, '', key.name);
      const mark = node?.metadata.annotations?.[heartbeatAnnotation];
      if (node === undefined || mark === undefined) return;
      const last = seen.get(key.name);
      const since = last?.mark === mark ? last.at : port.now;
      if (last?.mark !== mark) seen.set(key.name, { mark, at: port.now });
      judge(port, key, node, since);
    },
  };
}

function judge(port: ClusterPort, key: ObjectKey, node: KubeObject, since: Millis): void {
  if (node.metadata.labels?.[schedulableLabel] !== 'true') return;
  if (port.now < since + longestSilence) return port.wakeAt(since + longestSilence, key);
  mergeInto(port, resources.node, node, { metadata: { labels: { [schedulableLabel]: 'false' } } });
}
