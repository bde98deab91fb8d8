import type { FailoverView } from '../../model/failover-view.ts';
import { taintedTargetNodes } from '../../model/gates.ts';
import type { SiteView } from '../../model/group-view.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { listAt, textAt } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import type { DesiredState } from '../../model/protection-group.ts';
import type { ApiRequest, KubeRequest } from '../../model/request.ts';
import type { Fact } from '../definition.ts';
import { leaseEffects, orderedByLook } from '../operation/effects.ts';
import { claimOf, type FailoverContext } from './context.ts';
import { forceRequests } from './force.ts';
import { heldByTarget, upAgainst } from './guards.ts';

type Build = (context: FailoverContext, fact: Fact<FailoverView>) => readonly ApiRequest[];

/** The requests behind each effect action. All are "ensure" orders: what an observation shows done asks for nothing. */
export const failoverEffects: Readonly<Record<string, Build>> = {
  ...leaseEffects<FailoverContext, FailoverView>(claimOf),
  stopSource: orderedByLook((context, { group }) => [
    ...orderState(context, group.source, 'stopped'),
    ...orderState(context, group.target, 'stopped'),
  ]),
  startTarget: orderedByLook((context, { group }) => orderState(context, group.target, 'running')),
  restoreSource: orderedByLook((context, view) => [
    ...orderState(context, view.group.target, 'stopped'),
    // Somebody else may have started the target meanwhile: it is stopped there first, and seen to have let go.
    ...(mayBeUp(context, view.group.target) || heldByTarget(view).length > 0
      ? []
      : orderState(context, view.group.source, 'running')),
  ]),
  forceVolumes: orderedByLook(forceRequests),
  removeTaints: orderedByLook((_context, view) => removeTaints(view)),
};

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
