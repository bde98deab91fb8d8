import type { FailoverView } from '../../model/failover-view.ts';
import { type Instant, second } from '../../model/instant.ts';
import type { FailoverContext, FailoverInput } from './context.ts';
import { leaseWaitOf, sightHolder, takenOver } from '../operation/taking-over.ts';
import { failoverKind } from './journal.ts';
import { pendingSteps } from './steps.ts';

/** The context of an operation before its Leases are ours. */
export function beginContext(input: FailoverInput): FailoverContext {
  return {
    request: input.request,
    otherSites: input.otherSites,
    holder: input.holder,
    formerHolder: '',
    takenOverAt: '',
    acquired: false,
    startedAt: input.now,
    virtualMachines: [],
    resources: [],
    epoch: 0,
    leases: {},
    locks: {},
    deadlines: {
      ...(input.patient ? {} : { leaseWait: leaseWaitOf(input.now) }),
      whole: input.now + input.request.timeouts.failoverSeconds * second,
    },
    steps: pendingSteps(input.request.mode),
    blockers: [],
    findings: [],
  };
}

/** What changes once the Leases are ours. */
export function acquire(context: FailoverContext, view: FailoverView, now: Instant): Partial<FailoverContext> {
  return { ...takenOver(failoverKind, context, view, now), ...sightSatellites(view) };
}

/** Who drives the operation, and where DRBD can be asked. */
export function sightOperation(view: FailoverView): Partial<FailoverContext> {
  return { ...sightHolder(view.operation), ...sightSatellites(view) };
}

function sightSatellites({ satellites }: FailoverView): Partial<FailoverContext> {
  return satellites.known ? { satellites: satellites.value } : {};
}
