import type { DecidedCondition } from './conditions.ts';
import { diskfulReplicas, type ReplicaView, type VolumeView, type VolumeViews } from './drbd-replica.ts';
import { type Instant, minute } from './instant.ts';
import type { Known } from './known.ts';
import { oncePer } from './memo.ts';
import { statusMessage } from './status-message.ts';

/** How long two copies whose nodes both report may try to connect before they count as parted. */
export const connectingTime = 5 * minute;

/** Two copies of a volume that do not come together. */
export interface PartedCopies {
  /**
   * `StandAlone`: one of them has given up and does not try again. `OutdatedOnBoth`: neither holds the newest data.
   * `Connecting`: both try, and both report; a network that is down for a while looks the same.
   */
  readonly sign: 'StandAlone' | 'OutdatedOnBoth' | 'Connecting';
  /** Both sides' facts, side by side. */
  readonly facts: string;
}

/**
 * The pairs of copies that have parted, as LINSTOR shows them. After a split brain DRBD goes to StandAlone on one side or on
 * both (`drbd_asb_recover_*` and `conn_try_outdate_peer` in `drbd/drbd_receiver.c` and `drbd_nl.c` of LINBIT/drbd).
 */
export const partedCopies = oncePer((volumes: VolumeViews): readonly PartedCopies[] =>
  [...volumes.values()].flatMap((volume) => (volume === undefined ? [] : partedIn(volume))),
);

const partedIn = oncePer((volume: VolumeView): readonly PartedCopies[] => {
  const copies = diskfulReplicas(volume);
  return copies.flatMap((one, index) =>
    copies.slice(index + 1).flatMap((other): readonly PartedCopies[] => {
      const sign = signOf(one, other);
      if (sign === undefined) return [];
      return [{ sign, facts: `${volume.resource}: ${sideOf(one, other)}; ${sideOf(other, one)}` }];
    }),
  );
});

function signOf(one: ReplicaView, other: ReplicaView): PartedCopies['sign'] | undefined {
  const connections = [connectionTowards(one, other), connectionTowards(other, one)];
  if (connections.includes('StandAlone')) return 'StandAlone';
  if (connections.every((connection) => connection === 'Connected')) return undefined;
  if ([one, other].every(({ diskState }) => diskState === 'Outdated')) return 'OutdatedOnBoth';
  return connections.every((connection) => connection === 'Connecting') ? 'Connecting' : undefined;
}

function connectionTowards(replica: ReplicaView, { node }: ReplicaView): string | undefined {
  return replica.peers.find((peer) => peer.node === node)?.connection;
}

function sideOf(replica: ReplicaView, peer: ReplicaView): string {
  const { node, site, inUse, diskState = 'disk unknown' } = replica;
  const role = inUse === 'unknown' ? 'role unknown' : inUse === 'yes' ? 'Primary' : 'Secondary';
  const place = site === undefined ? node : `${node} (${site})`;
  return `${place} ${role}, ${diskState}, ${connectionTowards(replica, peer) ?? 'connection unknown'} towards ${peer.node}`;
}

/** True while two copies try to connect and nothing worse is seen of any: whether they have parted is a matter of time. */
export function isConnecting(volumes: Known<VolumeViews>): boolean {
  const parted = volumes.known ? partedCopies(volumes.value) : [];
  return parted.length > 0 && parted.every(({ sign }) => sign === 'Connecting');
}

/**
 * SplitBrain is True while two copies of a volume of the group do not come together by themselves: one of them is StandAlone,
 * both are Outdated, or both have tried to connect for `connectingTime` while their nodes report. Whether their data differ is
 * for `pgctl recover` to find out, which asks DRBD. `connectingSince`: since when they have been seen to try.
 */
export function splitBrainCondition(
  volumes: Known<VolumeViews>,
  connectingSince: Instant | null,
  now: Instant,
): DecidedCondition {
  const type = 'SplitBrain';
  if (!volumes.known) return { type, status: 'Unknown', reason: 'StorageUnknown', message: statusMessage(volumes.why) };
  const parted = partedCopies(volumes.value);
  const [worst] = parted.toSorted((a, b) => gravity.indexOf(a.sign) - gravity.indexOf(b.sign));
  if (worst === undefined) {
    return { type, status: 'False', reason: 'Together', message: 'no two copies are known to have parted' };
  }
  const message = statusMessage(parted.map(({ facts }) => facts).join('. '));
  const isEarly = connectingSince === null || now - connectingSince < connectingTime;
  return { type, status: worst.sign === 'Connecting' && isEarly ? 'Unknown' : 'True', reason: worst.sign, message };
}

const gravity: readonly PartedCopies['sign'][] = ['StandAlone', 'OutdatedOnBoth', 'Connecting'];
