import type { Instant } from './instant.ts';
import type { SiteName } from './site.ts';

/** The steps that people are shown, in their order; `rollBack` appears only when it is taken, `forceVolumes` in an unplanned failover. */
export type StepName =
  | 'stopSource'
  | 'awaitRelease'
  | 'forceVolumes'
  | 'removeTaints'
  | 'startTarget'
  | 'monitorStartup'
  | 'rollBack';

export type StepState = 'pending' | 'running' | 'done' | 'failed' | 'skipped';

/** What one step has come to for one VM. */
export interface VirtualMachineView {
  readonly name: string;
  readonly state: 'pending' | 'stopped' | 'starting' | 'running' | 'failed';
  /** When it came to that state. */
  readonly at?: Instant;
  /** The reason when it has failed, or what it is waiting for. */
  readonly message?: string;
}

/** A step of an operation; `Name`: the steps that there are. */
export interface StepView<Name extends string = StepName> {
  readonly name: Name;
  readonly state: StepState;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  /** What the step waits for while it runs; why it failed or was skipped afterwards. */
  readonly message?: string;
  readonly virtualMachines: readonly VirtualMachineView[];
}

/** How an operation ended. `reason` says why, `remedy` is the next command or act. */
export type OperationVerdict =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'rolledBack'; readonly reason: string; readonly remedy: string }
  | { readonly kind: 'cancelled'; readonly reason: string; readonly remedy: string }
  | {
      readonly kind: 'failed';
      readonly because: 'timeout' | 'error';
      readonly reason: string;
      readonly remedy: string;
    }
  | { readonly kind: 'needsAttention'; readonly reason: string; readonly remedy: string }
  | {
      readonly kind: 'refused';
      readonly because: 'notReady' | 'held';
      readonly reason: string;
      readonly remedy: string;
    };

/** What people are shown of one failover operation: one source for pgctl, the Failover object's status and the UI. */
export interface OperationView {
  readonly name: string;
  readonly protectionGroup: string;
  readonly namespace: string;
  readonly source: SiteName;
  readonly target: SiteName;
  readonly startedAt: Instant;
  /** The bound of the wait for DRBD locks, as it is printed beside the step. */
  readonly drbdWaitSeconds: number;
  readonly steps: readonly StepView[];
  /** Absent while the operation goes on. */
  readonly verdict?: OperationVerdict;
}
