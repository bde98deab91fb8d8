import type { Instant } from '../../model/instant.ts';
import type { ResourceType } from '../../model/kube.ts';
import type { JsonObject } from '../../model/json.ts';
import type { LeaseSighting } from '../../model/lease.ts';
import type { OperationVerdict, StepView } from '../../model/projection.ts';
import type { SiteName } from '../../model/site.ts';
import type { MachineRecord } from '../definition.ts';

/** The instants that every operation waits for. Each row says when it fires, and why. */
export interface OperationDeadlines {
  /** The group's Lease is still another's: the new operation is refused. */
  readonly leaseWait?: Instant;
  /** Our Leases are due to be renewed. */
  readonly leaseRenewal?: Instant;
}

/** What every operation remembers between facts: plain JSON, kept in its object. */
export interface OperationContext {
  readonly request: { readonly name: string; readonly namespace: string; readonly group: string };
  /** Further sites whose Lease is taken where they answer: the quorum site. */
  readonly otherSites: readonly SiteName[];
  /** Identity of the process that drives the operation, as in the Leases. */
  readonly holder: string;
  /** Who drove the operation when it was last seen without us; '' when nobody did. */
  readonly formerHolder: string;
  /** resourceVersion of the operation's object as it was seen then: the first write of the journal insists on it. */
  readonly takenOverAt: string;
  /** True from the moment at which the Leases are ours. */
  readonly acquired: boolean;
  readonly startedAt: Instant;
  /** The epoch of this operation; 0 until it is fixed. */
  readonly epoch: number;
  readonly leases: Readonly<Record<SiteName, LeaseSighting>>;
  readonly deadlines: OperationDeadlines;
  readonly steps: readonly StepView<string>[];
  /** What the present state waits for, in sentences. */
  readonly blockers: readonly string[];
  readonly verdict?: OperationVerdict;
}

/** A kind of operation: the object that is its order and its journal, and where that is kept. */
export interface OperationKind<Context extends OperationContext> {
  readonly machine: string;
  /** Version of the stored form. */
  readonly version: number;
  readonly resource: ResourceType;
  /** The site that keeps the object. */
  readonly homeOf: (context: Context) => SiteName;
  /** The status of the object, derived from the record alone. */
  readonly statusOf: (record: MachineRecord<Context>, now: Instant) => JsonObject;
}
