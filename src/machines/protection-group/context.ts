import type { Instant } from '../../model/instant.ts';
import type { DesiredState } from '../../model/protection-group.ts';
import type { SiteName, SiteRole } from '../../model/site.ts';
import type { StorageBackend } from '../../model/storage-backend.ts';

/** What the reconciliation of one group on one site remembers: all else is observed. */
export interface ProtectionGroupContext {
  readonly site: SiteName;
  readonly namespace: string;
  readonly group: string;
  /** The other clusters that may run the group. */
  readonly otherSites: readonly SiteName[];
  /** CLUSTER_ROLE of the controller; null when it is not set. */
  readonly clusterRole: SiteRole | null;
  /** What keeps the group's volumes; LINSTOR where it is absent. */
  readonly storageBackend?: StorageBackend;
  /** How long the present change may still take before the group counts as stuck; null while none is under way. */
  readonly patience: Patience | null;
  /** Since when two copies of a volume have been seen to try to connect; null while none do. */
  readonly connectingSince: Instant | null;
  /** The status keeps a doubt about the copies: whether a verify has settled it is to be looked at. */
  readonly inDoubt: boolean;
}

/** A change that is waited for. Another desired state is another change, with a time of its own. */
export interface Patience {
  readonly towards: DesiredState;
  readonly until: Instant;
}
