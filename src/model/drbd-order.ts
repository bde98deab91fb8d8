import { type DrbdCommand, type DrbdPrecondition, guardedProgram } from './drbd-command.ts';
import { operationRequest } from './drbd-operator/operation-order.ts';
import type { DrbdResourceReport } from './drbd-report.ts';
import type { ExecRequest, KubeRequest } from './request.ts';
import type { Satellite } from './satellite.ts';

/** A request that tells DRBD something: a program in LINSTOR's satellite, or a DRBDOperation. */
export type DrbdOrder = ExecRequest | KubeRequest;

/**
 * A command on a node that runs only while its precondition holds. `after`: the operation that the node reported last, by which
 * DRBD Operator tells an order that is given again from one that was sent twice.
 */
export function guardedCommand(
  satellite: Satellite,
  precondition: DrbdPrecondition,
  { program, operation }: DrbdCommand,
  after: string,
): DrbdOrder {
  if (satellite.agent !== undefined) {
    return operationRequest({
      agent: satellite,
      resource: precondition.resource,
      command: operation,
      precondition,
      after,
    });
  }
  return guardedProgram(satellite, precondition, program);
}

/** Name of the operation that a node reported last; empty for none. */
export function lastOperationOf({ lastOperation }: DrbdResourceReport): string {
  return lastOperation?.name ?? '';
}
