import type { Instant } from '../../model/instant.ts';
import type { SiteName, SiteRole } from '../../model/site.ts';

/** What the reconciliation of one group on one site remembers: all else is observed. */
export interface ProtectionGroupContext {
  readonly site: SiteName;
  readonly namespace: string;
  readonly group: string;
  /** CLUSTER_ROLE of the controller; null when it is not set. */
  readonly clusterRole: SiteRole | null;
  /** Until when VMs may take to come to the desired state before the group counts as stuck; null while none is due. */
  readonly patience: Instant | null;
}
