import type { GroupView } from '../model/group-view.ts';
import { groupExists } from '../model/checks/group.ts';
import type { Json } from '../model/json.ts';
import { resources } from '../model/kube.ts';
import { newProtectionGroup, type ProtectionGroup } from '../model/protection-group.ts';
import { planSync, type SyncStep } from '../model/sync-plan.ts';

/** The sync of a group: its VMs with all that they name, and the group itself with the same list of VMs on both sites. */
export function planGroupSync(view: GroupView): readonly SyncStep[] {
  return [...planSync(view), ...groupStep(view)];
}

/** The target's group is there, and lists the VMs that the source's does. */
function groupStep(view: GroupView): readonly SyncStep[] {
  const source = groupOf(view.source);
  if (source === undefined) return [];
  const { site, group } = view.target;
  const base = { site, kind: 'ProtectionGroup', name: source.name };
  if (!group.known) {
    const [finding] = groupExists(view, view.target);
    return finding === undefined ? [] : [{ ...base, action: 'blocked', details: [], finding }];
  }
  return group.value === undefined ? [createStep(base, source)] : memberStep(view, source, group.value);
}

// Stopped, whatever the schema's default is: the other site runs it.
function createStep(
  base: Pick<SyncStep, 'site' | 'kind' | 'name'>,
  { namespace, name, ...source }: ProtectionGroup,
): SyncStep {
  const group = newProtectionGroup(name, namespace, source.virtualMachines, 'stopped');
  const body = { ...group, spec: { ...group.spec, epoch: source.epoch } } as unknown as Json;
  const resource = resources.protectionGroup;
  const request = { api: 'kube', site: base.site, verb: 'create', resource, namespace, body } as const;
  return { ...base, action: 'create', details: [], request };
}

function memberStep(view: GroupView, source: ProtectionGroup, target: ProtectionGroup): readonly SyncStep[] {
  if (sameMembers(source, target)) return [];
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
