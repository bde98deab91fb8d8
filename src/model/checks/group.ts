import type { Finding } from '../findings.ts';
import type { GroupView, SiteView } from '../group-view.ts';
import { numberAt, textAt } from '../json.ts';
import { unfinishedOperations } from '../failover.ts';
import { protectionGroupOf } from '../protection-group.ts';
import { waveAnnotation } from '../wave.ts';
import { groupResourceOf, type KubeObject, resources } from '../kube.ts';

const groupType = groupResourceOf(resources.protectionGroup);

/** The group exists on a site, which answers and serves its type. */
export function groupExists(view: GroupView, site: SiteView): readonly Finding[] {
  const { group, namespace } = view.scope;
  const object = `ProtectionGroup ${namespace}/${group}`;
  if (site.readings.missingTypes.includes(groupType)) {
    return [
      {
        id: 'CrdMissing',
        severity: 'error',
        site: site.site,
        object,
        what: `${site.site} does not know ProtectionGroups`,
        why: `the CustomResourceDefinition ${groupType} is not there`,
        remedy: `kubectl --kubeconfig <kubeconfig of ${site.site}> apply -f protection-group-crd.yaml`,
      },
    ];
  }
  if (!site.group.known) return [unreadable(site, object, site.group.why)];
  if (site.group.value !== undefined) return epochIsKept(site, site.group.value.object);
  return [
    {
      id: 'GroupMissing',
      severity: 'error',
      site: site.site,
      object,
      what: `Protection Group ${group} does not exist on ${site.site}`,
      why: `namespace ${namespace} has no ProtectionGroup of that name`,
      remedy: `check the name and the namespace, or create it: pgctl create protectiongroup ${group} --vm NAME --namespace ${namespace}`,
    },
  ];
}

/**
 * The site's definition of ProtectionGroup has `spec.epoch`. Its default makes the server tell it of every object; a definition
 * of an earlier release drops it without a word, and an order that was superseded could no longer be told from a newer one.
 */
function epochIsKept({ site }: SiteView, group: KubeObject): readonly Finding[] {
  if (numberAt(group, 'spec', 'epoch') !== undefined) return [];
  return [
    {
      id: 'CrdOutdated',
      severity: 'error',
      site,
      object: `CustomResourceDefinition ${groupType}`,
      what: `the definition of ProtectionGroup on ${site} is of an earlier release`,
      why: 'it does not know spec.epoch, by which an order that was superseded is told from a newer one',
      remedy: `kubectl --kubeconfig <kubeconfig of ${site}> apply -f protection-group-crd.yaml`,
    },
  ];
}

/** Both sites list the same VMs. */
export function membersAgree(view: GroupView): readonly Finding[] {
  const source = view.source.group.known ? view.source.group.value : undefined;
  const target = view.target.group.known ? view.target.group.value : undefined;
  if (source === undefined || target === undefined) return [];
  const missing = source.virtualMachines.filter((vm) => !target.virtualMachines.includes(vm));
  const extra = target.virtualMachines.filter((vm) => !source.virtualMachines.includes(vm));
  if (missing.length === 0 && extra.length === 0) return [];
  return [
    {
      id: 'MembersDiffer',
      severity: 'error',
      object: `ProtectionGroup ${view.scope.group}`,
      what: `${view.source.site} and ${view.target.site} list different VMs: ${[...missing, ...extra].join(', ')}`,
      why: 'a VM was added or removed on one site only',
      remedy: `pgctl sync protectiongroup ${view.scope.group}`,
    },
  ];
}

/** Both sites say in which wave it goes: when one of them is lost the word of the other counts. */
export function wavesAgree({ source, target, scope }: GroupView): readonly Finding[] {
  const waves = [source, target].flatMap(({ site, group }) =>
    group.known && group.value !== undefined
      ? [{ site, wave: group.value.object.metadata.annotations?.[waveAnnotation] }]
      : [],
  );
  if (new Set(waves.map(({ wave }) => wave)).size < 2) return [];
  return [
    {
      id: 'WavesDiffer',
      severity: 'warning',
      object: `ProtectionGroup ${scope.group}`,
      what: `the wave of ${scope.group} is ${waves.map(({ site, wave }) => `${wave ?? 'not set'} on ${site}`).join(', ')}`,
      why: 'with all groups at once that of the primary cluster counts, and without that cluster the other one',
      remedy: `set it on both clusters: kubectl annotate protectiongroup ${scope.group} --overwrite ${waveAnnotation}=<number>`,
    },
  ];
}

