import { type FaultFamily, notReached, reached } from './fault.ts';
import { maybe, oneOf, only } from './knob.ts';
import { anyNode, anyVm, broken, dataSite } from './ranges.ts';

/** What may happen to the objects and nodes of a cluster. */
export const kubernetesFaults: FaultFamily = {
  letter: 'K',
  title: 'Kubernetes and its storage',
  faults: [
    reached(
      'K1',
      'VolumeMissing',
      'The PersistentVolumes of a VM are gone from the site that it is to move to.',
      broken('pv-missing', { vm: anyVm, site: maybe(only('cluster2')) }),
    ),
    reached(
      'K2',
      'ClaimLost',
      'The PersistentVolumes of a VM are gone from the site on which it runs: its claims are Lost.',
      broken('pv-missing', { vm: anyVm, site: only('cluster1') }),
    ),
    reached(
      'K3',
      'ClaimMismatch',
      'The PersistentVolumes of a VM are bound to a claim that has the name and is another.',
      broken('claim-mismatch', { vm: anyVm, site: dataSite }),
    ),
    notReached(
      'K4',
      'WaitForFirstConsumer',
      'Claims are bound when their first pod is placed.',
      'the claims of a protected VM are bound on both sites before anything can go wrong',
    ),
    reached(
      'K5',
      'CsiDown',
      'The attacher of the storage driver does not run: nothing is attached, and nothing detached.',
      broken('component-down', { site: dataSite, component: only('csi-attacher') }),
    ),
    reached(
      'K6',
      'AttachmentStale',
      'The controller that attaches and detaches does not run: attachments of pods that are gone stay.',
      broken('component-down', { site: dataSite, component: only('attach-detach') }),
    ),
    reached('K7', 'NodeLost', 'A node loses its power, and everything on it.', broken('node-crash', { node: anyNode })),
    reached(
      'K8',
      'FinalizerKept',
      'The launcher pod of a VM has a finalizer that nobody removes.',
      broken('pod-kept', { vm: anyVm, site: dataSite }),
    ),
    notReached(
      'K9',
      'NamespaceTerminating',
      'The namespace of the VMs is being deleted.',
      'the namespace cannot come back with what was in it, and every run ends with everything mended',
    ),
    reached(
      'K10',
      'QuotaUsedUp',
      'A quota lets no more pods into the namespace of the VMs.',
      broken('pod-quota', { site: dataSite }),
    ),
    reached(
      'K11',
      'ReclaimDelete',
      'The PersistentVolumes of a VM would be deleted with their claims.',
      broken('reclaim-delete', { vm: anyVm, site: dataSite }),
    ),
    reached(
      'K12',
      'SiteLost',
      'A whole site goes dark: its API, its nodes, its links.',
      broken('site-loss', { site: dataSite }),
    ),
    reached(
      'K13',
      'NodeDeleted',
      'The Node object of a machine that works is deleted.',
      broken('node-deleted', { node: anyNode }),
    ),
    reached(
      'K14',
      'ControlPlaneDown',
      'The scheduler or the kubelets of a site do not run.',
      broken('component-down', { site: dataSite, component: oneOf('scheduler', 'kubelet') }),
    ),
  ],
};
