import { claimDefinitionsExist, claimsAreBound, volumeDefinitionsExist } from './checks/claims.ts';
import { unlessModelDiffers } from './checks/deployment-model.ts';
import { replicationIsHealthyOf } from './checks/replication.ts';
import { troubleFindings } from './checks/troubles.ts';
import {
  copiesStandStill,
  definitionsExist,
  virtualMachinesAreValid,
  virtualMachinesRun,
} from './checks/virtual-machines.ts';
import { conditionsOf } from './condition-of.ts';
import { type DecidedCondition, mergeConditions } from './conditions.ts';
import type { Finding } from './findings.ts';
import type { LocalGroupView, SiteView } from './group-view.ts';
import type { VirtualMachineReading } from './member-reading.ts';
import { keepLast } from './memo.ts';
import type { Instant } from './instant.ts';
import type { JsonObject } from './json.ts';
import { supersededCondition } from './newer-order.ts';
import { currentStateOf, type ObservedRole, type ProtectionGroup } from './protection-group.ts';
import type { SiteRole } from './site.ts';
import { splitBrainCondition } from './split-brain.ts';
import { statusMessage } from './status-message.ts';
import { verificationOf } from './verification.ts';

/** What a controller reports of a VM: its power state, and why it is not what it should be. */
export interface VirtualMachineReport {
  readonly name: string;
  readonly state: VirtualMachineReading['power']['state'] | 'missing';
  readonly reason: string;
  readonly message: string;
}

/** The report on every VM of a group. `heldElsewhere` names VMs whose volumes are in use on another site. */
export function virtualMachineReports(view: LocalGroupView): readonly VirtualMachineReport[] {
  return view.site.virtualMachines.map((vm) => {
    if (vm.object.known && vm.object.value === undefined && vm.power.state === 'stopped') {
      return { name: vm.name, state: 'missing', reason: 'NotFound', message: `${vm.name} does not exist here` };
    }
    const holder = vm.power.state === 'stopped' ? holderElsewhere(view, vm) : undefined;
    if (holder !== undefined) {
      return {
        name: vm.name,
        state: 'stopped',
        reason: 'HeldByOtherSite',
        message: `its volume is Primary on ${holder}`,
      };
    }
    return { name: vm.name, state: vm.power.state, reason: vm.power.reason, message: vm.power.message };
  });
}

/** The node of another site that holds a volume of the VM; undefined when none is known to. */
export function holderElsewhere(view: LocalGroupView, vm: VirtualMachineReading): string | undefined {
  if (!view.volumes.known) return undefined;
  for (const { resource } of vm.claims) {
    const volume = resource === undefined ? undefined : view.volumes.value.get(resource);
    const holder = volume?.replicas.find((replica) => replica.inUse === 'yes' && replica.site !== view.site.site);
    if (holder !== undefined) return holder.node;
  }
  return undefined;
}

/** What this site does for the group, as observed; null while that cannot be told. */
export function observedRole(view: LocalGroupView): ObservedRole | null {
  const powers = view.site.virtualMachines.map((vm) => vm.power.state);
  const active = powers.some((power) => power === 'running' || power === 'starting' || power === 'stopping');
  const heldElsewhere = view.site.virtualMachines.some((vm) => holderElsewhere(view, vm) !== undefined);
  if (active) return heldElsewhere ? 'Both' : 'Active';
  if (powers.includes('unknown')) return null;
  const defined = view.site.virtualMachines.some((vm) => vm.object.known && vm.object.value !== undefined);
  return defined ? 'Standby' : 'None';
}

/** What a controller remembers or was started with, and its reports take up. */
export interface ReporterState {
  readonly clusterRole: SiteRole | null;
  /** Since when two copies have been seen to try to connect; null while none do. */
  readonly connectingSince: Instant | null;
}

/** The status of a ProtectionGroup: computed in one place from the same view as the orders of the same pass. */
export function groupStatus(
  group: ProtectionGroup,
  view: LocalGroupView,
  { clusterRole, connectingSince }: ReporterState,
): JsonObject {
  const role = observedRole(view);
  const replication = replicationFindings(view);
  const { unverified, verifiedAt, condition: verified } = verificationOf(group, view);
  const troubles = [
    splitBrainCondition(view.volumes, connectingSince, view.at),
    supersededCondition(group, view, replication.map(sentenceOf)),
    verified,
  ];
  return {
    currentState: currentStateOf(view.site.virtualMachines.map((vm) => vm.power.state)),
    role,
    observedGeneration: group.generation,
    epoch: group.epoch,
    virtualMachines: virtualMachineReports(view).map((report) => ({ ...report })),
    unverified,
    verifiedAt,
    conditions: mergeConditions(
      group.object.status,
      [
        readyCondition(group, view, troubles),
        conditionOf('Replicated', replication, 'InSync', 'every volume is in sync on both sites'),
        roleCondition(group, view, clusterRole),
        ...troubles,
      ],
      group.generation,
      view.at,
    ),
  };
}

