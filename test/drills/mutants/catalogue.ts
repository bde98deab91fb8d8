import { failoverGuardMutants } from './guards.ts';
import type { Mutant } from './mutant.ts';

/** Every planted bug. */
export const mutants: readonly Mutant[] = [...failoverGuardMutants];
