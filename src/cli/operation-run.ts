import { claimOf, type FailoverContext } from '../machines/failover/context.ts';
import { failoverDefinition } from '../machines/failover/definition.ts';
import { journalledRecord } from '../machines/failover/journal.ts';
import { operationView } from '../machines/failover/operation-view.ts';
import { releaseLeases } from '../machines/operation/leases.ts';
import { type FailoverRequest, isUnfinished, newFailover } from '../model/failover.ts';
import { minute } from '../model/instant.ts';
import type { Json } from '../model/json.ts';
import { type KubeObject, resources } from '../model/kube.ts';
import type { OperationView } from '../model/projection.ts';
import type { KubeRequest } from '../model/request.ts';
import type { SiteName } from '../model/site.ts';
import { failoverJournal } from '../runtime/failover-journal.ts';
import { runLive } from '../runtime/live-host.ts';
import type { Clock, Driver } from '../runtime/ports.ts';
import { begin } from '../runtime/step.ts';
import { CommandError } from './command-error.ts';

/** What an operation is run with. */
export interface OperationPorts {
  readonly driver: Driver;
  readonly clock: Clock;
  /** Identity of this process, as Leases and the Failover object name it. */
  readonly holder: string;
  /** Further sites whose Lease excludes a second operation. */
  readonly otherSites: readonly SiteName[];
  /** Called with every new view of the operation, whoever drives it. */
  readonly onView: (view: OperationView) => void;
  /** Leaves the operation where it is; the journal lets another process go on. */
  readonly signal: AbortSignal;
}

export type OperationEnd =
  | { readonly how: 'ended'; readonly view: OperationView }
  /** The operation goes on without us. */
  | { readonly how: 'left'; readonly operation: FailoverRequest };

const pollInterval = 500;

/** How long an operation goes on trying to record itself. Nothing is done meanwhile. */
const journalPatience = minute;

/** Creates the Failover object of a new operation and drives it to its end. */
export async function startOperation(request: FailoverRequest, ports: OperationPorts): Promise<OperationEnd> {
  await createOperation(request, ports.driver);
  return drive(request, ports, false);
}

/**
 * Goes on with an operation that has been begun: follows whoever drives it, and drives it once its holder's Leases have
 * run out. Ends when the operation ends, by whomever.
 */
export function continueOperation(request: FailoverRequest, ports: OperationPorts): Promise<OperationEnd> {
  return drive(request, ports, true);
}

async function drive(request: FailoverRequest, ports: OperationPorts, patient: boolean): Promise<OperationEnd> {
  const { driver, clock, holder, otherSites, onView, signal } = ports;
  const endedElsewhere = new AbortController();
  const following = followUntilEnd(request, ports, endedElsewhere);
  const stop = AbortSignal.any([signal, endedElsewhere.signal]);
  for (let waits = patient; !stop.aborted; waits = true) {
    const now = clock.now();
    const { how, record, why } = await runLive({
      definition: failoverDefinition,
      record: begin(failoverDefinition, { request, otherSites, holder, now, patient: waits }, now).record,
      driver,
      clock,
      journal: failoverJournal,
      poll: () => pollInterval,
      journalPatience,
      onRecord: (next) => {
        if (next.context.acquired) onView(operationView(next));
      },
      signal: stop,
    });
    if (how === 'left') await letGo(record.context, driver);
    if (how === 'ended' && record.state !== 'superseded') {
      endedElsewhere.abort();
      return { how: 'ended', view: operationView(record) };
    }
    if (how === 'unstored' || how === 'halted') {
      endedElsewhere.abort();
      throw how === 'halted' ? halted(request, why ?? '') : unstored(request, why ?? 'no answer');
    }
    // Another drives it now. Should that one die too, it is ours to go on with again.
    await clock.sleepUntil(clock.now() + pollInterval, stop);
  }
  const end = await following;
  if (end === undefined) return { how: 'left', operation: request };
  if (end !== 'deleted') return { how: 'ended', view: end };
  throw new CommandError(`Operation ${request.name} was deleted while it was under way`, {
    reason: `its Failover object is no longer on ${request.target}; what it had ordered stays as it is`,
    remedy: `See where the group stands: pgctl get protectiongroup ${request.group} --all-clusters`,
  });
}

