import type { FailoverPhase } from '../../model/failover.ts';
import { type Instant, timestamp } from '../../model/instant.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { type KubeObject, resources } from '../../model/kube.ts';
import { at, isJsonObject, numberAt, textAt } from '../../model/json.ts';
import { oncePer } from '../../model/memo.ts';
import { statusMessage } from '../../model/status-message.ts';
import type { OperationVerdict, StepView } from '../../model/projection.ts';
import type { KubeRequest } from '../../model/request.ts';
import type { MachineRecord } from '../definition.ts';
import type { FailoverContext } from './context.ts';

type FailoverRecord = MachineRecord<FailoverContext>;

/**
 * True for a record that belongs into the Failover object: the Leases are ours, so nobody else writes there; or the
 * operation ended before anybody took it up.
 */
export function isJournalled({ state, context }: FailoverRecord): boolean {
  if (state === 'superseded' || state === 'acquiringLease') return false;
  return context.acquired || context.formerHolder === '';
}

/**
 * The write that stores a record in its Failover object. The server refuses it unless the object still names us as the
 * holder and holds the state that this one follows: neither a former holder that wakes up late, nor an earlier write of our
 * own that was held up on its way, writes over what came after it. The first write of a new holder, with nothing `before`
 * it, insists on the very version that it took over.
 */
export function journalRequest(record: FailoverRecord, now: Instant, before: FailoverRecord | undefined): KubeRequest {
  const { request, holder, takenOverAt } = record.context;
  const version: readonly Json[] =
    takenOverAt === '' ? [] : [{ op: 'test', path: '/metadata/resourceVersion', value: takenOverAt }];
  const test: readonly Json[] =
    before === undefined
      ? version
      : [
          { op: 'test', path: '/status/holder', value: holder },
          { op: 'test', path: '/status/record/state', value: before.state },
        ];
  return {
    api: 'kube',
    site: request.target,
    verb: 'patch',
    resource: resources.failover,
    namespace: request.namespace,
    name: request.name,
    subresource: 'status',
    patch: 'json',
    body: [...test, { op: 'add', path: '/status', value: failoverStatus(record, now) }],
  };
}

/** The record that a Failover object holds; undefined when nobody has taken the operation up yet. */
export function journalledRecord(operation: KubeObject): FailoverRecord | undefined {
  const stored = at(operation, 'status', 'record');
  if (!isJsonObject(stored) || stored.machine !== 'failover') return undefined;
  const version = numberAt(stored, 'version');
  if (version !== 1) {
    throw new Error(
      `Failover ${operation.metadata.name} was written by another release (record version ${version}); use that release of pgctl`,
    );
  }
  return stored as unknown as FailoverRecord;
}

/** Who drives an operation, by its Failover object. */
export function holderOf(operation: KubeObject): string | undefined {
  return textAt(operation, 'status', 'holder');
}

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
  const { context, state } = record;
  const phase = phases[state] ?? 'Running';
  const ended = context.verdict !== undefined;
  const step = [...context.steps].reverse().find((candidate) => candidate.startedAt !== undefined)?.name;
  return {
    phase,
    ...(step === undefined ? {} : { step }),
    steps: context.steps.map(stepStatus),
    holder: context.holder,
    epoch: context.epoch,
    startTime: timestamp(context.startedAt),
    ...(ended ? { completionTime: timestamp(now) } : {}),
    ...verdictFields(context.verdict, context.blockers),
    record: record as unknown as JsonObject,
  };
}

// A step that has not changed since the last write is written as the very same value.
const stepStatus = oncePer(
  (step: StepView): JsonObject => ({
    name: step.name,
    state: step.state,
    ...timeField('startedAt', step.startedAt),
    ...timeField('finishedAt', step.finishedAt),
    ...(step.message === undefined ? {} : { message: statusMessage(step.message) }),
    virtualMachines: step.virtualMachines.map((vm) => ({
      name: vm.name,
      state: vm.state,
      ...timeField('at', vm.at),
      ...(vm.message === undefined ? {} : { message: statusMessage(vm.message) }),
    })),
  }),
);

function timeField(name: string, instant: Instant | undefined): JsonObject {
  return instant === undefined ? {} : { [name]: timestamp(instant) };
}

function verdictFields(verdict: OperationVerdict | undefined, blockers: readonly string[]): JsonObject {
  if (verdict === undefined) return blockers.length === 0 ? {} : { message: statusMessage(blockers.join('; ')) };
  if (verdict.kind === 'succeeded') return { reason: 'Succeeded' };
  const reason = 'because' in verdict ? verdict.because : verdict.kind;
  return {
    reason: `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`,
    message: statusMessage(verdict.reason),
    nextCommand: verdict.remedy,
  };
}
