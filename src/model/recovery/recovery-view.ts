import { cancelIsRequested, unfinishedOperations } from '../failover.ts';
import { groupView } from '../group-view.ts';
import { type Known, known, mapKnown } from '../known.ts';
import type { Json } from '../json.ts';
import type { KubeObject } from '../kube.ts';
import { type LeaseReading, leaseReadingOf } from '../lease.ts';
import { type Observation, objectReadingOf, readingOf, storageReadingOf } from '../observation.ts';
import { type Satellite, satellitesOf } from '../satellite.ts';
import type { SiteName } from '../site.ts';
import type { VolumeCopies } from './copies.ts';
import type { RecoveryScene } from './recovery-evidence.ts';
import { copiesIn } from './recovery-outlook.ts';
import type { RecoveryRequest } from './recovery-request.ts';

/** What a running recovery looks at. */
export interface RecoveryView extends RecoveryScene {
  readonly volumes: readonly VolumeCopies[];
  readonly leases: Readonly<Record<SiteName, Known<LeaseReading | undefined>>>;
  /** The operation's own Recovery object. */
  readonly operation: Known<KubeObject | undefined>;
  readonly cancelRequested: boolean;
  /** Failovers of the group that nobody has ended, by name; unknown where a site does not tell. */
  readonly failovers: Known<readonly string[]>;
  /** The satellites of every site that told. */
  readonly satellites: readonly Satellite[];
  /** LINSTOR's `GET /v1/view/snapshots`. */
  readonly snapshots: Known<Json>;
}

/** Projects an observation on a recovery. `resources`: fixed by the operation; else what the group's sites tell. */
export function recoveryView(
  observation: Observation,
  request: RecoveryRequest,
  { leaseSites, resources }: { readonly leaseSites: readonly SiteName[]; readonly resources: readonly string[] },
): RecoveryView {
  const { namespace, group, driver, other } = request;
  const view = groupView(observation, { namespace, group, source: driver, target: other });
  const operation = objectReadingOf(observation, driver, 'recovery');
  const epochs = [view.source, view.target].map(({ group: seen }) => (seen.known ? (seen.value?.epoch ?? 0) : 0));
  return {
    epoch: Math.max(...epochs),
    volumes: copiesIn(observation, resources.length > 0 ? resources : view.resources),
    storage: storageReadingOf(observation, 'linstorResources'),
    leases: Object.fromEntries(leaseSites.map((site) => [site, leaseIn(observation, site)])),
    operation,
    cancelRequested: operation.known && operation.value !== undefined && cancelIsRequested(operation.value),
    failovers: failoversIn(observation, request),
    satellites: Object.keys(observation.sites).flatMap((site) => {
      const pods = readingOf(observation, site, 'satellites');
      return pods.known ? satellitesOf(site, pods.value) : [];
    }),
    snapshots: storageReadingOf(observation, 'linstorSnapshots'),
  };
}

function leaseIn(observation: Observation, site: SiteName): Known<LeaseReading | undefined> {
  return mapKnown(objectReadingOf(observation, site, 'lease'), (object) => object && leaseReadingOf(object));
}

function failoversIn(observation: Observation, { group, driver, other }: RecoveryRequest): Known<readonly string[]> {
  const names: string[] = [];
  for (const site of [driver, other]) {
    const operations = readingOf(observation, site, 'operations');
    if (!operations.known) return operations;
    names.push(...unfinishedOperations(operations.value, group).map(({ metadata }) => metadata.name));
  }
  return known([...new Set(names)]);
}
