import type { FailoverTimeouts } from '../model/failover.ts';
import type { Millis } from '../model/instant.ts';
import type { DesiredState } from '../model/protection-group.ts';
import type { SiteName } from '../model/site.ts';
import type { FaultOrder } from '../twin/faults/fault.ts';

/** A run as plain data: the same tape gives the same history, whatever is decided about how tapes are drawn. */
export interface Tape {
  readonly seed: number;
  readonly topology: TapeTopology;
  readonly timeouts: FailoverTimeouts;
  readonly items: readonly TapeItem[];
}

/** Two sites, `cluster1` with the VMs at first and `cluster2`, and with `quorumSite` the third one, `cluster3`. */
export interface TapeTopology {
  /** Worker nodes in each of the two sites. */
  readonly nodes: number;
  readonly quorumSite: boolean;
  /** VMs of the group, `vm-1` and on. */
  readonly virtualMachines: number;
}

/** When an item happens: so long after the beginning, or after an operation has first come to a state. */
export type Trigger =
  | { readonly at: Millis }
  | { readonly operation: string; readonly state: string; readonly after?: Millis };

/** What may happen to a request: refusals, and answers that never come although (or because) it was, or was not, applied. */
export type AnswerFault = 'conflict' | 'forbidden' | 'busy' | 'error' | 'appliedAndLost' | 'lost';

/** A kind of host: a person's pgctl, or the controllers of the sites. */
export type HostKind = 'pgctl' | 'protection-group-controller' | 'failover-controller';

export type TapeItem =
  /** A person orders a planned failover. */
  | { readonly kind: 'failover'; readonly name: string; readonly to: SiteName; readonly when: Trigger }
  /** A person gives an operation up. */
  | { readonly kind: 'cancel'; readonly operation: string; readonly when: Trigger }
  /** A person sets the desired state of a site's group by hand. */
  | { readonly kind: 'edit'; readonly site: SiteName; readonly desiredState: DesiredState; readonly when: Trigger }
  /** Something breaks, and is mended after a while; without `lasts` at the end of the run. */
  | { readonly kind: 'fault'; readonly fault: FaultOrder; readonly when: Trigger; readonly lasts?: Millis }
  /** The n-th changing request of the hosts of a kind, counted from 1, meets a fault. */
  | { readonly kind: 'answer'; readonly host: HostKind; readonly nth: number; readonly fault: AnswerFault }
  /** A host dies at its n-th changing request: before it is sent, or after it was applied and before the answer. */
  | { readonly kind: 'crash'; readonly host: HostKind; readonly nth: number; readonly moment: 'before' | 'after' };

/** The items of a tape that happen at a moment of the run, not at a request. */
export type TimedItem = Extract<TapeItem, { readonly when: Trigger }>;

export function isTimed(item: TapeItem): item is TimedItem {
  return 'when' in item;
}
