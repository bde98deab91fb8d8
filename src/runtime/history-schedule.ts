import { isUnfinished } from '../model/failover.ts';
import { type Millis, minute, second } from '../model/instant.ts';
import { textAt } from '../model/json.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { ObjectChange } from '../model/significance.ts';

/** How long changes are gathered before a pass over a history: a copy is created, and then told its status. */
export const historyGatherTime: Millis = second;

/** How often the history of a group is looked after while a site lacks something, and while nothing wakes it. */
const behindPoll = 15 * second;
const keptPoll = 60 * minute;

/** How often to look in a state of the history machine. */
export function historyPoll(state: string): Millis {
  return state === 'kept' ? keptPoll : behindPoll;
}

/**
 * The group whose history is to be looked after for a change of an object; undefined for a change that leaves it as it is.
 */
export function historyConcernedBy({ type, resource, object, old }: ObjectChange): string | undefined {
  if (resource.plural !== resources.failover.plural && resource.plural !== resources.recovery.plural) return undefined;
  if (type === 'DELETED' || isUnfinished(object)) return undefined;
  const isTold = type === 'MODIFIED' && old !== undefined && phaseOf(old) === phaseOf(object);
  return isTold ? undefined : textAt(object, 'spec', 'protectionGroup');
}

function phaseOf(object: KubeObject): string | undefined {
  return textAt(object, 'status', 'phase');
}
