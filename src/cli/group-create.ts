import { claimsAreBound } from '../model/checks/claims.ts';
import { membersAreInOneGroup } from '../model/checks/group.ts';
import { geoReplicationLine } from '../model/checks/preflight.ts';
import { targetHasWhatIsNeeded } from '../model/checks/target-needs.ts';
import { virtualMachinesAreValid, virtualMachinesRun } from '../model/checks/virtual-machines.ts';
import type { CheckLine } from '../model/findings.ts';
import type { GroupView, SiteView } from '../model/group-view.ts';
import type { Json } from '../model/json.ts';
import { groupResourceOf, resources } from '../model/kube.ts';
import { type DesiredState, newProtectionGroup } from '../model/protection-group.ts';
import type { Outcome } from '../model/request.ts';
import type { Driver } from '../runtime/ports.ts';
import { CommandError } from './command-error.ts';

/** What the source must fulfil before VMs are protected together. The group itself need not exist yet. */
export function creationChecks(view: GroupView): readonly CheckLine[] {
  const { source } = view;
  // The sync that follows sets Retain, so that another policy is no obstacle here.
  const claims = claimsAreBound(source).filter((finding) => finding.id !== 'ReclaimPolicyNotRetain');
  return [
    {
      id: 'virtualMachines',
      title: 'VMs exist and are valid',
      findings: [
        ...virtualMachinesAreValid(source),
        ...virtualMachinesRun(source),
        ...membersAreInOneGroup(view, source),
        ...targetHasWhatIsNeeded(view),
      ],
    },
    { id: 'claims', title: 'PVCs are bound', findings: claims },
    geoReplicationLine(view),
  ];
}

/** Throws unless both sites serve groups and neither has another group of this name. */
export function requireRoomFor(view: GroupView, virtualMachines: readonly string[]): void {
  const crd = groupResourceOf(resources.protectionGroup);
  for (const site of [view.source, view.target]) {
    if (site.readings.missingTypes.includes(crd)) {
      throw new CommandError(`${site.site} does not know protection groups`, {
        reason: `the CustomResourceDefinition ${crd} is not there`,
        remedy: `kubectl --kubeconfig <kubeconfig of ${site.site}> apply -f protection-group-crd.yaml`,
        exit: 'notReady',
      });
    }
    if (!site.group.known) {
      throw new CommandError(`Whether ${site.site} has the group already cannot be told`, {
        reason: site.group.why,
        remedy: 'See which clusters answer: pgctl config test',
      });
    }
    const present = site.group.value?.virtualMachines;
    if (present !== undefined && present.toSorted().join() !== virtualMachines.toSorted().join()) {
      throw new CommandError(`Protection group ${view.scope.group} exists on ${site.site} with other VMs`, {
        reason: `it protects ${present.join(', ')}`,
        remedy: `Choose another name, or change its spec.virtualMachines with kubectl and run: pgctl sync protectiongroup ${view.scope.group}`,
        exit: 'usage',
      });
    }
  }
}

/** Creates the group on a site; one that is there with the same VMs stays as it is. Answers whether it was created. */
export async function createGroup(
  site: SiteView,
  view: GroupView,
  desiredState: DesiredState,
  driver: Driver,
): Promise<boolean> {
  if (site.group.known && site.group.value !== undefined) return false;
  const { group, namespace } = view.scope;
  const body = newProtectionGroup(group, namespace, view.virtualMachines, desiredState);
  const outcome = await driver.perform({
    api: 'kube',
    site: site.site,
    verb: 'create',
    resource: resources.protectionGroup,
    namespace,
    body: body as unknown as Json,
  });
  if (outcome.kind === 'applied') return true;
  if (outcome.kind === 'refused' && outcome.reason === 'AlreadyExists') return false;
  throw creationFailed(site, group, outcome);
}

function creationFailed(site: SiteView, group: string, outcome: Exclude<Outcome, { kind: 'applied' }>): CommandError {
  const what = outcome.kind === 'unknown' ? 'may not have been created' : 'was not created';
  return new CommandError(`Protection group ${group} ${what} on ${site.site}`, {
    reason: outcome.message,
    remedy: 'Remove the cause and run the same command again: it goes on with what is left',
  });
}
