import type { VolumeView, VolumeViews } from './drbd-replica.ts';
import type { Instant } from './instant.ts';
import { textAt } from './json.ts';
import { type Known, mapKnown, unknown } from './known.ts';
import type { KubeObject } from './kube.ts';
import { type OperatorReadings, operatorVolumeViews } from './drbd-operator/volume-views.ts';
import { volumeViews } from './linstor-reading.ts';
import { type ClaimView, type VirtualMachineReading, virtualMachineReadings } from './member-reading.ts';
import { keepLast, oncePer } from './memo.ts';
import { siteOfNodeIn } from './node-sites.ts';
import {
  agentReportsOf,
  type Observation,
  readingOf,
  type Seen,
  type SiteReadings,
  storageReadingOf,
} from './observation.ts';
import { type ProtectionGroup, protectionGroupOf } from './protection-group.ts';
import type { SiteName } from './site.ts';
import type { StorageBackend } from './storage-backend.ts';

/** What a group is read for: its place, its direction, and the VMs that an operation has fixed already. */
export interface GroupScope {
  readonly namespace: string;
  readonly group: string;
  readonly source: SiteName;
  readonly target: SiteName;
  /** Fixed by a running operation; else the groups' own lists count. */
  readonly virtualMachines?: readonly string[];
  /** Likewise the LINSTOR resources of their volumes. */
  readonly resources?: readonly string[];
}

/** One site's part of a group. */
export interface SiteView {
  readonly site: SiteName;
  readonly group: Known<ProtectionGroup | undefined>;
  readonly virtualMachines: readonly VirtualMachineReading[];
  readonly readings: SiteReadings;
}

/** A group on both of its sites and in the storage between them: what every gate, check and line of output is derived from. */
export interface GroupView {
  readonly at: Instant;
  readonly scope: GroupScope;
  readonly source: SiteView;
  readonly target: SiteView;
  readonly virtualMachines: readonly string[];
  /** LINSTOR resources of the group's volumes, as far as a site tells them. */
  readonly resources: readonly string[];
  /** By resource name; a resource that the storage does not know is undefined. */
  readonly volumes: Known<VolumeViews>;
  /** What was asked about the volumes; undefined where nothing was. */
  readonly askedStorage: StorageBackend | undefined;
}

/** A group as one site sees it, with the storage that reaches beyond it. */
export interface LocalGroupView {
  readonly at: Instant;
  readonly site: SiteView;
  /** LINSTOR resources of the group's volumes, as far as the site tells them. */
  readonly resources: readonly string[];
  readonly volumes: Known<VolumeViews>;
  /** What was asked about the volumes; undefined where nothing was. */
  readonly askedStorage: StorageBackend | undefined;
  /** The same group on each other site that was asked. */
  readonly others: readonly OtherGroup[];
  /** The operations on the group that the site keeps, as its Failover objects. */
  readonly operations: Known<readonly KubeObject[]>;
  /** The recoveries of the group that the sites keep, as far as they were asked and have answered. */
  readonly recoveries: readonly KubeObject[];
}

/** A group on another site; unknown when that site has not answered. */
export interface OtherGroup {
  readonly site: SiteName;
  readonly group: Known<ProtectionGroup | undefined>;
}

/** Projects an observation on one group of one site. What shows as it did in an earlier view is taken over from there. */
export function localGroupView(
  observation: Observation,
  site: SiteName,
  earlier?: Seen<LocalGroupView>,
): LocalGroupView {
  const before = earlier?.view;
  const readings = readingsOf(observation, site);
  const group = groupIn(readings, before?.site);
  const view = siteView(readings, group, membersOf(group), before?.site);
  const isKept = before !== undefined && view.virtualMachines === before.site.virtualMachines;
  const resources = isKept ? before.resources : resourcesOf([view]);
  const name = group.known ? group.value?.name : undefined;
  const isOfGroup = (object: KubeObject): boolean => textAt(object, 'spec', 'protectionGroup') === name;
  return {
    at: observation.at,
    site: view,
    resources,
    volumes: volumesReading(observation, resources, earlier),
    askedStorage: askedStorageOf(observation),
    others: otherGroups(observation, site),
    operations: mapKnown(readingOf(observation, site, 'operations'), (operations) => operations.filter(isOfGroup)),
    recoveries: Object.values(observation.sites).flatMap((each) =>
      each.readings.recoveries?.known === true ? each.readings.recoveries.value.filter(isOfGroup) : [],
    ),
  };
}

function otherGroups({ sites }: Observation, own: SiteName): readonly OtherGroup[] {
  return Object.values(sites)
    .filter(({ site }) => site !== own)
    .map((readings) => ({ site: readings.site, group: groupIn(readings, undefined) }));
}

/** Projects an observation on one group of two sites. What shows as it did in an earlier view is taken over from there. */
export function groupView(observation: Observation, scope: GroupScope, earlier?: Seen<GroupView>): GroupView {
  const before = earlier?.view;
  const [atSource, atTarget] = [readingsOf(observation, scope.source), readingsOf(observation, scope.target)];
  const [sourceGroup, targetGroup] = [groupIn(atSource, before?.source), groupIn(atTarget, before?.target)];
  const virtualMachines = scope.virtualMachines ?? [...new Set([...membersOf(sourceGroup), ...membersOf(targetGroup)])];
  const source = siteView(atSource, sourceGroup, virtualMachines, before?.source);
  const target = siteView(atTarget, targetGroup, virtualMachines, before?.target);
  const resources = scope.resources ?? resourcesOf([source, target]);
  const volumes = volumesReading(observation, resources, earlier);
  const askedStorage = askedStorageOf(observation);
  return { at: observation.at, scope, source, target, virtualMachines, resources, volumes, askedStorage };
}

