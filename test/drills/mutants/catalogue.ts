import { effectMutants } from './effects.ts';
import { failoverGuardMutants } from './guards.ts';
import { recoveryGuardMutants } from './recovery-guards.ts';
import { hostMutants } from './hosts.ts';
import { leaseMutants } from './leases.ts';
import type { Mutant } from './mutant.ts';
import { operatorMutants } from './operator.ts';
import { projectionMutants } from './projections.ts';

/** Every planted bug. */
export const mutants: readonly Mutant[] = [
  ...failoverGuardMutants,
  ...recoveryGuardMutants,
  ...hostMutants,
  ...leaseMutants,
  ...effectMutants,
  ...projectionMutants,
  ...operatorMutants,
];
