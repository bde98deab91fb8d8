import type { FailoverView } from '../../model/failover-view.ts';
import { type Instant, second } from '../../model/instant.ts';
import { leaseRenewal } from '../../model/lease.ts';
import type { FailoverContext, FailoverInput } from './context.ts';
import { leaseWaitOf, sightHolder } from '../operation/taking-over.ts';
import { journalledRecord } from './journal.ts';
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

/**
 * What changes once the Leases are ours. The journal is read only now, when nobody else writes it any more: everything
 * that a former holder decided stays, its deadlines too.
 */
export function acquire(context: FailoverContext, view: FailoverView, now: Instant): Partial<FailoverContext> {
  const operation = view.operation.known ? view.operation.value : undefined;
  const { leaseWait: _over, ...own } = context.deadlines;
  const stored = operation && journalledRecord(operation)?.context;
  return {
    ...stored,
    ...sightOperation(view),
    holder: context.holder,
    otherSites: context.otherSites,
    acquired: true,
    leases: {},
    deadlines: { ...(stored?.deadlines ?? own), leaseRenewal: now + leaseRenewal },
  };
}

/** Who drives the operation, and where DRBD can be asked. */
export function sightOperation(
  view: FailoverView,
): Pick<FailoverContext, 'formerHolder' | 'takenOverAt'> & Pick<Partial<FailoverContext>, 'satellites'> {
  return {
    ...sightHolder(view.operation),
    ...(view.satellites.known ? { satellites: view.satellites.value } : {}),
  };
}

/** The state in which the journal left the operation; undefined when nobody has taken it up. */
export function journalledState(view: FailoverView): string | undefined {
  const operation = view.operation.known ? view.operation.value : undefined;
  return operation && journalledRecord(operation)?.state;
}
