import { leaseRenewal } from '../../model/lease.ts';
import type { Fact } from '../definition.ts';
import { changesOf } from './changes.ts';
import type { OperationContext } from './context.ts';
import { withDeadline } from './deadlines.ts';
import { type LeaseClaim, leaseSightings } from './leases.ts';
import { conclude } from './progress.ts';
import type { OperationSight } from './sight.ts';
import { heldVerdict } from './verdicts.ts';

/** The changes that every operation makes of its context for the sake of its Leases. */
export function leaseAssignments<Context extends OperationContext, View extends OperationSight>(
  claimOf: (context: Context) => LeaseClaim,
) {
  const { on } = changesOf<Context, View>();
  // Only fields that every operation has are changed, to values that every operation takes.
  const onAny = (change: (context: Context, fact: Fact<View>) => Partial<OperationContext>) =>
    on((context, fact) => change(context, fact) as Partial<Context>);
  return {
    sightLeases: onAny((context, fact) =>
      fact.type === 'observed' ? { leases: leaseSightings(claimOf(context), fact.view.leases, fact.now) } : {},
    ),
    scheduleLeaseRenewal: onAny((context, { now }) =>
      withDeadline<OperationContext>(context, 'leaseRenewal', now + leaseRenewal),
    ),
    concludeHeld: onAny((context, { now }) => conclude<OperationContext>(context, now, heldVerdict(claimOf(context)))),
  };
}
