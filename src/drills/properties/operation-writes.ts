import { isUnfinished } from '../../model/failover.ts';
import type { Millis } from '../../model/instant.ts';
import type { JsonObject } from '../../model/json.ts';
import { isJsonObject, listAt, textAt } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { isChange, kindOf } from '../interference.ts';
import { groupNamed, type SentRequest, type Stage, stageNamespace, type StagedGroup } from '../stage.ts';
import { stageSites } from '../stage-sites.ts';

/** An operation whose journal a host has just written. */
export interface JournalWrite {
  readonly host: string;
  readonly operation: KubeObject;
  /** State of its machine before and after. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** World time at which the host sent it. */
  readonly sentAt: Millis;
}

/** Calls a listener for every write of a journal that was applied. */
export function onJournalWrite(stage: Stage, listener: (write: JournalWrite) => void): void {
  const states = new Map<string, string | undefined>();
  stage.onRequest.add(({ host, request, outcome, sentAt }) => {
    if (!isChange(request) || request.resource.plural !== resources.failover.plural) return;
    if (outcome.kind !== 'applied' || request.subresource !== 'status') return;
    const { api } = stage.twin.world.cluster(request.site);
    const operation = api.get(resources.failover, stageNamespace, request.name ?? '');
    if (operation === undefined) return;
    const { name, uid = name } = operation.metadata;
    const after = textAt(operation, 'status', 'record', 'state');
    listener({ host, operation, before: states.get(uid), after, sentAt });
    states.set(uid, after);
  });
}

/** An order that a host has given to a group in an operation: to run or to stay stopped. */
export interface GroupOrder {
  readonly host: string;
  readonly operation: KubeObject;
  readonly group: StagedGroup;
  readonly site: string;
  readonly desired: string;
  /** World time at which the host sent it. */
  readonly sentAt: Millis;
}

/** Calls a listener for every order of an operation to a group that was applied. */
export function onGroupOrder(stage: Stage, listener: (order: GroupOrder) => void): void {
  stage.onRequest.add((sent) => {
    const { host, request, sentAt } = sent;
    if (!isOperationOrder(sent) || !isChange(request) || request.resource.plural !== resources.protectionGroup.plural)
      return;
    const desired = textAt(request.body, 'spec', 'desiredState');
    const operation = operationOf(stage, host);
    if (desired === undefined || operation === undefined) return;
    const group = groupNamed(stage, request.name ?? '');
    listener({ host, operation, group, site: request.site, desired, sentAt });
  });
}

/** True for a change of a group or a node that a host has made in an operation. */
export function isOperationOrder({ host, request, outcome }: SentRequest): boolean {
  if (!isChange(request) || kindOf(host) === 'protection-group-controller' || outcome.kind !== 'applied') return false;
  return [resources.protectionGroup.plural, resources.node.plural].includes(request.resource.plural);
}

/** The operation that a host drives. Names are unique on one site only: of two, it is the one that has not ended. */
export function operationOf({ twin }: Stage, host: string): KubeObject | undefined {
  const name = host.slice(host.lastIndexOf('/') + 1);
  const found = stageSites.flatMap(
    (site) => twin.world.cluster(site).api.get(resources.failover, stageNamespace, name) ?? [],
  );
  return found.find(isUnfinished) ?? found[0];
}

/** The step of that name of an operation. */
export function stepOf(operation: KubeObject, name: string): JsonObject | undefined {
  const step = listAt(operation, 'status', 'steps').find((each) => textAt(each, 'name') === name);
  return isJsonObject(step) ? step : undefined;
}
