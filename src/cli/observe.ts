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
];

export const storageSubjects: readonly StorageSubject[] = [
  'linstorResources',
  'linstorDefinitions',
  'linstorNodes',
  'linstorProperties',
];

/** Reads the subjects of every site and the storage, all at once. */
export async function observe(
  { driver, clock }: { readonly driver: Driver; readonly clock: Clock },
  sites: readonly SiteName[],
  subjects: readonly Subject[],
  scope: ReadScope,
): Promise<Observation> {
  const plan: ReadPlan = [
    ...sites.flatMap((site) => planSiteReads(site, subjects, scope)),
    ...planStorageReads(storageSubjects),
  ];
  const outcomes = await Promise.all(plan.map((read) => driver.perform(read.request)));
  return observationOf(plan, outcomes, clock.now());
}
