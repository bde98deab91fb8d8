import { type FaultFamily, reached } from './fault.ts';
import { anyNode, anyVm, broken, dataSite } from './ranges.ts';

/** What may happen to the objects and nodes of a cluster. */
export const kubernetesFaults: FaultFamily = {
  letter: 'K',
  title: 'Kubernetes and its storage',
  faults: [
    reached(
      'K1',
      'VolumeMissing',
      'The PersistentVolumes of a VM are gone from the standby site.',
      broken('pv-missing', { vm: anyVm }),
    ),
    reached('K7', 'NodeLost', 'A node loses its power, and everything on it.', broken('node-crash', { node: anyNode })),
    reached(
      'K12',
      'SiteLost',
      'A whole site goes dark: its API, its nodes, its links.',
      broken('site-loss', { site: dataSite }),
    ),
  ],
};
