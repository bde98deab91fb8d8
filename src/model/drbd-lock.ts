import { diskfulReplicas, type ReplicaView, replicaLabel, replicasAt, type VolumeView } from './drbd-replica.ts';
import type { Known } from './known.ts';
import type { SiteName } from './site.ts';

/** Who holds a volume, or why that cannot be told, from one reading. `blockers` are sentences for people. */
export interface LockReading {
  readonly resource: string;
  readonly condition: 'unknown' | 'splitBrain' | 'held' | 'heldByTarget' | 'noQuorum' | 'free';
  readonly blockers: readonly string[];
}

/**
 * Reads the lock of a volume. It is `free` only when every replica is known to be Secondary and the target may promote;
 * one replica that is not reported makes it `unknown`. In use means role Primary, as LINSTOR defines `in_use`
 * (`DrbdEventPublisher.java` of LINBIT/linstor-server), not an open count.
 */
export function lockReading(resource: string, volume: Known<VolumeView | undefined>, target: SiteName): LockReading {
  const found = (condition: LockReading['condition'], ...blockers: string[]): LockReading => ({
    resource,
    condition,
    blockers,
  });
  if (!volume.known) return found('unknown', volume.why);
  if (volume.value === undefined) return found('unknown', `the storage has no volume ${resource}`);
  const { replicas } = volume.value;
  const standAlone = diskfulReplicas(volume.value).flatMap((replica) => standAloneSentences(replica));
  if (standAlone.length > 0) return found('splitBrain', ...standAlone);
  const holders = replicas.filter((replica) => replica.inUse === 'yes');
  const elsewhere = holders.filter((replica) => replica.site !== target);
  if (elsewhere.length > 0) return found('held', ...elsewhere.map((replica) => `${replicaLabel(replica)} is Primary`));
  const untold = replicas.filter((replica) => replica.inUse === 'unknown');
  if (untold.length > 0) {
    return found('unknown', ...untold.map((replica) => `the role of ${replicaLabel(replica)} is not reported`));
  }
  if (holders.length > 0)
    return found('heldByTarget', ...holders.map((replica) => `${replicaLabel(replica)} is Primary`));
  return promotionReading(resource, volume.value, target, found);
}

function promotionReading(
  resource: string,
  volume: VolumeView,
  target: SiteName,
  found: (condition: LockReading['condition'], ...blockers: string[]) => LockReading,
): LockReading {
  const there = replicasAt(volume, target);
  if (there.length === 0) return found('unknown', `no replica of ${resource} is known to be in ${target}`);
  if (there.some((replica) => replica.mayPromote === 'yes')) return found('free');
  if (there.some((replica) => replica.mayPromote === 'unknown')) {
    return found('unknown', `whether ${resource} may be promoted in ${target} is not reported`);
  }
  return found('noQuorum', `DRBD would refuse to promote ${resource} in ${target}: no quorum, or no UpToDate data`);
}

function standAloneSentences(replica: ReplicaView): readonly string[] {
  return replica.peers
    .filter((peer) => peer.connection === 'StandAlone')
    .map((peer) => `${replicaLabel(replica)} is StandAlone towards ${peer.node}`);
}
