import { isUnfinished } from '../model/failover.ts';
import { type Instant, instantOf, type Millis, second } from '../model/instant.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import { leaseDuration, leaseRenewal } from '../model/lease.ts';
import { isRecovery, operationSites } from '../model/operation-sites.ts';
import type { ObjectChange } from '../model/significance.ts';
import type { SiteName } from '../model/site.ts';

/** Name of the Failover Controller: of its Deployment, its pods' label, its Lease. */
export const failoverControllerName = 'failover-controller';

/** How often an operation looks again while no watch tells it to; LINSTOR, which has no watch, is asked more often. */
const watchedPoll: Millis = 10 * second;
const storagePoll: Millis = 2 * second;
const waitsForStorage: ReadonlySet<string> = new Set([
  'awaitingRelease',
  'removingTaints',
  'startingTarget',
  'snapshotting',
  'reuniting',
  'comparing',
  'repairing',
]);

/** How often an operation is looked at in a state while nothing changes. */
export function operationPoll(state: string): Millis {
  // A Lease that is not renewed any more is noticed by looking as often as it is renewed.
  if (state === 'acquiringLease') return leaseRenewal;
  return waitsForStorage.has(state) ? storagePoll : watchedPoll;
}

const decidesWhoDrives: ReadonlySet<string> = new Set([
  resources.lease.plural,
  resources.failover.plural,
  resources.recovery.plural,
]);

/** True where a significant change (`isSignificant`) of an object concerns an operation in a state. */
export function concernsOperation({ resource }: Pick<ObjectChange, 'resource'>, state: string): boolean {
  // Who waits for another to let go is concerned by the Lease and the operation alone.
  return state !== 'acquiringLease' || decidesWhoDrives.has(resource.plural);
}

/**
 * Who drives an operation for the Failover Controller of a cluster, as Leases and journal name it. Of this operation alone:
 * two operations on one group exclude each other in one process as well.
 */
export function operationHolder(cluster: SiteName, operation: KubeObject): string {
  const { namespace = 'default', name } = operation.metadata;
  const named = isRecovery(operation) ? `recovery/${name}` : name;
  return `${failoverControllerName}/${cluster}/${namespace}/${named}`;
}

/** Whether an operation is to be driven by its cluster's controller now, and when it is to be considered again. */
export interface TakeUp {
  readonly isDue: boolean;
  readonly considerAt: Instant;
}

/** Which operations the Failover Controller of a cluster takes up, and when. */
export class TakingUp {
  readonly #cluster: SiteName;
  /** Since when an operation is known, by its uid. */
  readonly #known = new Map<string, Instant>();

  constructor(cluster: SiteName) {
    this.#cluster = cluster;
  }

  /**
   * A new operation is left to the one who created it for a while. It is considered until it has ended, since whoever drives
   * it may end before. Undefined for one that is not the cluster's, or has ended.
   */
  consider(operation: KubeObject, now: Instant): TakeUp | undefined {
    const { uid = '', creationTimestamp } = operation.metadata;
    if (operationSites(operation).home !== this.#cluster || !isUnfinished(operation)) {
      this.#known.delete(uid);
      return undefined;
    }
    const knownSince = this.#known.get(uid) ?? now;
    this.#known.set(uid, knownSince);
    // By the server's clock it may be from the future: then it is as old as it is known here.
    const firstLook = Math.min(instantOf(creationTimestamp) ?? knownSince, knownSince) + leaseDuration;
    return now < firstLook ? { isDue: false, considerAt: firstLook } : { isDue: true, considerAt: now + leaseDuration };
  }

  /** An operation is not there any more. */
  forget({ metadata }: KubeObject): void {
    this.#known.delete(metadata.uid ?? '');
  }
}
