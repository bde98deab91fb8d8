import type { Instant } from '../../model/instant.ts';
import type { JsonObject } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { type Comparison, comparisonStatus } from '../../model/recovery/comparison.ts';
import type { RecoveryPhase } from '../../model/recovery/recovery-request.ts';
import type { MachineRecord } from '../definition.ts';
import type { OperationKind } from '../operation/context.ts';
import { operationStatus, stepStatus } from '../operation/journal.ts';
import type { RecoveryContext } from './context.ts';
import { snapshotOrders } from './snapshotting.ts';

type RecoveryRecord = MachineRecord<RecoveryContext>;

/** A recovery as an operation: its object is kept on the cluster that it was ordered on. */
export const recoveryKind: OperationKind<RecoveryContext> = {
  machine: 'recovery',
  version: 1,
  resource: resources.recovery,
  homeOf: ({ request }) => request.driver,
  statusOf: recoveryStatus,
};

const phases: Readonly<Record<string, RecoveryPhase>> = {
  acquiringLease: 'Pending',
  succeeded: 'Succeeded',
  cancelled: 'Cancelled',
  refused: 'Failed',
  failed: 'Failed',
  needsAttention: 'NeedsAttention',
};

/** The status of a Recovery object, derived from the record alone. */
export function recoveryStatus(record: RecoveryRecord, now: Instant): JsonObject {
  const { context, state } = record;
  return {
    ...operationStatus(record, phases[state] ?? 'Running', now, context.steps.map(stepStatus)),
    volumes: context.comparisons.map((comparison) => volumeStatus(context, comparison)),
  };
}

/** What has come of two copies, with where what was given up is kept. */
function volumeStatus(context: RecoveryContext, comparison: Comparison): JsonObject {
  const kept = snapshotOrders(context).find(
    ({ resource, nodes }) =>
      resource === comparison.resource && [comparison.node, comparison.peer].some((node) => nodes.includes(node)),
  );
  if (kept === undefined) return comparisonStatus(comparison);
  const sentence = `what was given up is in the snapshot ${kept.name}`;
  const { message } = comparison;
  return comparisonStatus({ ...comparison, message: message === undefined ? sentence : `${message}; ${sentence}` });
}
