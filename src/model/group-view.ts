import type { Instant } from './instant.ts';
import { textAt } from './json.ts';
import { type Known, known, mapKnown, unknown } from './known.ts';
import type { KubeObject } from './kube.ts';
import { volumeViews } from './linstor-reading.ts';
import {
  type Observation,
  objectReadingOf,
  readingOf,
  type SiteReadings,
  type Subject,
  storageReadingOf,
} from './observation.ts';
import { type ProtectionGroup, protectionGroupOf } from './protection-group.ts';
import type { SiteName } from './site.ts';
import { type PowerReading, powerStateOf } from './virtual-machine.ts';
import { claimNamesOf, keepsPersistentState } from './vm-references.ts';
import { attachmentsOf, linstorResourceOf, volumeNameOf } from './volume.ts';
import type { VolumeView } from './drbd-replica.ts';

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

/** A claim of a group's VM, and the volume behind it. */
export interface ClaimView {
  readonly name: string;
  readonly virtualMachine: string;
  readonly claim: Known<KubeObject | undefined>;
  /** Known to be undefined when the claim names no volume, or one that does not exist. */
  readonly volume: Known<KubeObject | undefined>;
  /** LINSTOR resource of the volume, where the volume is LINSTOR's. */
  readonly resource: string | undefined;
}

export interface VirtualMachineReading {
  readonly name: string;
  readonly object: Known<KubeObject | undefined>;
  readonly power: PowerReading;
  readonly claims: readonly ClaimView[];
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
  /** By resource name; a resource that LINSTOR does not know is undefined. */
  readonly volumes: Known<ReadonlyMap<string, VolumeView | undefined>>;
}

/** A group as one site sees it, with the storage that reaches beyond it. */
export interface LocalGroupView {
  readonly at: Instant;
  readonly site: SiteView;
  readonly volumes: Known<ReadonlyMap<string, VolumeView | undefined>>;
}

/** Projects an observation on one group of one site. */
export function localGroupView(observation: Observation, site: SiteName): LocalGroupView {
  const group = groupReading(observation, site);
  const view = siteView(observation, site, group, unionOfMembers(group));
  return { at: observation.at, site: view, volumes: volumesReading(observation, resourcesOf([view])) };
}

/** Projects an observation on one group of two sites. */
export function groupView(observation: Observation, scope: GroupScope): GroupView {
  const sourceGroup = groupReading(observation, scope.source);
  const targetGroup = groupReading(observation, scope.target);
  const virtualMachines = scope.virtualMachines ?? unionOfMembers(sourceGroup, targetGroup);
  const source = siteView(observation, scope.source, sourceGroup, virtualMachines);
  const target = siteView(observation, scope.target, targetGroup, virtualMachines);
  const resources = scope.resources ?? resourcesOf([source, target]);
  const volumes = volumesReading(observation, resources);
  return { at: observation.at, scope, source, target, virtualMachines, resources, volumes };
}

/** One volume of a view; unknown when the storage did not answer. */
export function volumeOf(view: GroupView, resource: string): Known<VolumeView | undefined> {
  return mapKnown(view.volumes, (volumes) => volumes.get(resource));
}

/** Every claim of the group's VMs on one site. */
export function claimsOf(site: SiteView): readonly ClaimView[] {
  return site.virtualMachines.flatMap((vm) => vm.claims);
}

function volumesReading(
  observation: Observation,
  resources: readonly string[],
): Known<ReadonlyMap<string, VolumeView | undefined>> {
  return volumeViews(resources, {
    resources: storageReadingOf(observation, 'linstorResources'),
    definitions: storageReadingOf(observation, 'linstorDefinitions'),
    groups: storageReadingOf(observation, 'linstorGroups'),
    properties: storageReadingOf(observation, 'linstorProperties'),
    siteOfNode: siteOfNodeIn(observation),
  });
}

function groupReading(observation: Observation, site: SiteName): Known<ProtectionGroup | undefined> {
  const reading = objectReadingOf(observation, site, 'group');
  return mapKnown(reading, (object) => object && protectionGroupOf(object));
}

function unionOfMembers(...groups: readonly Known<ProtectionGroup | undefined>[]): readonly string[] {
  const names = groups.flatMap((group) => (group.known ? (group.value?.virtualMachines ?? []) : []));
  return [...new Set(names)];
}

