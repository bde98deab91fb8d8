import type { Instant } from '../../model/instant.ts';
import type { ApiRequest } from '../../model/request.ts';
import type { Fact } from '../definition.ts';
import { type LeaseClaim, releaseLeases, renewLeases, takeNextLease } from './leases.ts';
import type { OperationSight } from './sight.ts';

type Build<Context, View> = (context: Context, fact: Fact<View>) => readonly ApiRequest[];

/** The requests behind the effects that every operation has. */
export function leaseEffects<Context, View extends OperationSight>(claimOf: (context: Context) => LeaseClaim) {
  return {
    takeNextLease: orderedByLook((context, { leases }, now) => takeNextLease(claimOf(context), leases, now)),
    renewLeases: (context, { now }) => renewLeases(claimOf(context), now),
    releaseLeases: (context) => releaseLeases(claimOf(context)),
    // Who cannot see its Lease waits: another may act by now.
    orderNothing: () => [],
  } satisfies Readonly<Record<string, Build<Context, View>>>;
}

/** The requests that follow from a look; none follow from any other fact. */
export function orderedByLook<Context, View>(
  build: (context: Context, view: View, now: Instant) => readonly ApiRequest[],
): Build<Context, View> {
  return (context, fact) => (fact.type === 'observed' ? build(context, fact.view, fact.now) : []);
}