/** Agents of DRBD Operator are listened to wherever they are found; that LINSTOR was asked tells the deployment model. */
function askedStorageOf(observation: Observation): StorageBackend | undefined {
  if (Object.keys(observation.storage).length > 0) return 'linstor';
  return operatorReadings(observation).length > 0 ? 'drbd-operator' : undefined;
}

/** One volume of a view; unknown when the storage did not answer. */
export function volumeOf(view: GroupView, resource: string): Known<VolumeView | undefined> {
  return mapKnown(view.volumes, (volumes) => volumes.get(resource));
}

/** Every claim of the group's VMs on one site. */
export function claimsOf(site: SiteView): readonly ClaimView[] {
  return site.virtualMachines.flatMap((vm) => vm.claims);
}

function readingsOf(observation: Observation, site: SiteName): SiteReadings {
  return observation.sites[site] ?? { site, readings: {}, missingTypes: [] };
}

function groupIn({ site, readings }: SiteReadings, earlier: SiteView | undefined): Known<ProtectionGroup | undefined> {
  const { group } = readings;
  if (group === undefined) return unknown(`group of ${site} were not read`);
  if (group === earlier?.readings.readings.group && site === earlier.site) return earlier.group;
  return mapKnown(group, ([object]) => object && protectionGroupOf(object));
}

// A group whose list is no set, as the schema would have it, names each VM once.
const membersOf = oncePer((group: Known<ProtectionGroup | undefined>): readonly string[] => [
  ...new Set(group.known ? group.value?.virtualMachines : []),
]);

function siteView(
  readings: SiteReadings,
  group: Known<ProtectionGroup | undefined>,
  names: readonly string[],
  earlierOfAny: SiteView | undefined,
): SiteView {
  const { site } = readings;
  const earlier = earlierOfAny?.site === site ? earlierOfAny : undefined;
  const virtualMachines = virtualMachineReadings(readings, names, earlier);
  if (readings === earlier?.readings && virtualMachines === earlier.virtualMachines) return earlier;
  return { site, group, virtualMachines, readings };
}

function resourcesOf(sites: readonly SiteView[]): readonly string[] {
  return [...new Set(sites.flatMap((site) => claimsOf(site).flatMap((claim) => claim.resource ?? [])))].sort();
}

const lastVolumes = keepLast<Known<VolumeViews>>();

function volumesReading(
  observation: Observation,
  resources: readonly string[],
  earlier: Seen<Pick<GroupView, 'resources' | 'volumes'>> | undefined,
): Known<VolumeViews> {
  const before = earlier?.view;
  if (
    before !== undefined &&
    isSameStorage(observation, earlier?.observation) &&
    areEqual(resources, before.resources)
  ) {
    return before.volumes;
  }
  const siteOfNode = siteOfNodeIn(observation);
  const written = operatorReadings(observation);
  if (written.length > 0) {
    const dependencies = written.flatMap(({ site, volumes, reports }) => [site, volumes, reports]);
    return lastVolumes([siteOfNode, ...dependencies, resources.join()], () =>
      operatorVolumeViews(resources, written, siteOfNode, before?.volumes),
    );
  }
  const answers = {
    resources: storageReadingOf(observation, 'linstorResources'),
    definitions: storageReadingOf(observation, 'linstorDefinitions'),
    groups: storageReadingOf(observation, 'linstorGroups'),
    properties: storageReadingOf(observation, 'linstorProperties'),
  };
  return lastVolumes(
    [answers.resources, answers.definitions, answers.groups, answers.properties, siteOfNode, resources.join()],
    () => volumeViews(resources, { ...answers, siteOfNode }, before?.volumes),
  );
}

/** What was read of DRBD Operator; nothing where the storage is LINSTOR's. */
function operatorReadings({ sites }: Observation): readonly OperatorReadings[] {
  return Object.values(sites).flatMap((told) => {
    const { drbdVolumes } = told.readings;
    if (drbdVolumes === undefined) return [];
    return [{ site: told.site, volumes: drbdVolumes, reports: agentReportsOf(told) ?? {} }];
  });
}

/** Volumes are read from what LINSTOR answers or the agents of DRBD Operator write, and from the nodes of the sites. */
function isSameStorage(now: Observation, before: Observation | undefined): boolean {
  if (now.storage !== before?.storage) return false;
  for (const site in now.sites) {
    const [readings, earlier] = [now.sites[site]?.readings, before.sites[site]?.readings];
    if (readings?.nodes !== earlier?.nodes || readings?.drbdVolumes !== earlier?.drbdVolumes) return false;
    if (readings?.drbdVolumes !== undefined && readings.satellites !== earlier?.satellites) return false;
  }
  return true;
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((name, index) => name === b[index]));
}
