import type { SiteName } from './site.ts';
import type { Known, Truth } from './known.ts';
import type { StorageBackend } from './storage-backend.ts';

/** How a replica takes part: with a disk, as a vote without data, or as a diskless client. */
export type ReplicaKind = 'diskful' | 'tiebreaker' | 'client';

/** One peer as a replica sees it. Texts are DRBD's own spellings. */
export interface PeerView {
  readonly node: string;
  /** `Connected`, `Connecting`, `StandAlone` …; undefined: not reported. */
  readonly connection: string | undefined;
  /** `Established`, `SyncSource`, `SyncTarget` …; undefined: not reported (also for a peer without a disk). */
  readonly replication: string | undefined;
  readonly donePercentage: number | undefined;
}

/** One replica of a volume, as the storage reports it. What is not reported is unknown. */
export interface ReplicaView {
  readonly resource: string;
  readonly node: string;
  /** The site whose cluster has a node of that name. */
  readonly site: SiteName | undefined;
  readonly kind: ReplicaKind;
  /** Whether its role is Primary: somebody holds the volume there. */
  readonly inUse: Truth;
  /** `UpToDate`, `Outdated`, `Inconsistent` … without a percentage; undefined: not reported. */
  readonly diskState: string | undefined;
  readonly mayPromote: Truth;
  readonly peers: readonly PeerView[];
}

/** A replicated volume over all sites. */
export interface VolumeView {
  readonly resource: string;
  /** What keeps it; LINSTOR where it is absent. */
  readonly backend?: StorageBackend;
  readonly replicas: readonly ReplicaView[];
  readonly options: VolumeOptions;
}

/** Volumes by resource name; a resource that the storage does not know is undefined. */
export type VolumeViews = ReadonlyMap<string, VolumeView | undefined>;

/** Effective DRBD options, by the precedence resource definition over resource group over controller. */
export interface VolumeOptions {
  readonly allowTwoPrimaries: Truth;
  /** `majority`, `off`, a number …; undefined: not set, DRBD's default is off. */
  readonly quorum: Known<string | undefined>;
}

/**
 * True where two copies are in sync and every write goes to both: also while they are compared block by block, which an online
 * verify does beside the work of whoever has the volume open (`enum drbd_repl_state` in `linux/drbd.h` of LINBIT/drbd).
 */
export function isInSync(replication: string | undefined): boolean {
  return replication === 'Established' || replication === 'VerifyS' || replication === 'VerifyT';
}

export function diskfulReplicas(volume: VolumeView): readonly ReplicaView[] {
  return volume.replicas.filter((replica) => replica.kind === 'diskful');
}

export function replicasAt(volume: VolumeView, site: SiteName): readonly ReplicaView[] {
  return volume.replicas.filter((replica) => replica.site === site);
}

/** `vol on node-a (cluster1)`: how a replica is named to people. */
export function replicaLabel(replica: ReplicaView): string {
  return `${replica.resource} on ${replica.node}${replica.site === undefined ? '' : ` (${replica.site})`}`;
}
