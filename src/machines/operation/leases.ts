import { type Instant, microTimestamp } from '../../model/instant.ts';
import type { Json } from '../../model/json.ts';
import type { Known } from '../../model/known.ts';
import { resources } from '../../model/kube.ts';
import {
  heldSpec,
  type LeaseReading,
  type LeaseSighting,
  mayTake,
  newLease,
  sight,
  groupLeaseName,
} from '../../model/lease.ts';
import { keepLast } from '../../model/memo.ts';

import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import type { OperationContext } from './context.ts';

/** An operation's claim on the Leases of its group. */
export interface LeaseClaim {
  readonly context: OperationContext;
  /** The site that keeps the journal: without its Lease none is of use. */
  readonly home: SiteName;
  /** The other site of the group. */
  readonly peer: SiteName;
}

/** The Leases of a group as they were read, by site. */
export type LeaseReadings = Readonly<Record<SiteName, Known<LeaseReading | undefined>>>;

/**
 * The sites whose Leases exclude a second operation, in the order in which they are taken: by name, so that two operations
 * that are started at once meet at the same Lease first, and one of them gets all.
 */
export function leaseSitesOf({ context: { request, otherSites }, home, peer }: LeaseClaim): readonly SiteName[] {
  return lastLeaseSites([request, otherSites], () => [home, peer, ...otherSites].toSorted());
}

const lastLeaseSites = keepLast<readonly SiteName[]>();

/**
 * Under which namespace and name a site keeps the Lease. The two sites of the group keep it beside the group; another
 * site need not have that namespace, so there it is in `default`, under a name that carries the namespace.
 */
export function leasePlace(
  { request: { namespace, group }, otherSites }: OperationContext,
  site: SiteName,
): { readonly namespace: string; readonly group: string } {
  return otherSites.includes(site) ? { namespace: 'default', group: `${namespace}.${group}` } : { namespace, group };
}

export function leasesAreOurs(claim: LeaseClaim, leases: LeaseReadings): boolean {
  return leaseSitesOf(claim).every((site) => {
    const lease = leases[site];
    // The home's Lease is a must: the journal lives there. Another site that does not answer cannot hold us up.
    if (lease === undefined || !lease.known) return site !== claim.home;
    return lease.value?.holder === claim.context.holder;
  });
}

export function leaseIsLost(claim: LeaseClaim, leases: LeaseReadings): boolean {
  const { context, home } = claim;
  return leaseSitesOf(claim).some((site) => {
    const lease = leases[site];
    if (lease === undefined || !lease.known) return false;
    const { holder } = lease.value ?? {};
    return site === home ? holder !== context.holder : holder !== undefined && holder !== context.holder;
  });
}

/** Somebody else may hold it by now: who cannot see its Lease orders nothing. */
export function leaseIsUnseen({ home }: LeaseClaim, leases: LeaseReadings): boolean {
  return leases[home]?.known !== true;
}

/** What has been seen of the Leases up to this look. */
export function leaseSightings(
  claim: LeaseClaim,
  leases: LeaseReadings,
  now: Instant,
): Readonly<Record<SiteName, LeaseSighting>> {
  const { context } = claim;
  const seen: Record<SiteName, LeaseSighting> = {};
  for (const site of leaseSitesOf(claim)) {
    const reading = leases[site];
    // A Lease that cannot be read now keeps its sighting: silence proves nothing either way.
    const sighting = reading?.known === true ? sight(reading.value, context.leases[site], now) : context.leases[site];
    if (sighting !== undefined) seen[site] = sighting;
  }
  return seen;
}

/**
 * Takes the next Lease, in the fixed order, that is not ours: two operations can then never hold one each and wait. Who comes
 * back after a crash may hold a later one while an earlier one has been lost to the other: it lets go of that.
 */
export function takeNextLease(claim: LeaseClaim, leases: LeaseReadings, now: Instant): readonly ApiRequest[] {
  // Without the home's Lease none is of use; a site besides it that is silent is left out.
  if (leaseIsUnseen(claim, leases)) return [];
  const { context } = claim;
  const order = leaseSitesOf(claim);
  for (const [index, site] of order.entries()) {
    const reading = leases[site];
    if (reading === undefined || !reading.known) continue;
    const lease = reading.value;
    if (lease?.holder === context.holder) continue;
    if (!mayTake(lease, context.leases[site], context.holder, now))
      return order
        .slice(index + 1)
        .flatMap((later) => (isOurs(context, leases, later) ? [release(context, later)] : []));
    if (lease === undefined) {
      const { group, namespace } = leasePlace(context, site);
      const body = newLease(group, namespace, context.holder, now) as unknown as Json;
      return [{ ...leaseRequest(context, site, 'create'), body }];
    }
    const spec = heldSpec(context.holder, now, lease.transitions + 1);
    const body = { metadata: { resourceVersion: lease.resourceVersion }, spec };
    return [{ ...namedLease(context, site, 'patch'), patch: 'merge', body }];
  }
  return [];
}

/** Renews every Lease, each only while it is ours: the `test` makes the server refuse it otherwise. */
export function renewLeases(claim: LeaseClaim, now: Instant): readonly ApiRequest[] {
  const { context } = claim;
  return leaseSitesOf(claim).map((site): ApiRequest => {
    const body = [
      { op: 'test', path: '/spec/holderIdentity', value: context.holder },
      { op: 'replace', path: '/spec/renewTime', value: microTimestamp(now) },
    ];
    return { ...namedLease(context, site, 'patch'), patch: 'json', body };
  });
}

/** Lets go of every Lease that is still ours. Also for a process that leaves an operation to others. */
export function releaseLeases(claim: LeaseClaim): readonly ApiRequest[] {
  return leaseSitesOf(claim).map((site) => release(claim.context, site));
}

function isOurs({ holder }: OperationContext, leases: LeaseReadings, site: SiteName): boolean {
  const lease = leases[site];
  return lease?.known === true && lease.value?.holder === holder;
}

function release(context: OperationContext, site: SiteName): ApiRequest {
  const body = [
    { op: 'test', path: '/spec/holderIdentity', value: context.holder },
    { op: 'replace', path: '/spec/holderIdentity', value: '' },
  ];
  return { ...namedLease(context, site, 'patch'), patch: 'json', body };
}

function leaseRequest(context: OperationContext, site: SiteName, verb: KubeRequest['verb']): KubeRequest {
  return { api: 'kube', site, verb, resource: resources.lease, namespace: leasePlace(context, site).namespace };
}

function namedLease(context: OperationContext, site: SiteName, verb: KubeRequest['verb']): KubeRequest {
  return { ...leaseRequest(context, site, verb), name: groupLeaseName(leasePlace(context, site).group) };
}
