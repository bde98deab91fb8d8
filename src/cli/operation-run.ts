import { claimOf } from '../machines/failover/context.ts';
import { failoverDefinition } from '../machines/failover/definition.ts';
import { failoverKind } from '../machines/failover/journal.ts';
import { operationView } from '../machines/failover/operation-view.ts';
import { type FailoverRequest, newFailover } from '../model/failover.ts';
import type { OperationView } from '../model/projection.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import { endComparisons } from './recovery/give-way.ts';
import { OperationRunner, type RunEnd, type RunnerPorts } from './operation-runner.ts';

/** What a failover is run with. */
export type OperationPorts = RunnerPorts<OperationView>;

export type OperationEnd = RunEnd<FailoverRequest, OperationView>;

const failovers = new OperationRunner({
  kind: failoverKind,
  definition: failoverDefinition,
  journal: failoverJournal,
  claimOf,
  homeOf: ({ target }: FailoverRequest) => target,
  objectOf: newFailover,
  viewOf: operationView,
  followCommand: ({ group, target }) => `pgctl failover ${group} --to ${target}`,
  lookCommand: ({ group, target }) => `pgctl failover ${group} --to ${target} --dry-run`,
  poll: 500,
});

/** Goes on with failovers, and cancels them; see `OperationRunner`. */
export const { goOn: continueOperation, cancel: requestCancel } = failovers;

/** Creates the Failover object of a new operation and drives it to its end. A comparison of the group gives way to it. */
export async function startOperation(request: FailoverRequest, ports: OperationPorts): Promise<OperationEnd> {
  const { source, target, namespace, group } = request;
  const comparisons = endComparisons({ sites: [source, target], namespace, group }, ports.driver);
  // Its Leases are waited for, so that nothing waits for a site that does not answer.
  const [end] = await Promise.all([failovers.start(request, ports), comparisons]);
  return end;
}
