import { claimOf } from '../machines/failover/context.ts';
import { failoverDefinition } from '../machines/failover/definition.ts';
import { failoverKind } from '../machines/failover/journal.ts';
import { operationView } from '../machines/failover/operation-view.ts';
import { type FailoverRequest, newFailover } from '../model/failover.ts';
import type { OperationView } from '../model/projection.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
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

/** Creates, drives, goes on with and cancels failovers; see `OperationRunner`. */
export const { start: startOperation, goOn: continueOperation, cancel: requestCancel } = failovers;
