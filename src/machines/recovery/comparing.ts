import { type DrbdOrder } from '../../model/drbd-order.ts';
import type { Instant } from '../../model/instant.ts';
import { keepLast } from '../../model/memo.ts';
import {
  beginning,
  begunAnew,
  type Comparison,
  comparisonProgress,
  comparisonsOf,
  followed,
  isTold,
  ordered,
  repaired,
  repairOrder,
  unknownResult,
  waitOf,
} from '../../model/recovery/comparison.ts';
import type { VolumeCopies } from '../../model/recovery/copies.ts';
import type { RecoveryView } from '../../model/recovery/recovery-view.ts';
import { replacedSite } from '../../model/recovery/recovery-request.ts';
import type { SiteName } from '../../model/site.ts';
import type { RecoveryContext } from './context.ts';

/** Every two copies of every volume, to be compared. */
export function plannedComparisons(view: RecoveryView): readonly Comparison[] {
  return view.volumes.flatMap(comparisonsOf);
}

const lastComparisons = keepLast<readonly Comparison[]>();

/** The comparisons after this look: the one that runs is followed, and the next ones that cannot begin have no result. */
export function comparisonsAfter(
  { comparisons }: RecoveryContext,
  view: RecoveryView,
  now: Instant,
): readonly Comparison[] {
  return lastComparisons([view, comparisons, now], () => {
    const after = comparisons.map((each) =>
      each.result === 'Running' ? withVolume(each, view, (volume) => followed(each, volume, now)) : each,
    );
    if (after.some(({ result }) => result === 'Running')) return after;
    let isNext = true;
    return after.map((each) => {
      if (each.result !== 'Pending' || !isNext) return each;
      const current = withVolume(each, view, (volume) => ordered(each, volume, now));
      if (current.result !== 'Pending') {
        isNext = current.result !== 'Running';
        return current;
      }
      const why = obstacleOf(current, view);
      isNext = why !== undefined;
      return why === undefined ? current : unknownResult(current, now, why);
    });
  });
}

/** The command that begins the next comparison, one at a time: each reads two whole disks, and the VMs go on meanwhile. */
export function nextComparison(context: RecoveryContext, view: RecoveryView, now: Instant): readonly DrbdOrder[] {
  const next = underWay(comparisonsAfter(context, view, now));
  const volume = next && volumeOf(next, view);
  if (next?.result !== 'Pending' || volume === undefined || waitOf(next, volume) !== undefined) return [];
  const request = beginning(next, volume);
  return typeof request === 'string' ? [] : [request];
}

/** What the comparisons wait for, in sentences. */
export function comparisonBlockers(comparisons: readonly Comparison[], view: RecoveryView): readonly string[] {
  const current = underWay(comparisons);
  const volume = current && volumeOf(current, view);
  if (current === undefined) return [];
  if (volume === undefined) return [`${current.resource} is not told of`];
  return [comparisonProgress(current, volume)];
}

/** True while the nodes of the comparison that is under way tell of their copies. */
export function isHeard(comparisons: readonly Comparison[], view: RecoveryView): boolean {
  const current = underWay(comparisons);
  const volume = current && volumeOf(current, view);
  return current === undefined || (volume !== undefined && isTold(current, volume));
}

/** The comparison that runs, or else the one that is to begin next. */
export function underWay(comparisons: readonly Comparison[]): Comparison | undefined {
  return (
    comparisons.find(({ result }) => result === 'Running') ?? comparisons.find(({ result }) => result === 'Pending')
  );
}

/** The comparisons with a change of the one that is under way. */
export function withUnderWay(
  comparisons: readonly Comparison[],
  change: (comparison: Comparison) => Comparison,
): readonly Comparison[] {
  const current = underWay(comparisons);
  return comparisons.map((each) => (each === current ? change(each) : each));
}

/** The comparisons after another look at their repair. One whose connection was lost has to be done again. */
export function repairsAfter(
  { comparisons }: RecoveryContext,
  view: RecoveryView,
  now: Instant,
): readonly Comparison[] {
  return comparisons.map((each) => {
    if (each.result !== 'Different') return each;
    const after = withVolume(each, view, (volume) => repaired(each, volume, now));
    return after.result === 'Unknown' ? begunAnew(each) : after;
  });
}

/** The orders to replace what differs, and why those that are missing cannot be given. */
export function repairOrders(context: RecoveryContext, view: RecoveryView): readonly (DrbdOrder | string)[] {
  const site = repairSite(context);
  if (site === undefined) return [];
  return context.comparisons.flatMap((each) => {
    const volume = each.result === 'Different' ? volumeOf(each, view) : undefined;
    if (volume === undefined) return [];
    return [waitOf(each, volume) ?? repairOrder(each, volume, site)];
  });
}

/** The site whose blocks a person has allowed to be replaced. */
export function repairSite({ request }: RecoveryContext): SiteName | undefined {
  return request.consents.some(({ kind }) => kind === 'ReplaceBlocks') ? replacedSite(request) : undefined;
}

function obstacleOf(comparison: Comparison, view: RecoveryView): string | undefined {
  const volume = volumeOf(comparison, view);
  if (volume === undefined || waitOf(comparison, volume) !== undefined) return undefined;
  const request = beginning(comparison, volume);
  return typeof request === 'string' ? request : undefined;
}

function withVolume(
  comparison: Comparison,
  view: RecoveryView,
  change: (volume: VolumeCopies) => Comparison,
): Comparison {
  const volume = volumeOf(comparison, view);
  return volume === undefined ? comparison : change(volume);
}

function volumeOf({ resource }: Comparison, { volumes }: RecoveryView): VolumeCopies | undefined {
  return volumes.find((volume) => volume.resource === resource);
}
