import type { VolumeView } from './drbd-replica.ts';
import type { SiteName } from './site.ts';

/** How a volume is spoken of to people, and where they look at it, by what keeps it. */
export interface StorageWords {
  /** `LINSTOR resource vol` */
  readonly object: string;
  /** Whose report is missing when there is none. */
  readonly teller: string;
  /** Where the options come from. */
  readonly options: string;
  /** Shows the volume, as a site has it. */
  readonly look: (site: SiteName | undefined) => string;
  /** Adds a copy on a node of a site. */
  readonly addCopy: (site: string) => string;
  /** Forbids two Primaries. */
  readonly forbidTwoPrimaries: string;
  /** Puts a vote without data on a third site. */
  readonly addTiebreaker: string;
}

export function storageWords({ resource, backend }: Pick<VolumeView, 'resource' | 'backend'>): StorageWords {
  return backend === 'drbd-operator' ? operatorWords(resource) : linstorWords(resource);
}

function linstorWords(resource: string): StorageWords {
  return {
    object: `LINSTOR resource ${resource}`,
    teller: 'its satellite is offline or has not answered',
    options: 'the properties of LINSTOR could not be read',
    look: () => `linstor resource list -r ${resource}`,
    addCopy: (site) =>
      `linstor resource create <node of ${site}> ${resource}; for new volumes a StorageClass with placementCount 2 and replicasOnDifferent on the site`,
    forbidTwoPrimaries: `linstor resource-definition drbd-options --allow-two-primaries no ${resource}`,
    addTiebreaker: `linstor resource create --drbd-diskless <node of a third site> ${resource}`,
  };
}

function operatorWords(resource: string): StorageWords {
  return {
    object: `DRBDVolume ${resource}`,
    teller: 'the agent of its node is not Ready, or has not told of it yet',
    options: 'no agent has told them',
    look: (site) =>
      `kubectl${site === undefined ? '' : ` --kubeconfig <kubeconfig of ${site}>`} get drbdvolume ${resource} -o yaml`,
    addCopy: (site) => `make a volume by a DRBDReplicationPolicy that lists ${site}`,
    forbidTwoPrimaries: `drbdadm net-options --allow-two-primaries=no ${resource}`,
    addTiebreaker: 'name a third cluster as tiebreaker in the DRBDReplicationPolicy, before volumes are made by it',
  };
}
