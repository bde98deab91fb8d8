import { type LockReading, lockReading } from './drbd-lock.ts';
import { cancelIsRequested, type FailoverRequest } from './failover.ts';
import type { CheckLine } from './findings.ts';
import { type GroupScope, type GroupView, groupView, volumeOf } from './group-view.ts';
import { type Known, mapKnown, unknown } from './known.ts';
import type { KubeObject } from './kube.ts';
import { type LeaseReading, leaseReadingOf } from './lease.ts';
import { drbdReportsOf, type Observation, objectReadingOf, readingOf, type Seen } from './observation.ts';
import { preflightChecks } from './checks/preflight.ts';
import { unplannedChecks } from './unplanned-checks.ts';
import { type Satellite, satellitesOf } from './satellite.ts';
import type { SiteName } from './site.ts';
import type { SiteReports } from './volume-standing.ts';

/** What a running failover looks at. */
export interface FailoverView {
  readonly group: GroupView;
  readonly locks: readonly LockReading[];
  readonly leases: Readonly<Record<SiteName, Known<LeaseReading | undefined>>>;
  /** The operation's own Failover object on the target. */
  readonly operation: Known<KubeObject | undefined>;
  readonly cancelRequested: boolean;
  /** The lines of the preflight; evaluated only where it is asked for. */
  readonly preflight: readonly CheckLine[];
  /** Satellites of the target, where they were asked for, and what DRBD said on their nodes. */
  readonly satellites: Known<readonly Satellite[]>;
  readonly drbd: SiteReports;
}

export interface FailoverViewOptions {
  readonly leaseSites: readonly SiteName[];
  /** The operation whose preflight is asked for. */
  readonly preflightOf: FailoverRequest | undefined;
}

/** Projects an observation on a failover. What shows as it did in an earlier view is taken over from there. */
export function failoverView(
  observation: Observation,
  scope: GroupScope,
  options: FailoverViewOptions,
  earlier?: Seen<FailoverView>,
): FailoverView {
  const group = groupView(observation, scope, earlier && { ...earlier, view: earlier.view.group });
  const drbd = drbdReportsOf(observation, scope.target);
  const operation = objectReadingOf(observation, scope.target, 'operation');
  const leases: Record<SiteName, Known<LeaseReading | undefined>> = {};
  for (const site of options.leaseSites) leases[site] = leaseIn(observation, site, earlier);
  return {
    group,
    locks: lockReadings(group, earlier?.view),
    leases,
    operation,
    cancelRequested: operation.known && operation.value !== undefined && cancelIsRequested(operation.value),
    preflight: options.preflightOf === undefined ? [] : preflightOf(options.preflightOf, group, drbd),
    satellites: mapKnown(readingOf(observation, scope.target, 'satellites'), (pods) =>
      satellitesOf(scope.target, pods),
    ),
    drbd,
  };
}

function preflightOf(request: FailoverRequest, group: GroupView, reports: SiteReports): readonly CheckLine[] {
  return request.mode === 'Unplanned'
    ? unplannedChecks(group, reports, request)
    : preflightChecks(group, { ...request, ownOperation: request.name });
}

function leaseIn(
  { sites }: Observation,
  site: SiteName,
  earlier: Seen<FailoverView> | undefined,
): Known<LeaseReading | undefined> {
  const reading = sites[site]?.readings.lease;
  if (reading === undefined) return unknown(`lease of ${site} were not read`);
  const before = earlier?.view.leases[site];
  if (before !== undefined && reading === earlier?.observation.sites[site]?.readings.lease) return before;
  return mapKnown(reading, ([object]) => object && leaseReadingOf(object));
}

function lockReadings(group: GroupView, earlier: FailoverView | undefined): readonly LockReading[] {
  const { volumes, resources, scope } = group;
  const before = earlier?.group;
  const isKept = volumes === before?.volumes && resources === before.resources && scope.target === before.scope.target;
  if (isKept && earlier !== undefined) return earlier.locks;
  return resources.map((resource) => lockReading(resource, volumeOf(group, resource), scope.target));
}
