import type { MachineRecord } from '../../machines/definition.ts';
import type { FailoverContext, FailoverDeadlines } from '../../machines/failover/context.ts';
import { pendingSteps } from '../../machines/failover/steps.ts';
import { type Instant, second } from '../../model/instant.ts';
import { leaseDuration, type LeaseSighting } from '../../model/lease.ts';
import type { OperationVerdict } from '../../model/projection.ts';

type FailoverRecord = MachineRecord<FailoverContext>;

/** The one moment at which everything happens: what time decides is chosen (`withOver`, `withLapsed`), not measured. */
export const now: Instant = 1_767_225_600_000;

const later: Instant = now + 3600 * second;

/** A record as a state of the small world has it: without words, and with deadlines and sightings as set, not as when. */
export function essenceOf(record: FailoverRecord): FailoverRecord {
  const { context, ...rest } = withoutWords(record);
  return {
    ...rest,
    context: {
      ...context,
      startedAt: now,
      deadlines: Object.fromEntries(Object.keys(context.deadlines).map((name) => [name, later])),
      leases: mapValues(context.leases, (sighting): LeaseSighting => ({ ...sighting, since: now })),
    },
  };
}

/**
 * A record without what only people read: the steps with their times, the sentences, what was tracked for them. No decision looks
 * at any of it; test/drills/explore/essence.test.ts holds that.
 */
export function withoutWords(record: FailoverRecord): FailoverRecord {
  const { setback, verdict, ...context } = record.context;
  return {
    ...record,
    context: {
      ...context,
      steps: pendingSteps('Planned'),
      blockers: [],
      findings: [],
      locks: {},
      ...(setback === undefined ? {} : { setback: { ...setback, reason: '' } }),
      ...(verdict === undefined ? {} : { verdict: wordless(verdict) }),
    },
  };
}

/** The record at a time when one of its deadlines has passed. */
export function withOver(record: FailoverRecord, deadline: keyof FailoverDeadlines): FailoverRecord {
  const { context } = record;
  return { ...record, context: { ...context, deadlines: { ...context.deadlines, [deadline]: now } } };
}

/** The record at a time when the Leases of these sites have stayed as they were seen for as long as a Lease lasts. */
export function withLapsed(record: FailoverRecord, lapsed: ReadonlySet<string>): FailoverRecord {
  const { context } = record;
  const leases = mapValues(context.leases, (sighting, site) =>
    lapsed.has(site) ? { ...sighting, since: now - leaseDuration } : sighting,
  );
  return { ...record, context: { ...context, leases } };
}

function wordless(verdict: OperationVerdict): OperationVerdict {
  return verdict.kind === 'succeeded' ? verdict : { ...verdict, reason: '', remedy: '' };
}

function mapValues<Value>(
  from: Readonly<Record<string, Value>>,
  change: (value: Value, name: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(value, name)]));
}
