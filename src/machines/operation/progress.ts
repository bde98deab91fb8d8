import type { Instant } from '../../model/instant.ts';
import type { OperationVerdict } from '../../model/projection.ts';
import type { OperationContext } from './context.ts';
import { endStep, noteProgress } from './steps.ts';

/** Notes what the present step waits for. */
export function waiting<Context extends OperationContext>(
  { steps }: Context,
  blockers: readonly string[],
  now: Instant,
): Pick<Context, 'steps' | 'blockers'> {
  return { steps: noteProgress(steps, now, blockers), blockers };
}

/** Ends the operation with its verdict: nothing is waited for any more. */
export function conclude<Context extends OperationContext>(
  { steps }: Context,
  now: Instant,
  verdict: OperationVerdict,
): Pick<Context, 'verdict' | 'steps' | 'deadlines'> {
  const isAsWanted = verdict.kind === 'succeeded' || verdict.kind === 'rolledBack' || verdict.kind === 'cancelled';
  const message = isAsWanted ? undefined : verdict.reason;
  return { verdict, steps: endStep(steps, isAsWanted ? 'done' : 'failed', now, message), deadlines: {} };
}
