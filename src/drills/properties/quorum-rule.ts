import { quorumOf } from '../../drivers/sim/drbd/quorum.ts';
import { isConnected, type Peer, type Replica } from '../../drivers/sim/drbd/replica.ts';
import type { Property } from './property.ts';

/** What one node knows of a node with a disk, itself included. */
export type Seen = 'upToDate' | 'here' | 'outdated' | 'expelled' | 'unknown';

/** All that the quorum of a node with a disk depends on. */
export interface QuorumScene {
  /** Every node with a disk, this one first. */
  readonly seen: readonly Seen[];
  readonly tiebreakers: { readonly here: number; readonly away: number };
  readonly quorum: 'off' | 'majority' | 'all' | number;
  readonly redundancy: 'off' | 'majority' | 'all' | number;
  readonly hadQuorum: boolean;
}

/** The simulated kernel counts as DRBD does. */
export const quorumArithmetic: Property = {
  id: 'S17',
  name: 'QuorumArith',
  says: "The world's DRBD grants quorum exactly where DRBD's rule does, counted here in another way: enough voters are here, or half of them and most tiebreakers, and it had quorum before.",
  watch: ({ twin: { kernel } }, judge) => {
    kernel.onChange((name, node) => {
      const replica = kernel.replica(name, node);
      const scene = replica?.running === true ? sceneOf(replica) : undefined;
      if (replica === undefined || scene === undefined) return;
      const expected = hasQuorum(scene);
      judge.check(
        quorumOf(replica).quorum === expected,
        () => `${name} on ${node} ${expected ? 'lacks' : 'has'} quorum, seeing ${scene.seen.join(', ')}`,
      );
    });
    return undefined;
  },
};

/** DRBD's rule (`calc_quorum` in drbd/drbd_state.c), node by node. */
export function hasQuorum({ seen, tiebreakers, quorum, redundancy, hadQuorum }: QuorumScene): boolean {
  if (quorum === 'off') return true;
  const here = seen.filter((each) => each === 'upToDate' || each === 'here').length;
  const away = seen.length - here;
  // Nodes that left in good order do not count; those that were expelled do, once they could be a majority of their own.
  const isInDoubt = seen.some(
    (each) => each === 'unknown' || (each === 'expelled' && away >= Math.floor(seen.length / 2) + 1),
  );
  const voters = isInDoubt ? seen.length : here;
  const enough = (setting: QuorumScene['quorum']): number => {
    if (setting === 'off') return 0;
    if (setting === 'all') return voters;
    return setting === 'majority' ? Math.floor(voters / 2) + 1 : setting;
  };
  const upToDate = seen.filter((each) => each === 'upToDate').length;
  if (here >= enough(quorum) && upToDate >= enough(redundancy)) return true;
  const { here: helpers, away: lost } = tiebreakers;
  const isHalf = voters > 0 && voters % 2 === 0 && here === enough(quorum) - 1;
  return hadQuorum && isHalf && helpers > 0 && helpers * 2 > helpers + lost;
}

/** Undefined for a node without a disk: it believes its peers. */
function sceneOf(replica: Replica): QuorumScene | undefined {
  const { options, disk, peers, quorum } = replica;
  if (replica.kind === 'diskless' || disk === 'Diskless' || disk === 'Attaching') return undefined;
  const all = [...peers.values()];
  const helpers = options['peer-tiebreaker'] ? all.filter(({ kind }) => kind === 'diskless') : [];
  const here = helpers.filter(isConnected).length;
  return {
    seen: [
      disk === 'UpToDate' ? 'upToDate' : 'here',
      ...all.filter(({ kind }) => kind === 'diskful').map((peer) => seenAs(replica, peer)),
    ],
    tiebreakers: { here, away: helpers.length - here },
    quorum: options.quorum,
    redundancy: options['quorum-minimum-redundancy'],
    hadQuorum: quorum,
  };
}

const behind: ReadonlySet<string> = new Set([
  'Diskless',
  'Attaching',
  'Detaching',
  'Failed',
  'Negotiating',
  'Inconsistent',
  'Outdated',
]);

function seenAs({ quorum, members }: Replica, peer: Peer): Seen {
  if (isConnected(peer)) return peer.disk === 'UpToDate' ? 'upToDate' : 'here';
  if (behind.has(peer.disk) || peer.rememberedOutdated) return 'outdated';
  return quorum && !members.includes(peer.node) ? 'expelled' : 'unknown';
}
