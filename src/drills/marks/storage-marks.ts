import { isConnected, type Replica } from '../../drivers/sim/drbd/replica.ts';
import type { Mark, MarkFamily } from './mark.ts';

interface StorageMark extends Mark {
  readonly holds: (replica: Replica) => boolean;
}

/** What the replicas of a volume may come to. */
const states: readonly StorageMark[] = [
  seen(
    'a Primary is frozen',
    'A Primary without quorum holds its writes back.',
    ({ role, suspended }) => role === 'Primary' && suspended.quorum,
  ),
  seen('a replica is outdated', 'A replica that has missed something says so.', ({ disk }) => disk === 'Outdated'),
  seen('a resync runs', 'A replica is filled with what it has missed.', ({ peers }) =>
    some(peers.values(), ({ replication }) => replication === 'SyncTarget'),
  ),
  seen('quorum is lost', 'A replica with a disk has no quorum.', ({ kind, quorum }) => kind === 'diskful' && !quorum),
  seen(
    'a Primary is alone',
    'A Primary is connected to no other disk.',
    ({ role, peers }) =>
      role === 'Primary' && !some(peers.values(), (peer) => peer.kind === 'diskful' && isConnected(peer)),
  ),
];

export const storageMarks: MarkFamily = {
  title: 'Storage',
  marks: states,
  watch: ({ twin: { kernel } }, mark) => {
    const open = new Set(states);
    kernel.onChange((name, node) => {
      const replica = kernel.replica(name, node);
      if (replica?.running !== true) return;
      for (const state of open) {
        if (!state.holds(replica)) continue;
        open.delete(state);
        mark(state.id);
      }
    });
  },
};

function seen(id: string, says: string, holds: (replica: Replica) => boolean): StorageMark {
  return { id, says, reach: 'random', holds };
}

function some<Item>(items: Iterable<Item>, holds: (item: Item) => boolean): boolean {
  for (const item of items) if (holds(item)) return true;
  return false;
}
