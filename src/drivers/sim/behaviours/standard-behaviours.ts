import type { Behaviour } from '../behaviour.ts';
import { createKubevirtNodeController } from './kubevirt/kubevirt-node-controller.ts';
import { createVirtHandler } from './kubevirt/virt-handler.ts';
import { createVmController } from './kubevirt/vm-controller.ts';
import { createVmiController } from './kubevirt/vmi-controller.ts';
import { createHeartbeat, type HeartbeatSettings } from './node/heartbeat.ts';
import { createKubelet, type KubeletDurations, type NodeParts } from './node/kubelet.ts';
import { createNodeLifecycle, type NodeLifecycleSettings } from './node/node-lifecycle.ts';
import { createPodGarbageCollector } from './node/pod-gc.ts';
import { createTaintEviction } from './node/taint-eviction.ts';
import { createScheduler } from './scheduling/scheduler.ts';
import { createAttachDetach } from './storage/attach-detach.ts';
import type { VolumeProvisioner, VolumePublisher } from './storage/csi-ports.ts';
import { createExternalAttacher } from './storage/external-attacher.ts';
import { createExternalProvisioner } from './storage/provisioner.ts';
import { createPvBinder } from './storage/pv-binder.ts';
import { createStorageProtection } from './storage/storage-protection.ts';

import { createDeploymentController } from './workloads/deployment-controller.ts';

/** What the behaviours of a cluster act on besides its objects. */
export interface ClusterParts extends NodeParts {
  readonly publisher: VolumePublisher;
  readonly storage: VolumeProvisioner;
  /** Name of the CSI driver that these are of; LINSTOR's unless given. */
  readonly csiDriver?: string;
  /** The label of nodes by which it places volumes. */
  readonly topologyKey?: string;
}

export interface BehaviourSettings {
  /** False: no Events are stored. Default: true. */
  readonly events?: boolean;
  readonly kubelet?: KubeletDurations;
  readonly heartbeat?: HeartbeatSettings;
  readonly nodeLifecycle?: NodeLifecycleSettings;
}

/** Every behaviour of a cluster that runs VMs, in the order in which they are added. */
export function standardBehaviours(parts: ClusterParts, settings: BehaviourSettings = {}): readonly Behaviour[] {
  const behaviours = [
    createVmController(),
    createVmiController(),
    createKubevirtNodeController(),
    createVirtHandler(parts),
    createKubelet(parts, settings.kubelet),
    createScheduler(),
    createPvBinder(),
    createStorageProtection(),
    createAttachDetach(),
    createExternalAttacher(parts),
    createExternalProvisioner(parts),
    createHeartbeat(settings.heartbeat),
    createNodeLifecycle(settings.nodeLifecycle),
    createTaintEviction(),
    createPodGarbageCollector(),
    createDeploymentController(),
  ];
  return settings.events === false ? behaviours.map((behaviour) => ({ ...behaviour, silent: true })) : behaviours;
}
