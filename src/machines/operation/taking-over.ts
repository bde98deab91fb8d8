import { type Instant, second } from '../../model/instant.ts';
import type { Known } from '../../model/known.ts';
import type { KubeObject } from '../../model/kube.ts';
import { leaseDuration, leaseRenewal } from '../../model/lease.ts';
import type { OperationContext, OperationKind } from './context.ts';
import { holderOf, journalledRecordOf } from './journal.ts';
import type { OperationSight } from './sight.ts';

/**
 * How long a new operation waits for a Lease whose holder may have died, beyond the Lease's own duration. Where a site is
 * silent a look takes five seconds, and the next one follows after five more: one look to see the Lease, one to see that it
 * has lapsed, and one for each site whose Lease is taken.
 */
const leaseWaitMargin = 25 * second;

/** Until when a new operation waits for a Lease that is still another's. */
export function leaseWaitOf(now: Instant): Instant {
  return now + leaseDuration + leaseWaitMargin;
}

/**
 * Who drives the operation, and the version of its journal that was seen: the first write insists on that version, so
 * that no decision made from it is written over one that somebody else has made since.
 */
export function sightHolder(
  object: Known<KubeObject | undefined>,
): Pick<OperationContext, 'formerHolder' | 'takenOverAt'> {
  const operation = object.known ? object.value : undefined;
  return {
    formerHolder: (operation && holderOf(operation)) ?? '',
    takenOverAt: operation?.metadata.resourceVersion ?? '',
  };
}

/**
 * What changes once the Leases are ours. The journal is read only now, when nobody else writes it any more: everything
 * that a former holder decided stays, its deadlines too.
 */
export function takenOver<Context extends OperationContext>(
  kind: OperationKind<Context>,
  context: Context,
  { operation }: OperationSight,
  now: Instant,
): Partial<Context> {
  const stored = operation.known && operation.value ? journalledRecordOf(kind, operation.value)?.context : undefined;
  const { leaseWait: _over, ...own } = context.deadlines;
  return {
    ...stored,
    ...sightHolder(operation),
    holder: context.holder,
    otherSites: context.otherSites,
    acquired: true,
    leases: {},
    deadlines: { ...(stored?.deadlines ?? own), leaseRenewal: now + leaseRenewal },
  } as Partial<Context>;
}

/** The state in which the journal left the operation; undefined when nobody has taken it up. */
export function journalledStateIn<Context extends OperationContext>(
  kind: OperationKind<Context>,
  { operation }: OperationSight,
): string | undefined {
  return operation.known && operation.value ? journalledRecordOf(kind, operation.value)?.state : undefined;
}
