import { type Instant, microTimestamp, type Millis, second } from './instant.ts';
import { numberAt, textAt } from './json.ts';
import { apiVersionOf, type KubeObject, resources } from './kube.ts';
import { oncePer } from './memo.ts';

/** A holder that has not renewed for this long, on the observer's own clock, may be succeeded. */
export const leaseDuration: Millis = 15 * second;
/** How often a holder renews. */
export const leaseRenewal: Millis = 5 * second;

/** A Lease as read from one site. */
export interface LeaseReading {
  /** Undefined: released, or never held. */
  readonly holder: string | undefined;
  /** The holder's own clock: compared for change only, never with ours. */
  readonly renewTime: string | undefined;
  readonly transitions: number;
  readonly resourceVersion: string;
}

/** When we first saw a Lease in its present shape, by our clock. */
export interface LeaseSighting {
  readonly holder: string;
  readonly renewTime: string;
  readonly since: Instant;
}

export const leaseReadingOf = oncePer((object: KubeObject): LeaseReading => {
  const holder = textAt(object, 'spec', 'holderIdentity');
  return {
    holder: holder === '' ? undefined : holder,
    renewTime: textAt(object, 'spec', 'renewTime'),
    transitions: numberAt(object, 'spec', 'leaseTransitions') ?? 0,
    resourceVersion: object.metadata.resourceVersion ?? '',
  };
});

/** Keeps the sighting while holder and renewTime stay the same, else starts a new one; undefined for a free Lease. */
export function sight(
  lease: LeaseReading | undefined,
  earlier: LeaseSighting | undefined,
  now: Instant,
): LeaseSighting | undefined {
  if (lease?.holder === undefined) return undefined;
  const renewTime = lease.renewTime ?? '';
  if (earlier !== undefined && earlier.holder === lease.holder && earlier.renewTime === renewTime) return earlier;
  return { holder: lease.holder, renewTime, since: now };
}

/**
 * True when the Lease may be taken: free, our own, or unchanged for the whole lease duration of our own clock. Clocks of
 * two machines are never compared, as in client-go (`tools/leaderelection/leaderelection.go` of kubernetes/client-go).
 */
export function mayTake(
  lease: LeaseReading | undefined,
  sighting: LeaseSighting | undefined,
  me: string,
  now: Instant,
): boolean {
  if (lease?.holder === undefined || lease.holder === me) return true;
  // A sighting of an earlier renewal says nothing about this one.
  if (sighting?.holder !== lease.holder || sighting.renewTime !== (lease.renewTime ?? '')) return false;
  return now >= lapseOf(sighting);
}

/** When the holder of a Lease that is not renewed any more may be succeeded. */
export function lapseOf({ since }: LeaseSighting): Instant {
  return since + leaseDuration;
}

/** A new Lease for a group, held by `holder`. */
export function newLease(group: string, namespace: string, holder: string, now: Instant): KubeObject {
  return {
    apiVersion: apiVersionOf(resources.lease),
    kind: resources.lease.kind,
    metadata: { name: groupLeaseName(group), namespace },
    spec: heldSpec(holder, now, 0),
  };
}

/** The spec of a Lease taken, or renewed, now. */
export function heldSpec(holder: string, now: Instant, transitions: number): Record<string, string | number> {
  return {
    holderIdentity: holder,
    leaseDurationSeconds: leaseDuration / second,
    acquireTime: microTimestamp(now),
    renewTime: microTimestamp(now),
    leaseTransitions: transitions,
  };
}

/** Name of the Lease that excludes two operations on one group. */
export function groupLeaseName(group: string): string {
  return `site-recovery-${group}`;
}
