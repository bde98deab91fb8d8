import { minute, second } from '../../model/instant.ts';
import { leaseDuration } from '../../model/lease.ts';
import type { FailoverContext, FailoverInput } from './context.ts';
import { pendingSteps } from './steps.ts';

/** How long a new operation waits for a Lease whose holder may have died, beyond the Lease's own duration. */
const leaseWaitMargin = 5 * second;

/** The context of a new operation. */
export function beginContext(input: FailoverInput): FailoverContext {
  return {
    request: input.request,
    otherSites: input.otherSites,
    holder: input.holder,
    startedAt: input.now,
    virtualMachines: [],
    resources: [],
    epoch: 0,
    leases: {},
    locks: {},
    deadlines: {
      leaseWait: input.now + leaseDuration + leaseWaitMargin,
      whole: input.now + input.request.timeouts.failoverSeconds * second,
    },
    steps: pendingSteps(),
    blockers: [],
    findings: [],
  };
}

/**
 * The context with which another process takes an operation over: everything that was decided stays, deadlines too; only
 * the Leases are acquired anew, and the state in which the former holder was is entered once they are ours.
 */
export function takeOverContext(context: FailoverContext, state: string, holder: string, now: number): FailoverContext {
  const resumeIn = state === 'acquiringLease' ? context.resumeIn : state;
  const { leaseRenewal: _renewal, ...deadlines } = context.deadlines;
  return {
    ...context,
    holder,
    leases: {},
    deadlines: { ...deadlines, leaseWait: now + minute },
    ...(resumeIn === undefined ? {} : { resumeIn }),
  };
}
