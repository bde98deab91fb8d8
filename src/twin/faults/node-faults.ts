import { textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import type { Twin } from '../twin.ts';
import { type FaultKind, FaultError } from './fault.ts';
import { nodeOf } from './site-faults.ts';

/** Nothing new is placed on a node. */
export const nodeCordoned: FaultKind = {
  kind: 'node-cordoned',
  about: 'a node takes no new pods',
  options: ['--node NODE', '--site CLUSTER'],
  prepare: (twin, order) => {
    const node = nodeOf(twin, order);
    return {
      says: `${node} is cordoned`,
      breaks: [`cordon of ${node}`],
      act: () => cordon(twin, node, true),
      heal: () => cordon(twin, node, false),
    };
  },
};

/** A node is emptied. */
export const nodeDrained: FaultKind = {
  kind: 'node-drained',
  about: 'a node is cordoned, and every pod on it is evicted',
  options: ['--node NODE', '--site CLUSTER'],
  prepare: (twin, order) => {
    const node = nodeOf(twin, order);
    return {
      says: `${node} is drained`,
      breaks: [`cordon of ${node}`],
      act: () => {
        cordon(twin, node, true);
        const { api } = clusterOf(twin, node);
        for (const pod of api.list(resources.pod).filter((each) => textAt(each, 'spec', 'nodeName') === node))
          evict(twin, node, pod);
      },
      heal: () => cordon(twin, node, false),
    };
  },
};

/** A node's object is deleted; its kubelet does not register it again before it is mended. */
export const nodeDeleted: FaultKind = {
  kind: 'node-deleted',
  about: 'the Node object is deleted while the machine goes on; it is registered again when it is mended',
  options: ['--node NODE', '--site CLUSTER'],
  prepare: (twin, order) => {
    const node = nodeOf(twin, order);
    const { api } = clusterOf(twin, node);
    const object = api.get(resources.node, '', node);
    if (object === undefined) throw new FaultError(`Node ${node} is gone already`);
    return {
      says: `Node ${node} is deleted`,
      breaks: [`node ${node}`],
      act: () => void api.request({ verb: 'delete', resource: resources.node, name: node }),
      heal: () => register(twin, node, object),
    };
  },
};

function clusterOf({ world, sites }: Twin, node: string): ReturnType<Twin['world']['cluster']> {
  const site = sites.find(({ nodes }) => nodes.includes(node));
  if (site === undefined) throw new FaultError(`There is no node ${node} here`);
  return world.cluster(site.name);
}

function cordon(twin: Twin, node: string, isOn: boolean): void {
  const body = { spec: { unschedulable: isOn ? true : null } };
  clusterOf(twin, node).api.request({ verb: 'patch', patch: 'merge', resource: resources.node, name: node, body });
}

/** What `kubectl drain` asks for each pod. */
function evict(twin: Twin, node: string, { metadata: { name, namespace = '' } }: KubeObject): void {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  const place = { resource: resources.pod, namespace, name, subresource: 'eviction' };
  clusterOf(twin, node).api.request({ verb: 'create', ...place, body });
}

/**
 * A kubelet that finds no object of its node makes a fresh one (`tryRegisterWithAPIServer` in `pkg/kubelet/kubelet_node_status.go`
 * of kubernetes/kubernetes): what others have written into the spec of the deleted one, a cordon or taints, is gone with it.
 */
function register(twin: Twin, node: string, { apiVersion, kind, metadata, status }: KubeObject): void {
  const { api } = clusterOf(twin, node);
  const { name, labels = {}, annotations = {} } = metadata;
  const body = { apiVersion, kind, metadata: { name, labels, annotations }, spec: {} };
  api.request({ verb: 'create', resource: resources.node, body });
  const place = { resource: resources.node, name, subresource: 'status' };
  api.request({ verb: 'patch', patch: 'merge', ...place, body: { status: status ?? {} } });
  for (const behaviour of ['node-heartbeat', 'kubelet', 'quorum-taint-agent'])
    clusterOf(twin, node).wake(behaviour, { resource: resources.node, namespace: '', name: node });
}
