import type { FailoverView } from '../../model/failover-view.ts';
import { type Instant, second } from '../../model/instant.ts';
import { leaseDuration, leaseRenewal } from '../../model/lease.ts';
import type { FailoverContext, FailoverInput } from './context.ts';
import { holderOf, journalledRecord } from './journal.ts';
import { pendingSteps } from './steps.ts';

/**
 * How long a new operation waits for a Lease whose holder may have died, beyond the Lease's own duration. Where a site is
 * silent a look takes five seconds, and the next one follows after five more: one look to see the Lease, one to see that it
 * has lapsed, and one for each site whose Lease is taken.
 */
const leaseWaitMargin = 25 * second;

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
      ...(input.patient ? {} : { leaseWait: input.now + leaseDuration + leaseWaitMargin }),
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

/**
 * Who drives the operation, and the version of its journal that was seen: the first write insists on that version, so
 * that no decision made from it is written over one that somebody else has made since. With them, where DRBD can be asked.
 */
export function sightOperation(
  view: FailoverView,
): Pick<FailoverContext, 'formerHolder' | 'takenOverAt'> & Pick<Partial<FailoverContext>, 'satellites'> {
  const operation = view.operation.known ? view.operation.value : undefined;
  return {
    formerHolder: (operation && holderOf(operation)) ?? '',
    takenOverAt: operation?.metadata.resourceVersion ?? '',
    ...(view.satellites.known ? { satellites: view.satellites.value } : {}),
  };
}

/** The state in which the journal left the operation; undefined when nobody has taken it up. */
export function journalledState(view: FailoverView): string | undefined {
  const operation = view.operation.known ? view.operation.value : undefined;
  return operation && journalledRecord(operation)?.state;
}