/** Ready is True while nothing that this site can see speaks against a planned failover. */
function readyCondition(
  group: ProtectionGroup,
  view: LocalGroupView,
  troubles: readonly DecidedCondition[],
): DecidedCondition {
  const { site } = view;
  const { ofMachines, ofStorage } = definitionFindings(group, site);
  const ofPower = group.desiredState === 'running' ? virtualMachinesRun(site) : copiesStandStill(site);
  const findings = [...troubleFindings(group.name, site.site, troubles), ...ofMachines, ...ofPower, ...ofStorage];
  const all = [...findings, ...doubtsElsewhere(group, view), ...replicationFindings(view)];
  return conditionOf('Ready', all, 'Valid', 'a planned failover may start');
}

/** A doubt about the copies is one about both sides, whichever of them has seen its cause. */
function doubtsElsewhere({ name }: ProtectionGroup, { others }: LocalGroupView): readonly Finding[] {
  return others.flatMap(({ site, group }) => {
    const shown = group.known && group.value !== undefined ? conditionsOf(group.value.object) : [];
    return troubleFindings(
      name,
      site,
      shown.filter(({ type }) => type === 'Verified'),
    );
  });
}

interface DefinitionFindings {
  readonly ofMachines: readonly Finding[];
  readonly ofStorage: readonly Finding[];
}

const lastDefinitionFindings = keepLast<DefinitionFindings>();

/** What is found in the definitions of the VMs and of their storage: judged again only when one of them has changed. */
function definitionFindings(group: ProtectionGroup, site: SiteView): DefinitionFindings {
  const { claims, secrets, configMaps } = site.readings.readings;
  const definitions = site.virtualMachines.flatMap(({ name, object, claims: own }) => [
    name,
    object.known ? (object.value?.spec ?? object.value) : object.why,
    own,
  ]);
  return lastDefinitionFindings(
    [claims ?? site, secrets, configMaps, site.site, group.name, group.desiredState, ...definitions],
    () =>
      group.desiredState === 'running'
        ? { ofMachines: virtualMachinesAreValid(site), ofStorage: claimsAreBound(site) }
        : {
            ofMachines: definitionsExist(site, group.name),
            ofStorage: [...claimDefinitionsExist(site, group.name), ...volumeDefinitionsExist(site, site, group.name)],
          },
  );
}

/** RoleMatches is False while CLUSTER_ROLE says something else than what the site does for this group. */
function roleCondition(group: ProtectionGroup, view: LocalGroupView, clusterRole: SiteRole | null): DecidedCondition {
  const type = 'RoleMatches';
  if (clusterRole === null) {
    return {
      type,
      status: 'Unknown',
      reason: 'RoleNotSet',
      message: 'the environment variable CLUSTER_ROLE is not set',
    };
  }
  const runsHere = group.desiredState === 'running';
  if ((clusterRole === 'primary') === runsHere) {
    return { type, status: 'True', reason: 'AsConfigured', message: `CLUSTER_ROLE is ${clusterRole}` };
  }
  const what = runsHere ? 'runs the group' : 'keeps the group stopped';
  return {
    type,
    status: 'False',
    reason: runsHere ? 'FailedOver' : 'Standby',
    message: `CLUSTER_ROLE is ${clusterRole}, and ${view.site.site} ${what}; validation follows what the site does`,
  };
}

/** What keeps Replicated from being True: a volume that is not in sync, or not connected between the sites. */
function replicationFindings(view: LocalGroupView): readonly Finding[] {
  return unlessModelDiffers(view.askedStorage, [view.site], () => replicationIsHealthyOf(view.volumes));
}

/** Findings that say that something is not known, not that it is wrong. */
const unknowns: ReadonlySet<string> = new Set(['SiteUnreadable', 'PowerUnknown', 'StorageUnknown', 'ReplicaUnknown']);

function conditionOf(type: string, findings: readonly Finding[], good: string, sentence: string): DecidedCondition {
  const errors = findings.filter((finding) => finding.severity === 'error');
  // What is known to be wrong outweighs what is not known.
  const wrong = errors.find(({ id }) => !unknowns.has(id));
  const decisive = wrong ?? errors[0];
  if (decisive === undefined) return { type, status: 'True', reason: good, message: sentence };
  return {
    type,
    status: wrong === undefined ? 'Unknown' : 'False',
    reason: decisive.id,
    message: statusMessage(errors.map(sentenceOf).join('; ')),
  };
}

function sentenceOf({ what, why }: Finding): string {
  return `${what}: ${why}`;
}
