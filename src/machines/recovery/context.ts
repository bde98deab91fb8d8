import type { Instant } from '../../model/instant.ts';
import type { StepView } from '../../model/projection.ts';
import type { Comparison } from '../../model/recovery/comparison.ts';
import type { GivenUp } from '../../model/recovery/recovery-evidence.ts';
import type { RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { Satellite } from '../../model/satellite.ts';
import type { SiteName } from '../../model/site.ts';
import type { OperationContext, OperationDeadlines } from '../operation/context.ts';
import { type LeaseClaim, leaseSitesOf } from '../operation/leases.ts';

/** The steps that people are shown, in their order; `repair` appears only when it is taken. */
export type RecoveryStep = 'snapshot' | 'reunite' | 'compare' | 'repair';

/** The instants that a recovery waits for. Each row says when it fires, and why. */
export interface RecoveryDeadlines extends OperationDeadlines {
  /** The snapshots of what is given up should have been taken. */
  readonly snapshot?: Instant;
  /** Nothing has changed for five minutes: what goes on takes as long as it takes, but it goes on. */
  readonly stall?: Instant;
  /** A node whose copy is compared has been silent for a minute. */
  readonly silence?: Instant;
}

/** What a recovery remembers between facts: plain JSON, kept in the Recovery object. */
export interface RecoveryContext extends OperationContext {
  readonly request: RecoveryRequest;
  /** The LINSTOR resources of the group's volumes, fixed when the operation began; empty before. */
  readonly resources: readonly string[];
  /** The nodes that know one of these, fixed likewise: no other one is asked. */
  readonly nodes: readonly string[];
  /** Where DRBD can be asked and told, as last seen. */
  readonly satellites: readonly Satellite[];
  /** Resolve: the node of each volume whose copy survives. */
  readonly survivors: Readonly<Record<string, string>>;
  /** Resolve: the copies that a person has given up, as they were then. */
  readonly givenUp: readonly GivenUp[];
  /** When each command was last given, by what it is and where. */
  readonly told: Readonly<Record<string, Instant>>;
  readonly comparisons: readonly Comparison[];
  /** Names how far the copies had come when they were last looked at; empty before. */
  readonly progress: string;
  readonly deadlines: RecoveryDeadlines;
  readonly steps: readonly StepView<RecoveryStep>[];
}

/** With what a process begins to drive a recovery, a new one or one that another process has left. */
export interface RecoveryInput {
  readonly request: RecoveryRequest;
  readonly otherSites: readonly SiteName[];
  readonly holder: string;
  readonly now: Instant;
  /** False: a Lease that stays with another refuses the operation. True: wait for as long as it takes (a take-over). */
  readonly patient: boolean;
}

/** What the operation claims: the same Leases as the failovers of its group, above all the one where its journal is. */
export function claimOf(context: RecoveryContext): LeaseClaim {
  return { context, home: context.request.driver, peer: context.request.other };
}

export function leaseSites(context: RecoveryContext): readonly SiteName[] {
  return leaseSitesOf(claimOf(context));
}
