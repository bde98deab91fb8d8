import type { Comparison } from '../../model/recovery/comparison.ts';
import type { Instant } from '../../model/instant.ts';
import type { OperationVerdict, StepView } from '../../model/projection.ts';
import type { RecoveryRequest } from '../../model/recovery/recovery-request.ts';
import type { SnapshotOrder } from '../../model/recovery/snapshots.ts';
import type { MachineRecord } from '../definition.ts';
import type { RecoveryContext, RecoveryStep } from './context.ts';
import { snapshotOrders } from './snapshotting.ts';

/** What people are shown of one recovery, whoever drives it. */
export interface RecoveryProgress {
  readonly request: RecoveryRequest;
  readonly startedAt: Instant;
  readonly steps: readonly StepView<RecoveryStep>[];
  readonly comparisons: readonly Comparison[];
  /** Where what is given up is kept. */
  readonly snapshots: readonly SnapshotOrder[];
  /** Absent while the operation goes on. */
  readonly verdict?: OperationVerdict;
}

/** The progress of a recovery: derived from its record. */
export function recoveryProgress({ context }: MachineRecord<RecoveryContext>): RecoveryProgress {
  const { request, startedAt, steps, comparisons, verdict } = context;
  return {
    request,
    startedAt,
    steps,
    comparisons,
    snapshots: snapshotOrders(context),
    ...(verdict === undefined ? {} : { verdict }),
  };
}
