import { groupStatus, holderElsewhere } from '../../model/group-status.ts';
import type { LocalGroupView } from '../../model/group-view.ts';
import type { VirtualMachineReading } from '../../model/member-reading.ts';
import { isSameJson, type Json, objectAt } from '../../model/json.ts';
import { type KubeObject, type ResourceType, resources } from '../../model/kube.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import { isShownSuperseded, newerOrder } from '../../model/newer-order.ts';
import { startPlan, stopPatch } from '../../model/virtual-machine.ts';
import type { Fact } from '../definition.ts';
import type { ProtectionGroupContext } from './context.ts';

type Build = (context: ProtectionGroupContext, fact: Fact<LocalGroupView>) => readonly ApiRequest[];

/** KubeVirt's subresources are an API of their own; see `pkg/virt-api/rest/lifecycle.go` of kubevirt/kubevirt. */
const virtualMachineActions: ResourceType = { ...resources.virtualMachine, group: 'subresources.kubevirt.io' };

/** The requests behind each effect action of the group's machine. */
export const protectionGroupEffects: Readonly<Record<string, Build>> = {
  orderStop: (context, fact) => eachVirtualMachine(fact, (_view, vm) => stopRequests(context, vm)),
  orderStart: (context, fact) => eachVirtualMachine(fact, (view, vm) => startRequests(context, view, vm)),
  adoptOrder: (context, fact) => (fact.type === 'observed' ? adoption(context, fact.view) : []),
  reportStatus: (context, fact) => (fact.type === 'observed' ? reportStatus(context, fact.view) : []),
};

function eachVirtualMachine(
  fact: Fact<LocalGroupView>,
  requestsOf: (view: LocalGroupView, vm: VirtualMachineReading) => readonly ApiRequest[],
): readonly ApiRequest[] {
  if (fact.type !== 'observed') return [];
  return fact.view.site.virtualMachines.flatMap((vm) => requestsOf(fact.view, vm));
}

function stopRequests(context: ProtectionGroupContext, vm: VirtualMachineReading): readonly ApiRequest[] {
  const object = vm.object.known ? vm.object.value : undefined;
  const patch = object && stopPatch(object);
  return object === undefined || patch === undefined ? [] : [patchOf(context, object, patch)];
}

/** Starts only what is proven stopped, and never while another site holds one of its volumes. */
function startRequests(
  context: ProtectionGroupContext,
  view: LocalGroupView,
  vm: VirtualMachineReading,
): readonly ApiRequest[] {
  const object = vm.object.known ? vm.object.value : undefined;
  if (object === undefined || vm.power.state !== 'stopped' || holderElsewhere(view, vm) !== undefined) return [];
  const plan = startPlan(object);
  const requests: ApiRequest[] = plan.patch === undefined ? [] : [patchOf(context, object, plan.patch)];
  if (plan.subresourceStart === true) {
    requests.push({
      ...placeOf(context, object),
      verb: 'update',
      resource: virtualMachineActions,
      subresource: 'start',
      body: {},
    });
  }
  return requests;
}

/**
 * Takes a newer order over into the own group: stopped, under its epoch. Only once the status says that the group was
 * superseded, since the order itself will not tell any more then.
 */
function adoption(context: ProtectionGroupContext, view: LocalGroupView): readonly ApiRequest[] {
  const group = view.site.group.known ? view.site.group.value : undefined;
  const newer = newerOrder(view);
  if (group === undefined || newer === undefined || !isShownSuperseded(group)) return [];
  return [
    {
      ...placeOf(context, group.object),
      verb: 'patch',
      resource: resources.protectionGroup,
      patch: 'merge',
      body: {
        metadata: { resourceVersion: group.resourceVersion },
        spec: { desiredState: 'stopped', epoch: newer.epoch },
      },
    },
  ];
}

function reportStatus(context: ProtectionGroupContext, view: LocalGroupView): readonly ApiRequest[] {
  const group = view.site.group.known ? view.site.group.value : undefined;
  if (group === undefined) return [];
  const status = groupStatus(group, view, context);
  const present = objectAt(group.object, 'status');
  // In a merge patch null takes a field away: absent is what it comes to.
  const differs = Object.entries(status).some(([field, value]) => !isSameJson(present[field] ?? null, value));
  if (!differs) return [];
  return [
    {
      ...placeOf(context, group.object),
      verb: 'patch',
      resource: resources.protectionGroup,
      subresource: 'status',
      patch: 'merge',
      body: { status },
    },
  ];
}

function patchOf(context: ProtectionGroupContext, object: KubeObject, body: Json): KubeRequest {
  return {
    ...placeOf(context, object),
    verb: 'patch',
    resource: resources.virtualMachine,
    patch: 'merge',
    body,
  };
}

function placeOf(
  context: ProtectionGroupContext,
  object: KubeObject,
): Pick<KubeRequest, 'api' | 'site' | 'namespace' | 'name'> {
  return { api: 'kube', site: context.site, namespace: context.namespace, name: object.metadata.name };
}
