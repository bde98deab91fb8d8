import { type Instant, timestamp } from '../../model/instant.ts';
import { at, isJsonObject, type Json, type JsonObject, numberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/kube.ts';
import { oncePer } from '../../model/memo.ts';
import type { OperationVerdict, StepView } from '../../model/projection.ts';
import type { KubeRequest } from '../../model/request.ts';
import { statusMessage } from '../../model/status-message.ts';
import type { MachineRecord } from '../definition.ts';
import type { OperationContext, OperationKind } from './context.ts';

/**
 * True for a record that belongs into the operation's object: the Leases are ours, so nobody else writes there; or the
 * operation ended before anybody took it up.
 */
export function isJournalled({ state, context }: MachineRecord<OperationContext>): boolean {
  if (state === 'superseded' || state === 'acquiringLease') return false;
  return context.acquired || context.formerHolder === '';
}

/**
 * The write that stores a record in its object. The server refuses it unless the object still names us as the
 * holder and holds the state that this one follows: neither a former holder that wakes up late, nor an earlier write of our
 * own that was held up on its way, writes over what came after it. The first write of a new holder, with nothing `before`
 * it, insists on the very version that it took over.
 */
export function journalRequest<Context extends OperationContext>(
  kind: OperationKind<Context>,
  record: MachineRecord<Context>,
  now: Instant,
  before: MachineRecord<Context> | undefined,
): KubeRequest {
  const { context } = record;
  const version: readonly Json[] =
    context.takenOverAt === '' ? [] : [{ op: 'test', path: '/metadata/resourceVersion', value: context.takenOverAt }];
  const test: readonly Json[] =
    before === undefined
      ? version
      : [
          { op: 'test', path: '/status/holder', value: context.holder },
          { op: 'test', path: '/status/record/state', value: before.state },
        ];
  return {
    ...journalPlace(kind, context),
    verb: 'patch',
    subresource: 'status',
    patch: 'json',
    body: [...test, { op: 'add', path: '/status', value: kind.statusOf(record, now) }],
  };
}

/** Where an operation's object is. */
export function journalPlace<Context extends OperationContext>(
  { resource, homeOf }: OperationKind<Context>,
  context: Context,
): Pick<KubeRequest, 'api' | 'site' | 'resource' | 'namespace' | 'name'> {
  const { namespace, name } = context.request;
  return { api: 'kube', site: homeOf(context), resource, namespace, name };
}

/** The record that an operation's object holds; undefined when nobody has taken the operation up yet. */
export function journalledRecordOf<Context extends OperationContext>(
  { machine, version, resource }: OperationKind<Context>,
  operation: KubeObject,
): MachineRecord<Context> | undefined {
  const stored = at(operation, 'status', 'record');
  if (!isJsonObject(stored) || stored.machine !== machine) return undefined;
  const found = numberAt(stored, 'version');
  if (found !== version) {
    throw new Error(
      `${resource.kind} ${operation.metadata.name} was written by another release (record version ${found}); use that release of pgctl`,
    );
  }
  return stored as unknown as MachineRecord<Context>;
}

/** Who drives an operation, by its object. */
export function holderOf(operation: KubeObject): string | undefined {
  return textAt(operation, 'status', 'holder');
}

/** What the status of every operation tells. */
export function operationStatus(
  record: MachineRecord<OperationContext>,
  phase: string,
  now: Instant,
  steps: readonly JsonObject[],
): JsonObject {
  const { context } = record;
  const step = [...context.steps].reverse().find((candidate) => candidate.startedAt !== undefined)?.name;
  return {
    phase,
    ...(step === undefined ? {} : { step }),
    steps,
    holder: context.holder,
    epoch: context.epoch,
    startTime: timestamp(context.startedAt),
    ...(context.verdict === undefined ? {} : { completionTime: timestamp(now) }),
    ...verdictFields(context.verdict, context.blockers),
    record: record as unknown as JsonObject,
  };
}

/** A step without its VMs. One that has not changed since the last write is written as the very same value. */
export const stepStatus = oncePer(
  (step: StepView<string>): JsonObject => ({
    name: step.name,
    state: step.state,
    ...timeField('startedAt', step.startedAt),
    ...timeField('finishedAt', step.finishedAt),
    ...(step.message === undefined ? {} : { message: statusMessage(step.message) }),
  }),
);

/** The field with an instant; none where there is no instant. */
export function timeField(name: string, instant: Instant | undefined): JsonObject {
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
