import type { FailoverPlan } from './failover-plan.ts';

/** How long a failover takes, as a range of whole seconds. */
export interface FailoverEstimate {
  readonly least: number;
  readonly most: number;
}

/** The time that this failover would take; undefined while it cannot be simulated. */
export async function estimateFailover(_plan: FailoverPlan): Promise<FailoverEstimate | undefined> {
  return undefined;
}
