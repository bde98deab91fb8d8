import type { ConsentKind } from '../model/consent.ts';
import type { FailoverTimeouts } from '../model/failover.ts';
import type { Millis } from '../model/instant.ts';
import type { JsonObject } from '../model/json.ts';
import type { DesiredState } from '../model/protection-group.ts';
import type { KubeReadVerb, KubeWriteVerb } from '../model/request.ts';
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
  /** VMs, `vm-1` and on. */
  readonly virtualMachines: number;
  /** Protection groups, `pg`, `pg-2` and on, to which the VMs are dealt out in turn; 1 when absent. */
  readonly groups?: number;
  readonly storage?: TapeStorage;
}

/** How the volumes are kept; what is absent is as a fresh installation has it. */
export interface TapeStorage {
  /** DRBD Operator keeps the volumes; LINSTOR when absent. */
  readonly backend?: 'drbd-operator';
  /** Copies of each volume, at least one in each of the two sites; 2 when absent. */
  readonly copies?: number;
  /** Where the copy without data stands that has a vote; `cluster3` needs the quorum site. Nowhere when absent. */
  readonly tiebreaker?: SiteName;
  /** DRBD's replication protocol: with A a write is acknowledged before the peer has it. C when absent. */
  readonly protocol?: 'A' | 'C';
  /** Set on every volume; the storage decides when absent: majority for three voters, off for two. */
  readonly quorum?: 'majority' | 'off';
  /** The site in which LINSTOR's controller runs: the quorum site when absent, or the first where there is none. */
  readonly linstor?: SiteName;
  /** What happens to I/O without quorum; it is suspended when absent. */
  readonly onNoQuorum?: 'suspend-io' | 'io-error';
}

/**
 * When an item happens: so long after the beginning, after an operation has first come to a state, or after everything was
 * mended that is not broken for good.
 */
export type Trigger =
  | { readonly at: Millis }
  | { readonly mended: Millis }
  | { readonly operation: string; readonly state: string; readonly after?: Millis };

/**
 * What may happen to a request: refusals, failures of the server, and answers that never come although (or because) it was,
 * or was not, applied. `appliedLater`: it arrives when its sender has given it up. `appliedTwice`: something on the way has
 * repeated it, and the second answer is heard. `slow`: the answer comes just before the sender would give up.
 */
export const answerFaults = [
  'conflict',
  'exists',
  'notFound',
  'gone',
  'invalid',
  'forbidden',
  'unauthorized',
  'busy',
  'error',
  'unavailable',
  'gatewayTimeout',
  'reset',
  'appliedAndReset',
  'appliedAndLost',
  'appliedLater',
  'appliedTwice',
  'slow',
  'lost',
] as const;
export type AnswerFault = (typeof answerFaults)[number];

export type ApiVerb = KubeReadVerb | KubeWriteVerb;

/** Which requests are counted: those that fit all that is said. */
export interface RequestMatch {
  readonly verb?: ApiVerb;
  /** As in a path: `leases`; `linstor` for requests to LINSTOR. */
  readonly resource?: string;
  readonly site?: SiteName;
}

/** A kind of host: a person's pgctl, or the controllers of the sites. */
export const hostKinds = ['pgctl', 'protection-group-controller', 'failover-controller'] as const;
export type HostKind = (typeof hostKinds)[number];

