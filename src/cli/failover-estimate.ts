import type { FailoverTimeouts } from '../model/failover.ts';
import type { FailoverPlan } from './failover-plan.ts';

/** How long a failover takes, as a range of whole seconds. */
export interface FailoverEstimate {
  readonly least: number;
  readonly most: number;
}

const rehearsals = 6;
const roundedTo = 5;

/**
 * The time that this failover would take: it is played in the simulated world several times, with different luck, by the
 * same machine that would run it. Undefined when it did not succeed there within its time limits.
 */
export async function estimateFailover(
  plan: FailoverPlan,
  timeouts: FailoverTimeouts,
): Promise<FailoverEstimate | undefined> {
  // A simulator is much to load: only a dry run pays for it.
  const [{ rehearse }, { readProductDefinitions }] = await Promise.all([
    import('../twin/rehearsal.ts'),
    import('./product-files.ts'),
  ]);
  const definitions = await readProductDefinitions();
  const { virtualMachines } = plan.view;
  const range = rehearse({ virtualMachines, timeouts, definitions, runs: rehearsals });
  if (range === undefined) return undefined;
  return {
    least: Math.floor(range.leastSeconds / roundedTo) * roundedTo,
    most: Math.ceil((range.mostSeconds + 1) / roundedTo) * roundedTo,
  };
}
