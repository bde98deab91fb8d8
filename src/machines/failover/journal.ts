import type { FailoverPhase } from '../../model/failover.ts';
import type { Instant } from '../../model/instant.ts';
import type { JsonObject } from '../../model/json.ts';
import { resources } from '../../model/kube.ts';
import { oncePer } from '../../model/memo.ts';
import { statusMessage } from '../../model/status-message.ts';
import type { StepView } from '../../model/projection.ts';
import type { MachineRecord } from '../definition.ts';
import type { OperationKind } from '../operation/context.ts';
import { operationStatus, stepStatus, timeField } from '../operation/journal.ts';
import type { FailoverContext } from './context.ts';

type FailoverRecord = MachineRecord<FailoverContext>;

/** A failover as an operation: its object is kept on the target, which any failover needs alive. */
export const failoverKind: OperationKind<FailoverContext> = {
  machine: 'failover',
  version: 1,
  resource: resources.failover,
  homeOf: ({ request }) => request.target,
  statusOf: failoverStatus,
};

const phases: Readonly<Record<string, FailoverPhase>> = {
  acquiringLease: 'Pending',
  succeeded: 'Succeeded',
  rolledBack: 'RolledBack',
  cancelled: 'Cancelled',
  refused: 'Failed',
  failed: 'Failed',
  needsAttention: 'NeedsAttention',
};

/** The status of a Failover object, derived from the record alone. */
export function failoverStatus(record: FailoverRecord, now: Instant): JsonObject {
  return operationStatus(record, phases[record.state] ?? 'Running', now, record.context.steps.map(failoverStep));
}

// A step that has not changed since the last write is written as the very same value.
const failoverStep = oncePer(
  (step: StepView): JsonObject => ({
    ...stepStatus(step),
    virtualMachines: step.virtualMachines.map((vm) => ({
      name: vm.name,
      state: vm.state,
      ...timeField('at', vm.at),
      ...(vm.message === undefined ? {} : { message: statusMessage(vm.message) }),
    })),
  }),
);