export type TapeItem =
  /**
   * A person orders a failover, of the first group when none is named: a planned one, or one without the source. Then they accept
   * what they are asked to, or only what is of these kinds.
   */
  | {
      readonly kind: 'failover';
      readonly name: string;
      readonly to: SiteName;
      readonly group?: string;
      readonly mode?: 'Unplanned';
      readonly accepts?: readonly ConsentKind[];
      readonly when: Trigger;
    }
  /**
   * A person has the copies of a group brought together again, those of the first group when none is named: the copies of
   * `survivor` are kept. Without one they are only compared, and the blocks of `repair` replaced. They accept what they are asked to.
   */
  | {
      readonly kind: 'recovery';
      readonly name: string;
      readonly survivor?: SiteName;
      readonly repair?: SiteName;
      readonly group?: string;
      readonly when: Trigger;
    }
  /** A person gives an operation up. */
  | { readonly kind: 'cancel'; readonly operation: string; readonly when: Trigger }
  /** A person sets the desired state of a site's group by hand: of the first group when none is named. */
  | {
      readonly kind: 'edit';
      readonly site: SiteName;
      readonly desiredState: DesiredState;
      readonly group?: string;
      readonly when: Trigger;
    }
  /** A person runs `pgctl sync` for the VMs of a group, from the site on which they run to the other; of the first group when none is named. */
  | { readonly kind: 'sync'; readonly from: SiteName; readonly group?: string; readonly when: Trigger }
  /** Something breaks, and is mended after a while; without `lasts` when all has been played; or it is never mended. */
  | { readonly kind: 'fault'; readonly fault: FaultOrder; readonly when: Trigger; readonly lasts?: Millis | 'forGood' }
  /** A person sends a request with kubectl. */
  | KubectlItem
  /** The n-th request of the hosts of a kind meets a fault, and as many of the next ones as `times` says. */
  | (RequestItem & { readonly kind: 'answer'; readonly fault: AnswerFault; readonly times?: number })
  /** A process dies at its n-th request: before it is sent, or after it was applied and before the answer. */
  | (RequestItem & { readonly kind: 'crash'; readonly moment: 'before' | 'after'; readonly times?: number })
  /** A process stands still at its n-th request, before it is sent or after it was applied, and goes on as if nothing had been. */
  | (RequestItem & { readonly kind: 'pause'; readonly moment: 'before' | 'after'; readonly lasts: Millis })
  | PastItem;

/** What happens at the n-th request of the hosts of a kind, counted from 1. */
interface RequestItem extends Probe {
  readonly host: HostKind;
  readonly nth: number;
  /** Requests that count; the changing ones when absent. */
  readonly of?: RequestMatch;
}

export interface KubectlItem {
  readonly kind: 'kubectl';
  readonly site: SiteName;
  readonly verb: 'create' | 'patch' | 'delete';
  /** As in a path: `virtualmachines`. */
  readonly resource: string;
  /** Of the object; a new one has it in its body. */
  readonly name?: string;
  readonly body?: JsonObject;
  readonly when: Trigger;
}

/** What a host reads is not as it is. Times are so long after the beginning. */
export type PastItem =
  /** The n-th look of the hosts of a kind, counted from 1, shows a site as it was just before a moment. */
  | ({
      readonly kind: 'past';
      readonly host: HostKind;
      readonly look: number;
      readonly site: SiteName;
      readonly before: Millis;
    } & Probe)
  /** From one moment to another the hosts of a kind see an object as it was just before the first. */
  | ({
      readonly kind: 'hidden';
      readonly host: HostKind;
      readonly site: SiteName;
      /** As in a path: `pods`. */
      readonly resource: string;
      readonly namespace?: string;
      readonly name: string;
      readonly from: Millis;
      readonly to: Millis;
    } & Probe);

interface Probe {
  /** True: the run is to come to what it comes to without this item (L4). */
  readonly probe?: true;
}

/** The items of a tape that happen at a moment of the run, not at a request. */
export type TimedItem = Extract<TapeItem, { readonly when: Trigger }>;

/** True when a person accepts what an operation may cost, a failover without its source or a recovery: it may come to pass. */
export function acceptsLosses({ items }: Tape): boolean {
  return items.some(
    (item) =>
      (item.kind === 'failover' && item.mode === 'Unplanned') ||
      (item.kind === 'recovery' && (item.survivor !== undefined || item.repair !== undefined)),
  );
}

export function isTimed(item: TapeItem): item is TimedItem {
  return 'when' in item;
}
