import { timestamp, type Instant } from '../../../../model/instant.ts';
import type { JsonObject } from '../../../../model/json.ts';
import { linstorDriver } from '../../../../model/volume.ts';

/** A node of a simulated cluster. */
export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  readonly kubernetesVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The driver that is registered there; LINSTOR's unless given. */
  readonly csiDriver?: string;
  /** True for nodes on which VMs may run. */
  readonly runsVirtualMachines: boolean;
}

/** The Node object as kubelet registers it and as virt-handler labels it. */
export function nodeObject(facts: NodeFacts, now: Instant): JsonObject {
  const at = timestamp(now);
  const virtualization: Record<string, string> = facts.runsVirtualMachines
    ? {
        'kubevirt.io/schedulable': 'true',
        'kubevirt.io/cpumanager': 'false',
        'machine-type.node.kubevirt.io/q35': 'true',
        'machine-type.node.kubevirt.io/pc-q35-rhel9.6.0': 'true',
      }
    : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: facts.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': facts.name,
        'kubernetes.io/os': 'linux',
        ...virtualization,
        ...facts.labels,
      },
      annotations: {
        'csi.volume.kubernetes.io/nodeid': JSON.stringify({ [facts.csiDriver ?? linstorDriver]: facts.name }),
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        ...(facts.runsVirtualMachines ? { 'kubevirt.io/heartbeat': at } : {}),
      },
    },
    spec: {},
    status: {
      addresses: [
        { type: 'InternalIP', address: facts.address },
        { type: 'Hostname', address: facts.name },
      ],
      allocatable: { cpu: '32', memory: '128Gi', pods: '250' },
      capacity: { cpu: '32', memory: '128Gi', pods: '250' },
      conditions: [readyCondition(at)],
      nodeInfo: {
        architecture: 'amd64',
        bootID: '',
        containerRuntimeVersion: 'containerd://2.1.4',
        kernelVersion: '6.12.41',
        kubeProxyVersion: '',
        kubeletVersion: facts.kubernetesVersion,
        machineID: facts.name,
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        systemUUID: facts.name,
      },
    },
  };
}

/** The condition of a node whose kubelet is alive. */
export function readyCondition(at: string): JsonObject {
  return {
    type: 'Ready',
    status: 'True',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  };
}
