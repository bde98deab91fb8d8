import type { DrbdKernel } from '../../drivers/sim/drbd/kernel.ts';
import type { Replica } from '../../drivers/sim/drbd/replica.ts';
import { countWrites, differenceOf } from '../../drivers/sim/drbd/write-set.ts';
import { groupNamed } from '../stage.ts';
import { isStartOrder } from './orders.ts';
import type { Property } from './property.ts';
import { lacksWritesOn, replicasOf } from './replicas.ts';

/** Nobody is started on less than everything. */
export const unplannedBound: Property = {
  id: 'S4',
  name: 'UnplannedBound',
  says: 'A site is ordered to run a group only while it holds every write that was ever acknowledged to it: without consent no operation accepts a loss.',
  watch: (stage, judge) => {
    const { twin } = stage;
    stage.onRequest.add(({ host, request, outcome }) => {
      if (!isStartOrder(request) || outcome.kind !== 'applied') return;
      for (const volume of groupNamed(stage, request.name ?? '').volumes) {
        judge.check(
          !lacksWritesOn(twin, volume, request.site),
          () => `${host} starts ${request.site}, where each replica of ${volume} that is up lacks writes`,
        );
      }
    });
    return undefined;
  },
};

/** No resync throws away what was acknowledged. */
export const noSilentDiscard: Property = {
  id: 'S6',
  name: 'NoSilentDiscard',
  says: 'No replica that holds an acknowledged write is overwritten by one that lacks it, unless a person has said so by hand.',
  watch: ({ twin: { kernel } }, judge) => {
    const syncing = new Set<string>();
    kernel.onChange((name, node) => {
      const target = kernel.replica(name, node);
      for (const { node: source, replication, discardMyData } of target?.peers.values() ?? []) {
        const key = `${name} ${source} ${node}`;
        if (replication !== 'SyncTarget') syncing.delete(key);
        else if (!syncing.has(key)) {
          syncing.add(key);
          const lost = discardMyData ? 0 : onlyOn(kernel, name, target, kernel.replica(name, source));
          judge.check(
            lost === 0,
            () => `${lost} acknowledged writes of ${name} on ${node} are overwritten from ${source}`,
          );
        }
      }
    });
    return undefined;
  },
};

/** How many acknowledged writes are on the first replica, and neither on the second nor on any third one. */
function onlyOn(kernel: DrbdKernel, name: string, first: Replica | undefined, second: Replica | undefined): number {
  if (first === undefined || second === undefined) return 0;
  const acked = kernel.ledger.missingFrom(name, second.data);
  const here = differenceOf(acked, differenceOf(acked, first.data));
  const others = replicasOf(kernel, name).filter((replica) => replica !== first && replica !== second);
  return countWrites(others.reduce((left, { data }) => differenceOf(left, data), here));
}
