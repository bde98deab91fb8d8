import type { FailoverRequest } from '../../model/failover.ts';
import type { Finding } from '../../model/findings.ts';
import type { Instant } from '../../model/instant.ts';
import type { LeaseSighting } from '../../model/lease.ts';
import { keepLast } from '../../model/memo.ts';
import type { OperationVerdict, StepView } from '../../model/projection.ts';
import type { Satellite } from '../../model/satellite.ts';
import type { SiteName } from '../../model/site.ts';
import type { LockTrack } from '../drbd-lock/track.ts';

/** The instants that a failover waits for. Each row says when it fires, and why. */
export interface FailoverDeadlines {
  /** The group's Lease is still another's: the new operation is refused. */
  readonly leaseWait?: Instant;
  /** Our Leases are due to be renewed. */
  readonly leaseRenewal?: Instant;
  /** FAILOVER_TIMEOUT: the whole operation should be over. Before the point of no return it rolls back. */
  readonly whole?: Instant;
  /** DRBD_WAIT_TIME: the source's replicas should have become Secondary since its VMs stopped. */
  readonly drbdWait?: Instant;
  /** TAINT_REMOVAL_WINDOW: until then quorum taints that come back are removed again. */
  readonly taintWindow?: Instant;
  /** DRBD_WAIT_TIME, and time for a take-over: volumes that are forced should be promotable. */
  readonly force?: Instant;
  /** VM_START_TIMEOUT: the target's VMs should run; on the way back, the source's. */
  readonly vmStart?: Instant;
}

/** What a failover remembers between facts: plain JSON, kept in the Failover object. */
export interface FailoverContext {
  readonly request: FailoverRequest;
  /** Further sites whose Lease is taken where they answer: the quorum site. */
  readonly otherSites: readonly SiteName[];
  /** Identity of the process that drives the operation, as in the Leases. */
  readonly holder: string;
  /** Who drove the operation when it was last seen without us; '' when nobody did. */
  readonly formerHolder: string;
  /** resourceVersion of the Failover object as it was seen then: the first write of the journal insists on it. */
  readonly takenOverAt: string;
  /** True from the moment at which the Leases are ours. */
  readonly acquired: boolean;
  readonly startedAt: Instant;
  /** The group's VMs, fixed when the operation began; empty before. */
  readonly virtualMachines: readonly string[];
  /** The LINSTOR resources of their volumes, fixed likewise. */
  readonly resources: readonly string[];
  /** The epoch of this operation; 0 until it is fixed. */
  readonly epoch: number;
  /** Unplanned: where DRBD of the target can be asked and told, as last seen. */
  readonly satellites?: readonly Satellite[];
  /** Unplanned: the volumes whose promotion DRBD has been, or may have been, forced to. From then on there is no way back. */
  readonly forced?: readonly string[];
  readonly leases: Readonly<Record<SiteName, LeaseSighting>>;
  readonly locks: LockTrack;
  readonly deadlines: FailoverDeadlines;
  readonly steps: readonly StepView[];
  /** What the present state waits for, in sentences. */
  readonly blockers: readonly string[];
  /** What preflight found, errors and warnings. */
  readonly findings: readonly Finding[];
  /** Why the operation turned back, until the way back has ended. */
  readonly setback?: Setback;
  readonly verdict?: OperationVerdict;
}

/** What made an operation turn back. */
export interface Setback {
  readonly kind: 'timeout' | 'cancelled' | 'error';
  readonly reason: string;
}

/** With what a process begins to drive an operation, a new one or one that another process has left. */
export interface FailoverInput {
  readonly request: FailoverRequest;
  readonly otherSites: readonly SiteName[];
  readonly holder: string;
  readonly now: Instant;
  /** False: a Lease that stays with another refuses the operation. True: wait for as long as it takes (a take-over). */
  readonly patient: boolean;
}

/**
 * The sites whose Leases exclude a second operation, in the order in which they are taken: by name, so that a failover
 * and a failback that are started at once meet at the same Lease first, and one of them gets all.
 */
export function leaseSites({ request, otherSites }: FailoverContext): readonly SiteName[] {
  return lastLeaseSites([request, otherSites], () => [request.target, request.source, ...otherSites].toSorted());
}

const lastLeaseSites = keepLast<readonly SiteName[]>();

/**
 * Under which namespace and name a site keeps the Lease. The two sites of the group keep it beside the group; another
 * site need not have that namespace, so there it is in `default`, under a name that carries the namespace.
 */
export function leasePlace(
  context: FailoverContext,
  site: SiteName,
): { readonly namespace: string; readonly group: string } {
  const { namespace, group } = context.request;
  return context.otherSites.includes(site)
    ? { namespace: 'default', group: `${namespace}.${group}` }
    : { namespace, group };
}
