import type { FailoverView } from '../../model/failover-view.ts';
import { taintedTargetNodes } from '../../model/gates.ts';
import type { SiteView } from '../../model/group-view.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { listAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { heldSpec, mayTake, newLease } from '../../model/lease.ts';
import { groupLeaseName } from '../../model/observation.ts';
import type { DesiredState } from '../../model/protection-group.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import type { SiteName } from '../../model/site.ts';
import { microTimestamp } from '../../model/instant.ts';
import type { Fact } from '../definition.ts';
import { type FailoverContext, leasePlace, leaseSites } from './context.ts';
import { forceRequests } from './force.ts';
import { heldByTarget, upAgainst } from './guards.ts';

type Build = (context: FailoverContext, fact: Fact<FailoverView>) => readonly ApiRequest[];

/** The requests behind each effect action. All are "ensure" orders: what an observation shows done asks for nothing. */
export const failoverEffects: Readonly<Record<string, Build>> = {
  takeNextLease: (context, fact) => (fact.type === 'observed' ? takeNextLease(context, fact.view, fact.now) : []),
  renewLeases: (context, fact) => leaseSites(context).map((site) => renewal(context, site, fact.now)),
  releaseLeases: (context) => releaseRequests(context),
  stopSource: (context, fact) =>
    fact.type === 'observed'
      ? [
          ...orderState(context, fact.view.group.source, 'stopped'),
          ...orderState(context, fact.view.group.target, 'stopped'),
        ]
      : [],
  startTarget: (context, fact) =>
    fact.type === 'observed' ? orderState(context, fact.view.group.target, 'running') : [],
  restoreSource: (context, fact) =>
    fact.type === 'observed'
      ? [
          ...orderState(context, fact.view.group.target, 'stopped'),
          // Somebody else may have started the target meanwhile: it is stopped there first, and seen to have let go.
          ...(mayBeUp(context, fact.view.group.target) || heldByTarget(fact.view).length > 0
            ? []
            : orderState(context, fact.view.group.source, 'running')),
        ]
      : [],
  // Who cannot see its Lease waits: another may act by now.
  orderNothing: () => [],
  forceVolumes: (context, fact) => (fact.type === 'observed' ? forceRequests(context, fact.view) : []),
  removeTaints: (_context, fact) => (fact.type === 'observed' ? removeTaints(fact.view) : []),
};

/** Lets go of every Lease that is still ours. Also for a process that leaves an operation to others. */
export function releaseRequests(context: FailoverContext): readonly ApiRequest[] {
  return leaseSites(context).map((site) => release(context, site));
}

/**
 * The next Lease, in the fixed order, that is not ours: two operations can then never hold one each and wait. Who comes back
 * after a crash may hold a later one while an earlier one has been lost to the other: it lets go of that.
 */
function takeNextLease(context: FailoverContext, view: FailoverView, now: number): readonly ApiRequest[] {
  // Without the target's Lease none is of use; a site besides it that is silent is left out.
  if (view.leases[context.request.target]?.known !== true) return [];
  const order = leaseSites(context);
  for (const [index, site] of order.entries()) {
    const reading = view.leases[site];
    if (reading === undefined || !reading.known) continue;
    const lease = reading.value;
    if (lease?.holder === context.holder) continue;
    if (!mayTake(lease, context.leases[site], context.holder, now))
      return order.slice(index + 1).flatMap((later) => (isOurs(context, view, later) ? [release(context, later)] : []));
    if (lease === undefined) {
      const { group, namespace } = leasePlace(context, site);
      const body = newLease(group, namespace, context.holder, now) as unknown as Json;
      return [{ ...leaseRequest(context, site, 'create'), body }];
    }
    const spec = heldSpec(context.holder, now, lease.transitions + 1);
    const body = { metadata: { resourceVersion: lease.resourceVersion }, spec };
    return [{ ...namedLease(context, site, 'patch'), patch: 'merge', body }];
  }
  return [];
}

function isOurs(context: FailoverContext, view: FailoverView, site: SiteName): boolean {
  const lease = view.leases[site];
  return lease?.known === true && lease.value?.holder === context.holder;
}

/** Renews a Lease only while it is ours: the `test` makes the server refuse it otherwise. */
function renewal(context: FailoverContext, site: SiteName, now: number): ApiRequest {
  const body = [
    { op: 'test', path: '/spec/holderIdentity', value: context.holder },
    { op: 'replace', path: '/spec/renewTime', value: microTimestamp(now) },
  ];
  return { ...namedLease(context, site, 'patch'), patch: 'json', body };
}

function release(context: FailoverContext, site: SiteName): ApiRequest {
  const body = [
    { op: 'test', path: '/spec/holderIdentity', value: context.holder },
    { op: 'replace', path: '/spec/holderIdentity', value: '' },
  ];
  return { ...namedLease(context, site, 'patch'), patch: 'json', body };
}

function leaseRequest(context: FailoverContext, site: SiteName, verb: KubeRequest['verb']): KubeRequest {
  return { api: 'kube', site, verb, resource: resources.lease, namespace: leasePlace(context, site).namespace };
}

function namedLease(context: FailoverContext, site: SiteName, verb: KubeRequest['verb']): KubeRequest {
  return { ...leaseRequest(context, site, verb), name: groupLeaseName(leasePlace(context, site).group) };
}

/** Until its group is seen stopped under this operation's epoch, an order of an earlier operation may still start it. */
function mayBeUp(context: FailoverContext, site: SiteView): boolean {
  const group = site.group.known ? site.group.value : undefined;
  const isHeldStill = group === undefined || (group.desiredState === 'stopped' && group.epoch === context.epoch);
  return upAgainst(site).length > 0 || !isHeldStill;
}

/** Sets a group's desiredState under this operation's epoch. A group that carries a higher epoch is left alone. */
function orderState(context: FailoverContext, site: SiteView, desiredState: DesiredState): readonly ApiRequest[] {
  const group = site.group.known ? site.group.value : undefined;
  if (group === undefined || context.epoch === 0 || group.epoch > context.epoch) return [];
  if (group.desiredState === desiredState && group.epoch === context.epoch) return [];
  const body: JsonObject = {
    metadata: { resourceVersion: group.resourceVersion },
    spec: { desiredState, epoch: context.epoch },
  };
  return [
    {
      api: 'kube',
      site: site.site,
      verb: 'patch',
      resource: resources.protectionGroup,
      namespace: group.namespace,
      name: group.name,
      patch: 'merge',
      body,
    },
  ];
}

/** Takes the two quorum taints off the target's nodes; the node's other taints must be as they were read. */
function removeTaints(view: FailoverView): readonly ApiRequest[] {
  return (taintedTargetNodes(view.group) ?? []).map(({ node, keys }): KubeRequest => {
    const kept = listAt(node, 'spec', 'taints').filter((taint) => !keys.includes(textAt(taint, 'key') ?? ''));
    const body: Json = [
      { op: 'test', path: '/metadata/resourceVersion', value: node.metadata.resourceVersion ?? '' },
      kept.length === 0 ? { op: 'remove', path: '/spec/taints' } : { op: 'replace', path: '/spec/taints', value: kept },
    ];
    return {
      api: 'kube',
      site: view.group.scope.target,
      verb: 'patch',
      resource: resources.node,
      name: node.metadata.name,
      patch: 'json',
      body,
    };
  });
}
