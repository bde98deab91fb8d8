import { neededSubjects } from '../model/checks/target-needs.ts';
import {
  type Observation,
  observationOf,
  planSiteReads,
  planStorageReads,
  type ReadPlan,
  type ReadScope,
  type StorageSubject,
  type Subject,
} from '../model/observation.ts';
import type { SiteName } from '../model/site.ts';
import type { Clock, Driver } from '../runtime/ports.ts';

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

/** What a sync copies, and what it looks at to know how. */
export const syncSubjects: readonly Subject[] = [...checkSubjects, 'namespace'];

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

/** Reads the subjects of every site and the storage, all at once. */
export function observe(
  reach: Reach,
  sites: readonly SiteName[],
  subjects: readonly Subject[],
  scope: ReadScope,
): Promise<Observation> {
  // Without a group there is none to read, and no Lease of it.
  const asked =
    scope.group === '' ? subjects.filter((subject) => subject !== 'group' && subject !== 'lease') : subjects;
  const storage = subjects.includes('storageClasses') ? checkStorage : overviewStorage;
  const plan: ReadPlan = [...sites.flatMap((site) => planSiteReads(site, asked, scope)), ...planStorageReads(storage)];
  return carryOut(reach, plan);
}

/** Reads only the groups themselves: the named one of each site, or all of the namespace. */
export function observeGroups(reach: Reach, sites: readonly SiteName[], scope: ReadScope): Promise<Observation> {
  const subject = scope.group === '' ? 'groups' : 'group';
  return carryOut(
    reach,
    sites.flatMap((site) => planSiteReads(site, [subject], scope)),
  );
}

async function carryOut({ driver, clock }: Reach, plan: ReadPlan): Promise<Observation> {
  const outcomes = await Promise.all(plan.map((read) => driver.perform(read.request)));
  return observationOf(plan, outcomes, clock.now());
}
