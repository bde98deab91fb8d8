import { type FaultFamily, reached } from './fault.ts';
import { anyVm, broken, dataSite } from './ranges.ts';

/** What may happen to VMs. */
export const kubevirtFaults: FaultFamily = {
  letter: 'V',
  title: 'KubeVirt',
  faults: [
    reached(
      'V8',
      'ImageMissing',
      'The nodes of a site get no images, so that no VM starts there.',
      broken('image-missing', { site: dataSite }),
    ),
    reached(
      'V12',
      'GuestNeverStops',
      'A guest does not end, however it is told to.',
      broken('vm-stuck', { vm: anyVm }),
    ),
  ],
};
