/** Name of one Kubernetes cluster taking part in recovery, as registered (`cluster1`). */
export type SiteName = string;

/** Configured place of a site: where the VMs normally run, where they recover, or where only the management plane lives. */
export type SiteRole = 'primary' | 'dr' | 'quorum';

export interface Site {
  readonly name: SiteName;
  readonly role: SiteRole;
}
