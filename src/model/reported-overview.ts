import { conditionOf } from './condition-of.ts';
import type { GroupOverview, OverviewScope, SiteOverview, VirtualMachineOverview } from './group-overview.ts';
import { listAt, textAt } from './json.ts';
import { type Observation, objectReadingOf } from './observation.ts';
import { type DesiredState, type ProtectionGroup, protectionGroupOf } from './protection-group.ts';
import type { SiteName } from './site.ts';

/**
 * The overview of a group from what the controllers of both sites report in its status: two objects instead of lists of
 * everything. Undefined unless both reports are current and say that all is as it should be, one site running and one
 * stopped: anything else is for a look at the VMs and volumes themselves, which also says why.
 */
export function reportedOverview(observation: Observation, scope: OverviewScope): GroupOverview | undefined {
  const reports = [scope.primary, scope.dr].flatMap((site) => reportOf(observation, site) ?? []);
  const [first, second] = reports;
  if (first === undefined || second === undefined) return undefined;
  if (first.desiredState === second.desiredState || !haveSameMembers(first, second)) return undefined;
  const sites = reports.map(({ site, group, desiredState }) => siteOverview(site, group, desiredState));
  return {
    name: scope.group,
    namespace: scope.namespace,
    health: 'Healthy',
    activeSites: reports.filter(({ desiredState }) => desiredState === 'running').map(({ site }) => site),
    virtualMachineCount: first.group.virtualMachines.length,
    replication: [],
    sites,
  };
}

/** A group whose controller has seen its newest spec and finds everything as wanted. */
interface Report {
  readonly site: SiteName;
  readonly group: ProtectionGroup;
  readonly desiredState: DesiredState;
}

function reportOf(observation: Observation, site: SiteName): Report | undefined {
  const reading = objectReadingOf(observation, site, 'group');
  if (!reading.known || reading.value === undefined) return undefined;
  const group = protectionGroupOf(reading.value);
  const { object, desiredState } = group;
  const isCurrent = group.observedGeneration === group.generation && object.metadata.deletionTimestamp === undefined;
  const isGood = ['Ready', 'Replicated'].every((type) => conditionOf(object, type)?.status === 'True');
  const reported = listAt(object, 'status', 'virtualMachines');
  const isSettled =
    group.currentState === desiredState &&
    reported.length === group.virtualMachines.length &&
    reported.every(
      (vm, index) => textAt(vm, 'name') === group.virtualMachines[index] && textAt(vm, 'state') === desiredState,
    );
  return isCurrent && isGood && isSettled ? { site, group, desiredState } : undefined;
}

function haveSameMembers(a: Report, b: Report): boolean {
  const names = new Set([...a.group.virtualMachines, ...b.group.virtualMachines]);
  return names.size === a.group.virtualMachines.length && names.size === b.group.virtualMachines.length;
}

function siteOverview(site: SiteName, group: ProtectionGroup, desiredState: DesiredState): SiteOverview {
  const status = desiredState === 'running' ? 'Running' : 'Stopped';
  const virtualMachines = listAt(group.object, 'status', 'virtualMachines').map(
    (vm): VirtualMachineOverview => ({
      name: textAt(vm, 'name') ?? '',
      status,
      reason: textAt(vm, 'reason') ?? '',
      message: textAt(vm, 'message') ?? '',
    }),
  );
  return {
    site,
    state: 'Active',
    health: 'Healthy',
    desiredState,
    currentState: desiredState,
    virtualMachines,
    reasons: [],
  };
}