/** Who leaves an operation lets go of it, so that the next one need not wait for the Leases to run out. */
async function letGo(context: FailoverContext, driver: Driver): Promise<void> {
  if (context.acquired) await Promise.all(releaseLeases(claimOf(context)).map((request) => driver.perform(request)));
}

function unstored(request: FailoverRequest, why: string): CommandError {
  return new CommandError(`How far operation ${request.name} has come cannot be recorded on ${request.target}`, {
    reason: why,
    remedy: `Nothing more is done without a record. When ${request.target} answers again: pgctl failover ${request.group} --to ${request.target}`,
  });
}

function halted(request: FailoverRequest, why: string): CommandError {
  return new CommandError(`Operation ${request.name} was halted: its next step would break a promise of safety`, {
    reason: why,
    remedy: `Nothing of that step was done. Please report this as a defect, with: kubectl -n ${request.namespace} get failover ${request.name} -o yaml on ${request.target}`,
  });
}

/** Reads the Failover object until it has ended, as long as somebody else drives it. Undefined when we were told to leave. */
async function followUntilEnd(
  request: FailoverRequest,
  ports: OperationPorts,
  ended: AbortController,
): Promise<OperationView | 'deleted' | undefined> {
  const { driver, clock, onView, signal, holder } = ports;
  const stop = AbortSignal.any([signal, ended.signal]);
  while (!stop.aborted) {
    const outcome = await driver.perform(operationRequest(request, 'get'));
    if (outcome.kind === 'refused' && outcome.reason === 'NotFound' && !stop.aborted) {
      ended.abort();
      return 'deleted';
    }
    const object = outcome.kind === 'applied' ? (outcome.body as unknown as KubeObject) : undefined;
    const record = object === undefined ? undefined : journalledRecord(object);
    if (object !== undefined && record !== undefined && record.context.holder !== holder && !stop.aborted) {
      const view = operationView(record);
      onView(view);
      if (!isUnfinished(object)) {
        ended.abort();
        return view;
      }
    }
    await clock.sleepUntil(clock.now() + pollInterval, stop);
  }
  return undefined;
}

async function createOperation(request: FailoverRequest, driver: Driver): Promise<void> {
  const outcome = await driver.perform({
    ...operationRequest(request, 'create'),
    body: newFailover(request) as unknown as Json,
  });
  if (outcome.kind === 'applied') return;
  if (outcome.kind === 'unknown') {
    // It may be there: then it is ours, for nobody else makes up the same name.
    const read = await driver.perform(operationRequest(request, 'get'));
    if (read.kind === 'applied') return;
    throw new CommandError(`Whether the operation was recorded on ${request.target} is not known`, {
      reason: outcome.message,
      remedy: `If it was, the Failover Controller carries it out. Look there before anything else: pgctl failover ${request.group} --to ${request.target} --dry-run`,
    });
  }
  const missing = outcome.kind === 'refused' && outcome.status === 404;
  throw new CommandError(`The operation could not be recorded on ${request.target}`, {
    reason: outcome.message,
    remedy: missing
      ? `Apply the CRDs there: kubectl --kubeconfig <kubeconfig of ${request.target}> apply -f protection-group-crd.yaml`
      : 'Nothing was changed. See which clusters answer: pgctl config test',
    exit: missing ? 'notReady' : 'error',
  });
}

/** Asks whoever drives the operation to give it up. */
export async function requestCancel(request: FailoverRequest, driver: Driver): Promise<void> {
  const outcome = await driver.perform({
    ...operationRequest(request, 'patch'),
    patch: 'merge',
    body: { spec: { cancel: true } },
  });
  if (outcome.kind === 'applied') return;
  throw new CommandError(`Operation ${request.name} could not be cancelled`, {
    reason: outcome.message,
    remedy: `It goes on. Try again: kubectl -n ${request.namespace} patch failover ${request.name} --type merge -p '{"spec":{"cancel":true}}' on ${request.target}`,
  });
}

function operationRequest(request: FailoverRequest, verb: KubeRequest['verb']): KubeRequest {
  const base = {
    api: 'kube' as const,
    site: request.target,
    verb,
    resource: resources.failover,
    namespace: request.namespace,
  };
  return verb === 'create' ? base : { ...base, name: request.name };
}
