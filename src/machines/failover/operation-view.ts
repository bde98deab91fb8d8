import type { OperationView } from '../../model/projection.ts';
import type { MachineRecord } from '../definition.ts';
import type { FailoverContext } from './context.ts';

/** What people are shown of an operation: derived from its record, whoever drives it. */
export function operationView({ context }: MachineRecord<FailoverContext>): OperationView {
  const { request } = context;
  return {
    name: request.name,
    protectionGroup: request.group,
    namespace: request.namespace,
    source: request.source,
    target: request.target,
    startedAt: context.startedAt,
    drbdWaitSeconds: request.timeouts.drbdWaitSeconds,
    steps: context.steps,
    ...(context.verdict === undefined ? {} : { verdict: context.verdict }),
  };
}
