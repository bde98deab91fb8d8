import type { DrbdOptions } from './options.ts';
import { isConnected, type Replica } from './replica.ts';
import { compareDisks } from './states.ts';

/** What one node counts, by the classes of DRBD's `struct quorum_detail` (drbd/drbd_state.c). */
export interface QuorumCount {
  readonly upToDate: number;
  readonly present: number;
  readonly outdated: number;
  /** Absent, and expelled from the membership while this node had quorum. */
  readonly quorumless: number;
  readonly unknown: number;
  readonly diskless: number;
  readonly missingDiskless: number;
}

export interface QuorumVerdict {
  readonly quorum: boolean;
  readonly byTiebreaker: boolean;
  readonly voters: number;
  readonly needed: number;
  readonly count: QuorumCount;
  readonly neededUpToDate: number;
}

/** Quorum of one node's device from its own view, as `calc_quorum` in drbd/drbd_state.c decides it. */
export function quorumOf(replica: Replica): QuorumVerdict {
  const { options } = replica;
  const count = countVotes(replica);
  if (replica.kind === 'diskless' || replica.disk === 'Diskless' || replica.disk === 'Attaching') {
    const quorum = options.quorum === 'off' || someConnectedPeerHasQuorum(replica);
    return { quorum, byTiebreaker: false, voters: 0, needed: 0, count, neededUpToDate: 0 };
  }
  return { ...decideQuorum(count, options, replica.quorum), count };
}

/** The arithmetic alone. `hadQuorum` matters for the tiebreaker: it keeps quorum and never gives it. */
export function decideQuorum(
  count: QuorumCount,
  options: Pick<DrbdOptions, 'quorum' | 'quorum-minimum-redundancy'>,
  hadQuorum: boolean,
): Omit<QuorumVerdict, 'count'> {
  const have = count.upToDate + count.present;
  const absent = count.outdated + count.quorumless + count.unknown;
  const allVoters = have + absent;
  // Too many expelled nodes could form a majority of their own: they count as unknown again.
  const unknown =
    count.quorumless > 0 && absent >= majorityOf(allVoters) ? count.unknown + count.quorumless : count.unknown;
  const voters = unknown > 0 ? allVoters : have;
  const needed = atLeast(options.quorum, voters);
  const neededUpToDate = atLeast(options['quorum-minimum-redundancy'], voters);
  if (options.quorum === 'off') return { quorum: true, byTiebreaker: false, voters, needed, neededUpToDate };
  if (have >= needed && count.upToDate >= neededUpToDate) {
    return { quorum: true, byTiebreaker: false, voters, needed, neededUpToDate };
  }
  const tiebreakers = count.diskless + count.missingDiskless;
  const byTiebreaker =
    hadQuorum &&
    voters > 0 &&
    voters % 2 === 0 &&
    have === needed - 1 &&
    tiebreakers > 0 &&
    count.diskless >= majorityOf(tiebreakers);
  return { quorum: byTiebreaker, byTiebreaker, voters, needed, neededUpToDate };
}

/** The sentence that DRBD adds to its refusal -25. Tiebreakers are not counted in it. */
export function noQuorumText(verdict: QuorumVerdict): string {
  const { count, voters } = verdict;
  const visible = count.upToDate + count.present;
  if (voters === 0) return 'no UpToDate peer with quorum';
  if (visible < verdict.needed) return `${visible} of ${voters} nodes visible, need ${verdict.needed} for quorum`;
  return `${count.upToDate} of ${voters} nodes up_to_date, need ${verdict.neededUpToDate} for quorum-minimum-redundancy`;
}

function countVotes(replica: Replica): QuorumCount {
  const count = { upToDate: 0, present: 0, outdated: 0, quorumless: 0, unknown: 0, diskless: 0, missingDiskless: 0 };
  if (replica.disk === 'UpToDate') count.upToDate++;
  else if (compareDisks(replica.disk, 'Diskless') > 0) count.present++;
  for (const peer of replica.peers.values()) {
    if (peer.kind === 'diskless') {
      if (!replica.options['peer-tiebreaker']) continue;
      if (isConnected(peer)) count.diskless++;
      else count.missingDiskless++;
    } else if (isConnected(peer)) {
      if (peer.disk === 'UpToDate') count.upToDate++;
      else count.present++;
    } else if (compareDisks(peer.disk, 'Outdated') <= 0 || peer.rememberedOutdated) {
      count.outdated++;
    } else if (replica.quorum && !replica.members.includes(peer.node)) {
      count.quorumless++;
    } else {
      count.unknown++;
    }
  }
  return count;
}

/** A node without disk sees no metadata: it has quorum while a connected peer with a disk says that it has it. */
function someConnectedPeerHasQuorum(replica: Replica): boolean {
  for (const peer of replica.peers.values()) if (isConnected(peer) && peer.quorum) return true;
  return false;
}

function majorityOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

function atLeast(setting: DrbdOptions['quorum'], voters: number): number {
  if (setting === 'off') return 0;
  if (setting === 'majority') return majorityOf(voters);
  return setting === 'all' ? voters : setting;
}
