import { resources } from '../model/kube.ts';
import { satelliteSelector } from '../model/satellite.ts';
import type { StorageBackend } from '../model/storage-backend.ts';
import type { CopiedType } from './site-copies.ts';

/** Of the pods only those that run VMs. */
const launcherPods: CopiedType = { resource: resources.pod, labelSelector: 'kubevirt.io=virt-launcher' };

/** What a group's machine reads of its own site. */
const followedByGroupController: readonly CopiedType[] = [
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

/** What DRBD Operator's agents write, and which of them answer. LINSTOR has no objects to follow. */
const followedOfStorage: Readonly<Record<StorageBackend, readonly CopiedType[]>> = {
  linstor: [],
  'drbd-operator': [
    { resource: resources.drbdVolume },
    { resource: resources.pod, labelSelector: satelliteSelector, isAskedBySelector: true },
  ],
};

/** What a group's machine reads of its own site, and of each other one that may run the group. */
export function followedTypes(storage: StorageBackend): {
  readonly own: readonly CopiedType[];
  readonly peers: readonly CopiedType[];
} {
  return {
    own: [...followedByGroupController, ...followedOfStorage[storage]],
    peers: [...followedOfPeers, ...followedOfStorage[storage]],
  };
}

/** And of the other sites that may run the group. */
const followedOfPeers: readonly CopiedType[] = [
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
