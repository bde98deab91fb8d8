import type { JsonObject } from '../../../src/model/json.ts';
import {
  agentComponent,
  componentLabel,
  drbdOperatorNamespace,
} from '../../../src/model/drbd-operator/installation.ts';
import type { KubeObject } from '../../../src/model/kube.ts';

/** A DRBDVolume `vol` with a copy on a (cluster1) and on b (cluster2), and a tiebreaker on q (cluster3), with some entries. */
export function drbdVolume(entries: readonly JsonObject[], name = 'vol'): KubeObject {
  const replica = (node: string, cluster: string, nodeID: number, type: string): JsonObject => ({
    node,
    cluster,
    nodeID,
    type,
  });
  return {
    apiVersion: 'drbd.io/v1alpha1',
    kind: 'DRBDVolume',
    metadata: { name },
    spec: {
      size: '1Gi',
      replicas: [
        replica('a', 'cluster1', 0, 'Diskful'),
        replica('b', 'cluster2', 1, 'Diskful'),
        replica('q', 'cluster3', 2, 'Tiebreaker'),
      ],
    },
    status: { nodes: entries },
  };
}

/** What the agent of a node writes of a copy in good health. */
export function entry(node: string, peer: string, changes: JsonObject = {}): JsonObject {
  return {
    node,
    agent: `agent-${node}`,
    role: 'Secondary',
    disk: 'UpToDate',
    open: false,
    quorum: true,
    suspended: 'no',
    mayPromote: true,
    forceIOFailures: false,
    minor: 1000,
    options: { allowTwoPrimaries: false, quorum: 'majority' },
    peers: [
      {
        node: peer,
        nodeID: 1,
        connection: 'Connected',
        role: 'Secondary',
        replication: 'Established',
        disk: 'UpToDate',
      },
      { node: 'q', nodeID: 2, connection: 'Connected', role: 'Secondary', disk: 'Diskless' },
    ],
    ...changes,
  };
}

/** The agent's pod of a node. */
export function agentPod(node: string, { ready = 'True', uid = `agent-${node}` } = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `drbd-agent-${node}`,
      namespace: drbdOperatorNamespace,
      uid,
      labels: { [componentLabel]: agentComponent },
    },
    spec: { nodeName: node, containers: [{ name: 'drbd-agent' }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  };
}