function siteView(
  observation: Observation,
  site: SiteName,
  group: Known<ProtectionGroup | undefined>,
  names: readonly string[],
): SiteView {
  const readings = observation.sites[site] ?? { site, readings: {}, missingTypes: [] };
  return {
    site,
    group,
    virtualMachines: names.map((name) => virtualMachineReading(observation, site, name)),
    readings,
  };
}

function virtualMachineReading(observation: Observation, site: SiteName, name: string): VirtualMachineReading {
  const object = memberReading(observation, site, 'virtualMachines', name);
  const instance = memberReading(observation, site, 'instances', name);
  const claims = object.known && object.value ? claimViews(observation, site, object.value) : [];
  const pods = readingOf(observation, site, 'pods');
  const attachments = attachmentsReading(observation, site, object, claims);
  return { name, object, power: powerStateOf(object, instance, pods, attachments), claims };
}

// Without its claims nobody can say which attachments are a VM's: then they are unknown, not absent.
function attachmentsReading(
  observation: Observation,
  site: SiteName,
  vm: Known<KubeObject | undefined>,
  claims: readonly ClaimView[],
): Known<readonly KubeObject[]> {
  const all = readingOf(observation, site, 'claims');
  // The claim of a VM's persistent state is found among all claims; the VM does not name it.
  if (!all.known && vm.known && vm.value !== undefined && keepsPersistentState(vm.value)) return unknown(all.why);
  const names = new Set<string>();
  for (const { claim } of claims) {
    if (!claim.known) return unknown(claim.why);
    const name = claim.value && volumeNameOf(claim.value);
    if (name !== undefined) names.add(name);
  }
  return mapKnown(readingOf(observation, site, 'attachments'), (all) => attachmentsOf(names, all));
}

function claimViews(observation: Observation, site: SiteName, vm: KubeObject): readonly ClaimView[] {
  return claimNames(vm, readingOf(observation, site, 'claims')).map((name) => {
    const claim = memberReading(observation, site, 'claims', name);
    const volume = volumeReading(observation, site, claim);
    const resource = volume.known && volume.value ? linstorResourceOf(volume.value) : undefined;
    return { name, virtualMachine: vm.metadata.name, claim, volume, resource };
  });
}

// A VM object never changes, so its claims need to be found only once; state claims depend on the claims as well.
const namesOfVm = new WeakMap<KubeObject, readonly string[]>();

function claimNames(vm: KubeObject, claims: Known<readonly KubeObject[]>): readonly string[] {
  if (keepsPersistentState(vm)) return claimNamesOf(vm, claims.known ? claims.value : []);
  const names = namesOfVm.get(vm) ?? claimNamesOf(vm);
  namesOfVm.set(vm, names);
  return names;
}

function volumeReading(
  observation: Observation,
  site: SiteName,
  claim: Known<KubeObject | undefined>,
): Known<KubeObject | undefined> {
  if (!claim.known) return unknown(claim.why);
  const name = claim.value && volumeNameOf(claim.value);
  return name === undefined ? known(undefined) : memberReading(observation, site, 'volumes', name);
}

function memberReading(
  observation: Observation,
  site: SiteName,
  subject: Subject,
  name: string,
): Known<KubeObject | undefined> {
  return mapKnown(readingOf(observation, site, subject), (all) => all.find((object) => object.metadata.name === name));
}

function resourcesOf(sites: readonly SiteView[]): readonly string[] {
  return [...new Set(sites.flatMap((site) => claimsOf(site).flatMap((claim) => claim.resource ?? [])))].sort();
}

function siteOfNodeIn(observation: Observation): (node: string) => SiteName | undefined {
  const owners = new Map<string, SiteName>();
  for (const site of Object.keys(observation.sites)) {
    const nodes = readingOf(observation, site, 'nodes');
    if (nodes.known) for (const node of nodes.value) owners.set(node.metadata.name, site);
  }
  const linstorNodes = storageReadingOf(observation, 'linstorNodes');
  if (linstorNodes.known && Array.isArray(linstorNodes.value)) {
    for (const node of linstorNodes.value) {
      const name = textAt(node, 'name') ?? '';
      const site = textAt(node, 'props', 'Aux/site');
      if (!owners.has(name) && site !== undefined) owners.set(name, site);
    }
  }
  return (node) => owners.get(node);
}
