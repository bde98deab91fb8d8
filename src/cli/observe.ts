import { neededSubjects } from '../model/checks/target-needs.ts';
import { type GroupPlace, groupsIn } from '../model/listed-groups.ts';
import { type Observation, observationOf } from '../model/observation.ts';
import {
  planDrbdReads,
  planSiteReads,
  planStorageReads,
  planVolumeReads,
  type ReadPlan,
  type ReadScope,
  type StorageSubject,
  type Subject,
} from '../model/read-plan.ts';
import { satellitesOf } from '../model/satellite.ts';
import type { SiteName } from '../model/site.ts';
import type { StorageBackend } from '../model/storage-backend.ts';
import type { Clock, Driver } from '../runtime/ports.ts';
import { requireAnswer } from './require-group.ts';

/** Everything that an overview of a group is made of, per site. */
export const overviewSubjects: readonly Subject[] = [
  'virtualMachines',
  'instances',
  'pods',
  'claims',
  'volumes',
  'attachments',
  'nodes',
  'operations',
];

/** What the checks before a failover look at beyond an overview. */
export const checkSubjects: readonly Subject[] = [
  'group',
  ...overviewSubjects,
  'groups',
  'lease',
  'storageClasses',
  'secrets',
  'configMaps',
  ...neededSubjects,
];

/** The same for a failover to a target: there it matters what else runs, in all namespaces. */
export function failoverSubjects(target: SiteName): (site: SiteName) => readonly Subject[] {
  return (site) => (site === target ? [...checkSubjects, 'clusterPods'] : checkSubjects);
}

/** What a sync copies, and what it looks at to know how. */
export const syncSubjects: readonly Subject[] = [...checkSubjects, 'namespace', 'recoveries'];

/** An overview needs the replicas only; checks look at options and properties too. */
const overviewStorage: readonly StorageSubject[] = ['linstorResources', 'linstorNodes'];
const checkStorage: readonly StorageSubject[] = [
  ...overviewStorage,
  'linstorDefinitions',
  'linstorGroups',
  'linstorProperties',
];

/** How to reach the sites, and what time it is. */
export interface Reach {
  readonly driver: Driver;
  readonly clock: Clock;
}

/** The same, and what keeps the volumes. */
export interface StorageReach extends Reach {
  readonly storage: StorageBackend;
}

/** Reads the subjects of every site, or of each site its own, and the storage, all at once. */
export function observe(
  reach: StorageReach,
  sites: readonly SiteName[],
  subjects: readonly Subject[] | ((site: SiteName) => readonly Subject[]),
  scope: ReadScope,
): Promise<Observation> {
  const subjectsOf = typeof subjects === 'function' ? subjects : () => subjects;
  // Without a group there is none to read, and no Lease of it.
  const isAsked = (subject: Subject): boolean => scope.group !== '' || (subject !== 'group' && subject !== 'lease');
  const isForChecks = sites.some((site) => subjectsOf(site).includes('storageClasses'));
  const plan: ReadPlan = [
    ...sites.flatMap((site) => planSiteReads(site, subjectsOf(site).filter(isAsked), scope)),
    ...planStorage(reach.storage, isForChecks, sites, scope),
  ];
  return carryOut(reach, plan);
}

function planStorage(
  storage: StorageBackend,
  isForChecks: boolean,
  sites: readonly SiteName[],
  scope: ReadScope,
): ReadPlan {
  if (storage === 'linstor') return planStorageReads(isForChecks ? checkStorage : overviewStorage);
  const policies: readonly Subject[] = isForChecks ? ['replicationPolicies'] : [];
  return [...planVolumeReads(storage, sites, scope), ...sites.flatMap((site) => planSiteReads(site, policies, scope))];
}

/** Reads only the groups themselves: the named one of each site, or all of the namespace, or of all namespaces. */
export function observeGroups(reach: Reach, sites: readonly SiteName[], scope: ReadScope): Promise<Observation> {
  const subject = scope.group === '' ? 'groups' : 'group';
  return carryOut(
    reach,
    sites.flatMap((site) => planSiteReads(site, [subject], scope)),
  );
}

/** The groups of a namespace or of all, as far as the sites tell. Throws when none does. */
export async function listGroups(
  reach: Reach,
  sites: readonly SiteName[],
  namespace: string,
): Promise<readonly GroupPlace[]> {
  const observation = await observeGroups(reach, sites, { namespace, group: '' });
  requireAnswer(observation, sites);
  return groupsIn(observation, sites);
}

/** Reads only the operations of a namespace or of all, failovers and recoveries, from each site. */
export function observeOperations(reach: Reach, sites: readonly SiteName[], namespace: string): Promise<Observation> {
  return carryOut(
    reach,
    sites.flatMap((site) => planSiteReads(site, ['operations', 'recoveries'], { namespace, group: '' })),
  );
}

/** The observation with what DRBD itself says of some resources, on each node whose satellite was listed in it. */
export async function withDrbdReports(
  { driver }: Pick<Reach, 'driver'>,
  observation: Observation,
  resources: readonly string[],
): Promise<Observation> {
  const satellites = Object.values(observation.sites).flatMap(({ site, readings }) =>
    readings.satellites?.known === true ? satellitesOf(site, readings.satellites.value) : [],
  );
  if (satellites.length === 0 || resources.length === 0) return observation;
  const plan = planDrbdReads(satellites, resources);
  const outcomes = await Promise.all(plan.map((read) => driver.perform(read.request)));
  const reports = observationOf(plan, outcomes, observation.at);
  const sites = Object.entries(observation.sites).map(([site, readings]) => {
    const told = reports.sites[site];
    if (told === undefined) return [site, readings] as const;
    return [site, { ...readings, ...told, readings: { ...readings.readings, ...told.readings } }] as const;
  });
  return { ...observation, sites: Object.fromEntries(sites) };
}

async function carryOut({ driver, clock }: Reach, plan: ReadPlan): Promise<Observation> {
  const outcomes = await Promise.all(plan.map((read) => driver.perform(read.request)));
  return observationOf(plan, outcomes, clock.now());
}
