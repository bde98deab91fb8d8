import type { FailoverRequest } from '../../model/failover.ts';
import type { Finding } from '../../model/findings.ts';
import type { Instant } from '../../model/instant.ts';
import type { StepView } from '../../model/projection.ts';
import type { Satellite } from '../../model/satellite.ts';
import type { SiteName } from '../../model/site.ts';
import type { LockTrack } from '../drbd-lock/track.ts';
import type { OperationContext, OperationDeadlines } from '../operation/context.ts';
import { type LeaseClaim, leaseSitesOf } from '../operation/leases.ts';

/** The instants that a failover waits for. Each row says when it fires, and why. */
export interface FailoverDeadlines extends OperationDeadlines {
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
export interface FailoverContext extends OperationContext {
  readonly request: FailoverRequest;
  /** The group's VMs, fixed when the operation began; empty before. */
  readonly virtualMachines: readonly string[];
  /** The LINSTOR resources of their volumes, fixed likewise. */
  readonly resources: readonly string[];
  /** Unplanned: where DRBD of the target can be asked and told, as last seen. */
  readonly satellites?: readonly Satellite[];
  /** Unplanned: the volumes whose promotion DRBD has been, or may have been, forced to. From then on there is no way back. */
  readonly forced?: readonly string[];
  readonly locks: LockTrack;
  readonly deadlines: FailoverDeadlines;
  readonly steps: readonly StepView[];
  /** What preflight found, errors and warnings. */
  readonly findings: readonly Finding[];
  /** Why the operation turned back, until the way back has ended. */
  readonly setback?: Setback;
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

/** What the operation claims: the Leases of its group, above all the target's, where the journal is. */
export function claimOf(context: FailoverContext): LeaseClaim {
  return { context, home: context.request.target, peer: context.request.source };
}

export function leaseSites(context: FailoverContext): readonly SiteName[] {
  return leaseSitesOf(claimOf(context));
}
