import { isUnfinished } from '../../model/failover.ts';
import type { Fact } from '../definition.ts';
import type { OperationContext, OperationKind } from './context.ts';
import { type LeaseClaim, leaseIsLost, leaseIsUnseen, leasesAreOurs } from './leases.ts';
import type { OperationSight } from './sight.ts';
import { journalledStateIn } from './taking-over.ts';

/** What a guard is asked about. */
export interface GuardArgs<Context, View> {
  readonly context: Context;
  readonly event: Fact<View>;
}

/** The guards that every operation has: of its Leases, of its object, and of a person who wants it given up. */
export function operationGuards<Context extends OperationContext, View extends OperationSight>(
  kind: OperationKind<Context>,
  claimOf: (context: Context) => LeaseClaim,
) {
  type Args = GuardArgs<Context, View>;
  return {
    // Without its journal nobody may begin: another may have been half-way.
    mayBegin: ({ context, event }: Args) =>
      whenObserved(event, (view) => leasesAreOurs(claimOf(context), view.leases) && view.operation.known),
    leaseIsLost: ({ context, event }: Args) =>
      whenObserved(event, (view) => leaseIsLost(claimOf(context), view.leases)),
    leaseIsUnseen: ({ context, event }: Args) =>
      whenObserved(event, (view) => leaseIsUnseen(claimOf(context), view.leases)),
    resumes: ({ context, event }: Args, params: { readonly in: string }) =>
      whenObserved(
        event,
        (view) => leasesAreOurs(claimOf(context), view.leases) && journalledStateIn(kind, view) === params.in,
      ),
    operationHasEnded: ({ event }: Args) =>
      whenObserved(
        event,
        ({ operation }) => operation.known && (operation.value === undefined || !isUnfinished(operation.value)),
      ),
    leaseWaitIsOver: ({ event }: Args) => isDeadline(event, 'leaseWait'),
    leaseWaitIsOverAndTakenUp: ({ context, event }: Args) =>
      isDeadline(event, 'leaseWait') && context.formerHolder !== '',
    leaseRenewalIsDue: ({ event }: Args) => isDeadline(event, 'leaseRenewal'),

    cancelIsRequested: ({ event }: Args) => whenObserved(event, (view) => view.cancelRequested),
    cancelIsRequestedEarly: ({ event }: Args) =>
      whenObserved(event, (view) => view.cancelRequested && journalledStateIn(kind, view) === undefined),
  };
}

/** True for a look that shows what is asked for: false for every other fact. */
export function whenObserved<View>(fact: Fact<View>, holds: (view: View) => boolean): boolean {
  return fact.type === 'observed' && holds(fact.view);
}

/** True when the named deadline has passed. */
export function isDeadline(fact: Fact<unknown>, name: string): boolean {
  return fact.type === 'deadlinePassed' && fact.deadline === name;
}
