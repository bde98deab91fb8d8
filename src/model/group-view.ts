import type { Instant } from './instant.ts';
import { textAt } from './json.ts';
import { type Known, known, mapKnown, unknown } from './known.ts';
import type { KubeObject } from './kube.ts';
import { keepLast } from './memo.ts';
import { volumeViews } from './linstor-reading.ts';
import { type Observation, objectReadingOf, readingOf, type SiteReadings, storageReadingOf } from './observation.ts';
import { type ProtectionGroup, protectionGroupOf } from './protection-group.ts';
import type { SiteName } from './site.ts';
import { type PowerReading, powerStateOf } from './virtual-machine.ts';
import { keepsPersistentState, knownClaimNamesOf } from './vm-references.ts';
import { attachmentsOf, linstorResourceOf, volumeNameOf } from './volume.ts';
import type { VolumeView, VolumeViews } from './drbd-replica.ts';

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
  readonly volumes: Known<VolumeViews>;
}

/** A group as one site sees it, with the storage that reaches beyond it. */
export interface LocalGroupView {
  readonly at: Instant;
  readonly site: SiteView;
  readonly volumes: Known<VolumeViews>;
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

const lastVolumes = keepLast<Known<VolumeViews>>();

function volumesReading(observation: Observation, resources: readonly string[]): Known<VolumeViews> {
  const answers = {
    resources: storageReadingOf(observation, 'linstorResources'),
    definitions: storageReadingOf(observation, 'linstorDefinitions'),
    groups: storageReadingOf(observation, 'linstorGroups'),
    properties: storageReadingOf(observation, 'linstorProperties'),
  };
  const siteOfNode = siteOfNodeIn(observation);
  return lastVolumes(
    [answers.resources, answers.definitions, answers.groups, answers.properties, siteOfNode, resources.join()],
    () => volumeViews(resources, { ...answers, siteOfNode }),
  );
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
  return { site, group, virtualMachines: virtualMachineReadings(observation, site, names), readings };
}

const lastVirtualMachines = keepLast<readonly VirtualMachineReading[]>();

function virtualMachineReadings(
  observation: Observation,
  site: SiteName,
  names: readonly string[],
): readonly VirtualMachineReading[] {
  const members: MemberReadings = {
    virtualMachines: readingOf(observation, site, 'virtualMachines'),
    instances: readingOf(observation, site, 'instances'),
    pods: readingOf(observation, site, 'pods'),
    claims: readingOf(observation, site, 'claims'),
    volumes: readingOf(observation, site, 'volumes'),
    attachments: readingOf(observation, site, 'attachments'),
  };
  const { virtualMachines, instances, pods, claims, volumes, attachments } = members;
  return lastVirtualMachines([virtualMachines, instances, pods, claims, volumes, attachments, names.join()], () =>
    names.map((name) => virtualMachineReading(members, name)),
  );
}

/** What a site's VMs are read from: all objects of each kind in the group's namespace, or of the cluster. */
interface MemberReadings {
  readonly virtualMachines: Known<readonly KubeObject[]>;
  readonly instances: Known<readonly KubeObject[]>;
  readonly pods: Known<readonly KubeObject[]>;
  readonly claims: Known<readonly KubeObject[]>;
  readonly volumes: Known<readonly KubeObject[]>;
  readonly attachments: Known<readonly KubeObject[]>;
}

function virtualMachineReading(members: MemberReadings, name: string): VirtualMachineReading {
  const object = memberNamed(members.virtualMachines, name);
  const instance = memberNamed(members.instances, name);
  const claims = object.known && object.value ? claimViews(members, object.value) : [];
  const attachments = attachmentsReading(members, object, claims);
  return { name, object, power: powerStateOf(object, instance, members.pods, attachments), claims };
}

// Without its claims nobody can say which attachments are a VM's: then they are unknown, not absent.
function attachmentsReading(
  members: MemberReadings,
  vm: Known<KubeObject | undefined>,
  claims: readonly ClaimView[],
): Known<readonly KubeObject[]> {
  const all = members.claims;
  // The claim of a VM's persistent state is found among all claims; the VM does not name it.
  if (!all.known && vm.known && vm.value !== undefined && keepsPersistentState(vm.value)) return unknown(all.why);
  const names = new Set<string>();
  for (const { claim } of claims) {
    if (!claim.known) return unknown(claim.why);
    const name = claim.value && volumeNameOf(claim.value);
    if (name !== undefined) names.add(name);
  }
  return mapKnown(members.attachments, (attachments) => attachmentsOf(names, attachments));
}

function claimViews(members: MemberReadings, vm: KubeObject): readonly ClaimView[] {
  const { claims } = members;
  return knownClaimNamesOf(vm, claims.known ? claims.value : []).map((name) => {
    const claim = memberNamed(claims, name);
    const volume = volumeReading(members, claim);
    const resource = volume.known && volume.value ? linstorResourceOf(volume.value) : undefined;
    return { name, virtualMachine: vm.metadata.name, claim, volume, resource };
  });
}

function volumeReading(members: MemberReadings, claim: Known<KubeObject | undefined>): Known<KubeObject | undefined> {
  if (!claim.known) return unknown(claim.why);
  const name = claim.value && volumeNameOf(claim.value);
  return name === undefined ? known(undefined) : memberNamed(members.volumes, name);
}

function memberNamed(reading: Known<readonly KubeObject[]>, name: string): Known<KubeObject | undefined> {
  return mapKnown(reading, (all) => all.find((object) => object.metadata.name === name));
}

function resourcesOf(sites: readonly SiteView[]): readonly string[] {
  return [...new Set(sites.flatMap((site) => claimsOf(site).flatMap((claim) => claim.resource ?? [])))].sort();
}

const lastOwners = keepLast<(node: string) => SiteName | undefined>();

function siteOfNodeIn(observation: Observation): (node: string) => SiteName | undefined {
  const sites = Object.keys(observation.sites);
  const nodes = sites.map((site) => readingOf(observation, site, 'nodes'));
  const linstorNodes = storageReadingOf(observation, 'linstorNodes');
  return lastOwners([linstorNodes, sites.join(), ...nodes], () => {
    const owners = new Map<string, SiteName>();
    nodes.forEach((reading, index) => {
      if (reading.known) for (const node of reading.value) owners.set(node.metadata.name, sites[index] as SiteName);
    });
    if (linstorNodes.known && Array.isArray(linstorNodes.value)) {
      for (const node of linstorNodes.value) {
        const name = textAt(node, 'name') ?? '';
        const site = textAt(node, 'props', 'Aux/site');
        if (!owners.has(name) && site !== undefined) owners.set(name, site);
      }
    }
    return (node) => owners.get(node);
  });
}
