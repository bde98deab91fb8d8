import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { snapshotRequests } from '../../model/recovery/snapshots.ts';
import type { ApiRequest } from '../../model/request.ts';
import type { Fact } from '../definition.ts';
import { leaseEffects, orderedByLook } from '../operation/effects.ts';
import { nextComparison, repairOrders } from './comparing.ts';
import { claimOf, type RecoveryContext } from './context.ts';
import { dueOrders, withdrawals } from './reuniting.ts';
import { openSnapshots } from './snapshotting.ts';

type Build = (context: RecoveryContext, fact: Fact<RecoveryView>) => readonly ApiRequest[];

/** The requests behind each effect action. All are "ensure" orders: what an observation shows done asks for nothing. */
export const recoveryEffects: Readonly<Record<string, Build>> = {
  ...leaseEffects<RecoveryContext, RecoveryView>(claimOf),
  takeSnapshots: orderedByLook((context, view) =>
    openSnapshots(context, view).flatMap((order) => snapshotRequests(order, view.volumes)),
  ),
  reunite: orderedByLook((context, view, now) => dueOrders(context, view, now).map(({ request }) => request)),
  // What is given up is given up now, or asked for anew: not on the day on which the link is back.
  withdrawDiscards: (context) => withdrawals(context),
  startComparison: orderedByLook(nextComparison),
  replaceBlocks: orderedByLook((context, view) =>
    repairOrders(context, view).flatMap((order) => (typeof order === 'string' ? [] : [order])),
  ),
};
