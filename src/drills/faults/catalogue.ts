import { apiFaults } from './api-faults.ts';
import { clockFaults } from './clock-faults.ts';
import { compositeFaults } from './composite-faults.ts';
import { drbdFaults } from './drbd-faults.ts';
import { type Fault, type FaultFamily, isReached, type ReachedFault } from './fault.ts';
import { humanFaults } from './human-faults.ts';
import { kubernetesFaults } from './kubernetes-faults.ts';
import { kubevirtFaults } from './kubevirt-faults.ts';
import { networkFaults } from './network-faults.ts';
import { processFaults } from './process-faults.ts';
import { watchFaults } from './watch-faults.ts';

/** Every family of faults, in the order of docs/faults.md. */
export const faultFamilies: readonly FaultFamily[] = [
  apiFaults,
  watchFaults,
  processFaults,
  clockFaults,
  networkFaults,
  drbdFaults,
  kubernetesFaults,
  kubevirtFaults,
  humanFaults,
  compositeFaults,
];

/** Every fault that is known of. */
export const catalogue: readonly Fault[] = faultFamilies.flatMap(({ faults }) => faults);

/** Those that a run can meet. */
export const reachedFaults: readonly ReachedFault[] = catalogue.filter(isReached);

/** Those that the swarm draws. */
export const drawnFaults: readonly ReachedFault[] = reachedFaults.filter(({ reach }) => reach.notDrawn === undefined);
