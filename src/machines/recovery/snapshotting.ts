import { second } from '../../model/instant.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { type SnapshotOrder, snapshotState } from '../../model/recovery/snapshots.ts';
import type { RecoveryContext } from './context.ts';

/** The snapshots that are taken of what is given up, one for each volume. Its name tells when the operation began. */
export function snapshotOrders({ givenUp, startedAt }: RecoveryContext): readonly SnapshotOrder[] {
  const name = `before-recovery-${Math.floor(startedAt / second)}`;
  const kept = givenUp.filter(({ snapshot }) => snapshot);
  return [...new Set(kept.map(({ resource }) => resource))].map((resource) => ({
    resource,
    nodes: kept.filter((each) => each.resource === resource).map(({ node }) => node),
    name,
  }));
}

/** Those that are not known to have been taken. */
export function openSnapshots(context: RecoveryContext, view: RecoveryView): readonly SnapshotOrder[] {
  return snapshotOrders(context).filter((order) => snapshotState(order, view) !== 'taken');
}

/** What is still waited for, in sentences. */
export function snapshotBlockers(context: RecoveryContext, view: RecoveryView): readonly string[] {
  return openSnapshots(context, view).map((order) => {
    const { resource, nodes, name } = order;
    const state = snapshotState(order, view);
    const why = state === 'unknown' && !view.snapshots.known ? view.snapshots.why : state;
    return `snapshot ${name} of ${resource} on ${nodes.join(', ')}: ${why}`;
  });
}
