import type { GroupView } from '../model/group-view.ts';
import { type ProtectionGroup } from '../model/protection-group.ts';
import { resources } from '../model/kube.ts';
import { planSync, type SyncStep } from '../model/sync-plan.ts';

/** The sync of a group: its VMs with all that they name, and the same list of VMs on both sites. */
export function planGroupSync(view: GroupView): readonly SyncStep[] {
  return [...planSync(view), ...memberStep(view)];
}

/** The target's group lists the VMs that the source's does. */
function memberStep(view: GroupView): readonly SyncStep[] {
  const source = groupOf(view.source);
  const target = groupOf(view.target);
  if (source === undefined || target === undefined || sameMembers(source, target)) return [];
  return [
    {
      site: view.target.site,
      kind: 'ProtectionGroup',
      name: target.name,
      action: 'update',
      details: ['spec.virtualMachines'],
      request: {
        api: 'kube',
        site: view.target.site,
        verb: 'patch',
        resource: resources.protectionGroup,
        namespace: target.namespace,
        name: target.name,
        patch: 'merge',
        body: {
          metadata: { resourceVersion: target.resourceVersion },
          spec: { virtualMachines: source.virtualMachines.map((name) => ({ name })) },
        },
      },
    },
  ];
}

function groupOf(site: GroupView['source']): ProtectionGroup | undefined {
  return site.group.known ? site.group.value : undefined;
}

function sameMembers(a: ProtectionGroup, b: ProtectionGroup): boolean {
  return (
    a.virtualMachines.length === b.virtualMachines.length &&
    a.virtualMachines.every((vm) => b.virtualMachines.includes(vm))
  );
}
