import { type FaultFamily, reached } from './fault.ts';
import { anyVm, broken, dataSite } from './ranges.ts';

/** What may happen to the replicated volumes. */
export const drbdFaults: FaultFamily = {
  letter: 'D',
  title: 'DRBD and LINSTOR',
  faults: [
    reached(
      'D2',
      'DemoteRefused',
      'The device of a VM stays open after the VM has stopped, so that DRBD cannot demote it.',
      broken('opener-stuck', { vm: anyVm }),
    ),
    reached(
      'D18',
      'TaintsFlap',
      'The quorum taint is put on the nodes of a site again, right after it was removed.',
      broken('taint-flap', { site: dataSite }),
    ),
  ],
};
