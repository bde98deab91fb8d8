import { resources } from '../model/kube.ts';
import type { CopiedType } from './site-copies.ts';

/** Of the pods only those that run VMs. */
const launcherPods: CopiedType = { resource: resources.pod, labelSelector: 'kubevirt.io=virt-launcher' };

/** What a group's machine reads of its own site. */
export const followedByGroupController: readonly CopiedType[] = [
  { resource: resources.protectionGroup },
  { resource: resources.failover },
  { resource: resources.recovery },
  { resource: resources.virtualMachine },
  { resource: resources.virtualMachineInstance },
  launcherPods,
  { resource: resources.persistentVolumeClaim },
  { resource: resources.persistentVolume },
  { resource: resources.volumeAttachment },
  { resource: resources.node },
  { resource: resources.storageClass },
];

/** And of the other sites that may run the group. */
export const followedOfPeers: readonly CopiedType[] = [
  { resource: resources.protectionGroup },
  { resource: resources.recovery },
];

/** The kinds of objects that are operations. */
export const followedByFailoverController: readonly CopiedType[] = [
  { resource: resources.failover },
  { resource: resources.recovery },
];

/** What is followed on both sites of an operation, so that it is looked at when something has happened. */
export const followedForOperations: readonly CopiedType[] = [
  { resource: resources.lease },
  { resource: resources.failover },
  { resource: resources.recovery },
  { resource: resources.protectionGroup },
  { resource: resources.virtualMachine },
  { resource: resources.virtualMachineInstance },
  launcherPods,
];
