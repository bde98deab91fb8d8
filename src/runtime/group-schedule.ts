import { minute, type Millis, second } from '../model/instant.ts';
import type { KubeObject } from '../model/kube.ts';

/** Name of the Protection Group Controller: of its Deployment, its pods' label, its Lease. */
export const groupControllerName = 'protection-group-controller';

/** How long changes are gathered before a pass over a group. */
export const gatherTime: Millis = 100;

/** The page's reconciliation cycle. */
const resync: Millis = minute;

/**
 * A group that was given away is to follow soon: once its status says so, its order does. Whether its copies have become
 * whole is what LINSTOR tells, which wakes nobody.
 */
const supersededPoll: Millis = 5 * second;
const waitingStates: ReadonlySet<string> = new Set(['superseded', 'returning']);

/** How often a group is looked at in a state while nothing changes. */
export function groupPoll(state: string): Millis {
  return waitingStates.has(state) ? supersededPoll : resync;
}

/** Whether a VM may be started is asked of LINSTOR too, which has no watch. */
const statesThatAskStorage: ReadonlySet<string> = new Set(['starting', 'stuck']);

/** True for a state in which watches tell of everything after which a group's machine has to order something. */
export function isToldByWatches(state: string): boolean {
  return !statesThatAskStorage.has(state);
}

/**
 * True when a significant change of an object (`isSignificant`) asks for a look at what there is in a namespace: an object
 * without one may be anybody's.
 */
export function concernsNamespace({ metadata }: KubeObject, namespace: string | undefined): boolean {
  return metadata.namespace === undefined || metadata.namespace === namespace;
}
