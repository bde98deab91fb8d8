import type { OperationVerdict } from '../../model/projection.ts';
import { type LeaseClaim, type LeaseReadings, leaseSitesOf } from './leases.ts';

/** Somebody else holds the group, or the Leases could not be taken. */
export function heldVerdict(claim: LeaseClaim): OperationVerdict {
  const { context, home } = claim;
  const { group } = context.request;
  const holders = leaseSitesOf(claim).flatMap((site) => {
    const sighting = context.leases[site];
    return sighting === undefined || sighting.holder === context.holder
      ? []
      : [`${sighting.holder} (renewed ${sighting.renewTime}, seen on ${site})`];
  });
  if (holders[0] === undefined) {
    return {
      kind: 'refused',
      because: 'notReady',
      reason: `the Leases of ${group} could not be taken: ${home}, or another site that it needs, does not answer`,
      remedy: 'pgctl config test',
    };
  }
  return {
    kind: 'refused',
    because: 'held',
    reason: `another operation holds ${group}: ${holders[0]}`,
    remedy: `wait for it to end, or look at it: pgctl describe protectiongroup ${group}`,
  };
}

/** Another process drives the operation now. `follow`: the command that follows it. */
export function supersededVerdict(claim: LeaseClaim, leases: LeaseReadings, follow: string): OperationVerdict {
  const { context, home } = claim;
  const site = leaseSitesOf(claim).find((candidate) => {
    const lease = leases[candidate];
    return lease?.known === true && lease.value?.holder !== context.holder;
  });
  const lease = site === undefined ? undefined : leases[site];
  const holder = (lease?.known === true ? lease.value?.holder : undefined) ?? 'nobody';
  return {
    kind: 'refused',
    because: 'held',
    reason: `${holder} holds the Lease of ${context.request.group} on ${site ?? home} now`,
    remedy: `follow the operation: ${follow}`,
  };
}