/** Not both sites are told to run the group. */
export function oneSiteIsDesired(view: GroupView): readonly Finding[] {
  const [source, target] = [view.source, view.target].map((site) => (site.group.known ? site.group.value : undefined));
  if (source?.desiredState !== 'running' || target?.desiredState !== 'running') return [];
  return [
    {
      id: 'BothSitesDesired',
      severity: 'error',
      object: `ProtectionGroup ${view.scope.group}`,
      what: `desiredState is running on both ${view.source.site} and ${view.target.site}`,
      why: 'only one site may run a group; somebody set desiredState by hand or restored an old manifest',
      remedy: `set it to stopped on the site that does not hold the data: kubectl --kubeconfig <kubeconfig of that site> patch protectiongroup ${view.scope.group} --type merge -p '{"spec":{"desiredState":"stopped"}}'`,
    },
  ];
}

/** The target is not told to run the group already: turning back would then start the source beside it. */
export function targetIsNotDesired({ source, target, scope }: GroupView): readonly Finding[] {
  const [there, here] = [source, target].map((site) => (site.group.known ? site.group.value?.desiredState : undefined));
  if (here !== 'running' || there === 'running') return [];
  return [
    {
      id: 'TargetIsDesired',
      severity: 'error',
      site: target.site,
      object: `ProtectionGroup ${scope.group}`,
      what: `${target.site} is told to run ${scope.group} already`,
      why: 'an operation that turns back starts the group on its source, and that must not happen beside a target that runs it',
      remedy: `wait until it runs there: pgctl get protectiongroup ${scope.group}; or order the other way`,
    },
  ];
}

/** No other group of the site names one of this group's VMs. Asked only where the site's groups were read. */
export function membersAreInOneGroup(view: GroupView, site: SiteView): readonly Finding[] {
  const groups = site.readings.readings.groups;
  if (groups === undefined || site.readings.missingTypes.includes(groupType)) return [];
  if (!groups.known) return [unreadable(site, 'the other ProtectionGroups', groups.why)];
  return groups.value.flatMap((object) => {
    const other = protectionGroupOf(object);
    if (other.name === view.scope.group) return [];
    return other.virtualMachines
      .filter((vm) => view.virtualMachines.includes(vm))
      .map(
        (vm): Finding => ({
          id: 'VirtualMachineInTwoGroups',
          severity: 'error',
          site: site.site,
          object: `VirtualMachine ${vm}`,
          what: `${vm} is in Protection Group ${other.name} as well`,
          why: 'two groups would give it contradicting orders',
          remedy: `take it out of one of them: pgctl describe protectiongroup ${other.name}`,
        }),
      );
  });
}

/** Nobody else drives an operation on the group. `own` is the operation that asks. Asked only where operations were read. */
export function noOtherOperation(view: GroupView, own?: string): readonly Finding[] {
  return [view.target, view.source].flatMap((site) => {
    const { operations } = site.readings.readings;
    // A site whose group could not be read is told of already.
    if (operations === undefined || !site.group.known) return [];
    if (!operations.known) return [unreadable(site, `the operations on ${view.scope.group}`, operations.why)];
    // One that nobody drives yet waits for the Leases that the asker holds: it will be refused, and hinders nobody.
    return unfinishedOperations(operations.value, view.scope.group)
      .filter((operation) => operation.metadata.name !== own && textAt(operation, 'status', 'holder') !== undefined)
      .map(
        (operation): Finding => ({
          id: 'OperationInProgress',
          severity: 'error',
          site: site.site,
          object: `Failover ${operation.metadata.name}`,
          what: `operation ${operation.metadata.name} on ${view.scope.group} has not ended`,
          why: `${textAt(operation, 'status', 'holder') ?? 'somebody'} drives it towards ${textAt(operation, 'spec', 'targetCluster') ?? '?'}`,
          remedy: `follow it: pgctl failover ${view.scope.group} --to ${textAt(operation, 'spec', 'targetCluster') ?? '?'}`,
        }),
      );
  });
}

/** The finding for something that could not be read at all. */
export function unreadable(site: SiteView, object: string, why: string): Finding {
  return {
    id: 'SiteUnreadable',
    severity: 'error',
    site: site.site,
    object,
    what: `${object} could not be read from ${site.site}`,
    why,
    remedy: 'pgctl config test',
  };
}
