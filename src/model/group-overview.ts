import { unfinishedOperations } from './failover.ts';
import { targetReplicasAreCurrent } from './gates.ts';
import { type GroupFacts, groupFacts } from './group-facts.ts';
import { type GroupView, groupView, type SiteView } from './group-view.ts';
import type { VirtualMachineReading } from './member-reading.ts';
import { textAt } from './json.ts';
import type { Observation } from './observation.ts';
import type { CurrentState, DesiredState, PowerState } from './protection-group.ts';
import { currentStateOf } from './protection-group.ts';
import type { SiteName } from './site.ts';
import { readingOfSite } from './site-reading.ts';

/** Whether the group is there: `Missing` is a definite answer, `Unknown` is none. */
export type GroupPresence = 'Active' | 'Deleting' | 'Missing' | 'Unknown';

/** `SplitBrain`: its VMs run on both sites. `Progressing`: on the way to what is wanted. `Unknown` is never healthy. */
export type GroupHealth = 'Healthy' | 'Progressing' | 'Degraded' | 'SplitBrain' | 'Missing' | 'Unknown';

export interface VirtualMachineOverview {
  readonly name: string;
  readonly status: 'Running' | 'Starting' | 'Stopping' | 'Stopped' | 'Missing' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface SiteOverview {
  readonly site: SiteName;
  readonly state: GroupPresence;
  readonly health: GroupHealth;
  readonly desiredState: DesiredState | undefined;
  /** As observed now, not as the controller last wrote it. */
  readonly currentState: CurrentState;
  readonly virtualMachines: readonly VirtualMachineOverview[];
  /** Sentences that say why the health is not `Healthy`. */
  readonly reasons: readonly string[];
}

/** What people are shown of a group: both sites, and the health of the whole. */
export interface GroupOverview {
  readonly name: string;
  readonly namespace: string;
  readonly health: GroupHealth;
  /** Sites on which any of its VMs runs or starts. */
  readonly activeSites: readonly SiteName[];
  readonly virtualMachineCount: number;
  /** Sentences about the data, such as a replica that is not current. */
  readonly replication: readonly string[];
  readonly sites: readonly SiteOverview[];
  /** Absent where only the reports of the controllers were read. */
  readonly facts?: GroupFacts;
}

export interface OverviewScope {
  readonly namespace: string;
  readonly group: string;
  readonly primary: SiteName;
  readonly dr: SiteName;
}

/** The overview of a group, from an observation of both sites and the storage. */
export function groupOverview(observation: Observation, scope: OverviewScope): GroupOverview {
  const view = orientedView(observation, scope);
  const replication = targetReplicasAreCurrent(view).blockers;
  const { source, target } = view;
  const bySite = source.site === scope.primary ? [source, target] : [target, source];
  const active = bySite.filter(isActive).map((site) => site.site);
  const facts = groupFacts(view);
  const wholeGroup = { view, active, replication, stillness: stillnessOf(view) };
  const sites = bySite.map((site) => siteOverview(site, wholeGroup));
  return {
    name: scope.group,
    namespace: scope.namespace,
    health: worstHealth([...sites.map((site) => site.health), facts.troubles.length > 0 ? 'Degraded' : 'Healthy']),
    activeSites: active,
    virtualMachineCount: view.virtualMachines.length,
    replication,
    sites,
    facts,
  };
}

/** What the health of a site takes from the group as a whole. */
interface WholeGroup {
  readonly view: GroupView;
  readonly active: readonly SiteName[];
  readonly replication: readonly string[];
  readonly stillness: Stillness | undefined;
}

/** Why no site is told to run the group: an operation moves it, or something was left half-way. */
interface Stillness {
  readonly health: 'Progressing' | 'Degraded';
  readonly reason: string;
}

function stillnessOf(view: GroupView): Stillness | undefined {
  const sites = [view.source, view.target];
  if (sites.some((site) => !site.group.known || site.group.value?.desiredState !== 'stopped')) return undefined;
  for (const site of sites) {
    const operations = readingOfSite(site, 'operations');
    const [operation] = operations.known ? unfinishedOperations(operations.value, view.scope.group) : [];
    if (operation === undefined) continue;
    const target = textAt(operation, 'spec', 'targetCluster') ?? 'the other cluster';
    return { health: 'Progressing', reason: `operation ${operation.metadata.name} moves it to ${target}` };
  }
  const names = sites.map((site) => site.site).join(' nor ');
  return { health: 'Degraded', reason: `neither ${names} is told to run ${view.scope.group}` };
}

/** The view of a group with its active site as the source: the primary one unless the group runs on the other. */
export function orientedView(observation: Observation, scope: OverviewScope): GroupView {
  const { namespace, group, primary, dr } = scope;
  const view = groupView(observation, { namespace, group, source: primary, target: dr });
  return leadsTo(view.target) && !leadsTo(view.source)
    ? groupView(observation, { namespace, group, source: dr, target: primary })
    : view;
}

function leadsTo(site: SiteView): boolean {
  const wanted = site.group.known && site.group.value?.desiredState === 'running';
  return wanted || (isActive(site) && site.virtualMachines.some((vm) => vm.power.state === 'running'));
}

function isActive(site: SiteView): boolean {
  return site.virtualMachines.some((vm) => vm.power.state === 'running' || vm.power.state === 'starting');
}

function siteOverview(site: SiteView, whole: WholeGroup): SiteOverview {
  const { view, active, replication, stillness } = whole;
  const { group } = site;
  const reasons = [...(stillness === undefined ? [] : [stillness.reason]), ...powerReasons(site), ...replication];
  const currentState = currentStateOf(site.virtualMachines.map((vm) => vm.power.state));
  const common = { site: site.site, virtualMachines: site.virtualMachines.map(virtualMachineOverview) };
  if (!group.known) {
    return {
      ...common,
      state: 'Unknown',
      health: 'Unknown',
      desiredState: undefined,
      currentState: 'unknown',
      reasons: [group.why],
    };
  }
  if (group.value === undefined) {
    const reason = `${site.site} has no ProtectionGroup ${view.scope.group} in namespace ${view.scope.namespace}`;
    return { ...common, state: 'Missing', health: 'Missing', desiredState: undefined, currentState, reasons: [reason] };
  }
  const { desiredState, object } = group.value;
  const split = active.length > 1;
  return {
    ...common,
    state: object.metadata.deletionTimestamp === undefined ? 'Active' : 'Deleting',
    health: split ? 'SplitBrain' : worstHealth([healthOf(site, desiredState, whole), stillness?.health ?? 'Healthy']),
    desiredState,
    currentState,
    reasons: split
      ? [`VMs of ${view.scope.group} run on ${active.join(' and ')} at the same time`, ...reasons]
      : reasons,
  };
}

function healthOf(site: SiteView, desired: DesiredState, { view, replication }: WholeGroup): GroupHealth {
  const powers = site.virtualMachines.map((vm) => vm.power.state);
  if (site.virtualMachines.some((vm) => vm.object.known && vm.object.value === undefined)) return 'Degraded';
  if (powers.includes('unknown') || !view.volumes.known) return 'Unknown';
  if (replication.length > 0) return 'Degraded';
  if (powers.every((power) => power === desired)) return 'Healthy';
  const underway: PowerState = desired === 'running' ? 'starting' : 'stopping';
  return powers.every((power) => power === desired || power === underway) ? 'Progressing' : 'Degraded';
}

function powerReasons(site: SiteView): readonly string[] {
  const desired = site.group.known ? site.group.value?.desiredState : undefined;
  return site.virtualMachines
    .filter((vm) => vm.power.state !== desired)
    .map((vm) => `${vm.name} on ${site.site} is ${vm.power.state}: ${vm.power.message}`);
}

function virtualMachineOverview(vm: VirtualMachineReading): VirtualMachineOverview {
  const missing = vm.object.known && vm.object.value === undefined && vm.power.state === 'stopped';
  const state = vm.power.state;
  return {
    name: vm.name,
    status: missing ? 'Missing' : statusOf[state],
    reason: vm.power.reason,
    message: vm.power.message,
  };
}

const statusOf: Readonly<Record<PowerState, VirtualMachineOverview['status']>> = {
  running: 'Running',
  starting: 'Starting',
  stopping: 'Stopping',
  stopped: 'Stopped',
  unknown: 'Unknown',
};

const healthOrder: readonly GroupHealth[] = ['Healthy', 'Progressing', 'Degraded', 'Missing', 'Unknown', 'SplitBrain'];

function worstHealth(healths: readonly GroupHealth[]): GroupHealth {
  return healths.reduce<GroupHealth>(
    (worst, health) => (healthOrder.indexOf(health) > healthOrder.indexOf(worst) ? health : worst),
    'Healthy',
  );
}
