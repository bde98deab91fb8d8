import type { Effect, MachineRecord } from '../../machines/definition.ts';
import type { FailoverContext, FailoverDeadlines } from '../../machines/failover/context.ts';
import { isSameJson } from '../../model/json.ts';
import type { FailoverRequest } from '../../model/failover.ts';
import type { ReadPlan } from '../../model/read-plan.ts';
import type { KubeRequest, Outcome } from '../../model/request.ts';
import { failoverJournal } from '../../runtime/failover-journal.ts';
import { type Breach, breachOf } from '../../runtime/breach.ts';
import { decide, isSameRecord, noteOutcome } from '../../runtime/pass.ts';
import { begin } from '../../runtime/step.ts';
import type { TwinMachines } from '../../twin/machines.ts';
import { essenceOf, now, withLapsed, withOver } from './essence.ts';
import type { DriverProcess } from './processes.ts';
import { otherSites } from './scenery.ts';

type Definition = TwinMachines['failover'];
type FailoverRecord = MachineRecord<FailoverContext>;
type DeadlineName = keyof FailoverDeadlines;

interface Remembered {
  readonly record: FailoverRecord;
  /** The record that was stored last. */
  readonly stored?: FailoverRecord;
  /** Deadlines that have passed without a stored record that says so: they stay passed when the pass is made again. */
  readonly over?: readonly DeadlineName[];
}

/** A pass that waits for its record to be stored: the record before it, and the effects that follow it. */
interface Unstored extends Remembered {
  readonly before: FailoverRecord;
  readonly effects: readonly Effect[];
}

/**
 * A process that drives an operation, between two moments at which the world can tell: the passes of `runtime/sim-host.ts`, cut at
 * every request that is under way. Reading and deciding are one moment, since nobody else sees what lies between them.
 */
export type DriverState =
  | ({ readonly phase: 'ready' } & Remembered)
  | ({ readonly phase: 'storing' } & Unstored)
  | ({ readonly phase: 'asking' } & Unstored)
  | ({ readonly phase: 'acting'; readonly effects: readonly Effect[] } & Remembered)
  | { readonly phase: 'ended' };

/** What a look may come to. */
export interface Look {
  /** What has passed by then, in words; '' for a look in good time. */
  readonly after: string;
  /** A deadline has passed by then. */
  readonly isLate: boolean;
  readonly state: DriverState;
  /** The pass was dropped, because it would have broken a promise. */
  readonly breach?: Breach;
}

/** A process that has just been started for an operation. */
export function beginDriver(definition: Definition, process: DriverProcess, request: FailoverRequest): DriverState {
  const { name: holder, patient } = process;
  const { record } = begin(definition, { request, holder, otherSites, patient, now }, now);
  return { phase: 'ready', record: essenceOf(record) };
}

/** What the state looks at next. */
export function plannedReads(definition: Definition, { record }: Remembered): ReadPlan {
  return definition.reads(record.state, record.context);
}

/**
 * Everything that a look at these answers may come to: in good time, or when one of the deadlines that the record waits for has
 * passed, or when the Leases on the sites of `lapsed` have. A deadline that changes nothing has not passed yet.
 */
export function looksOf(
  definition: Definition,
  state: Extract<DriverState, { readonly phase: 'ready' }>,
  outcomes: readonly Outcome[],
  lapsed: ReadonlySet<string>,
): readonly Look[] {
  const over = state.over ?? [];
  const at = (after: string, seen: FailoverRecord, passed: readonly DeadlineName[]): Look => {
    return { after, isLate: passed.length > 0, ...afterLook(definition, state, seen, passed, outcomes) };
  };
  const present = over.reduce(withOver, state.record);
  const timely = at('', present, over);
  const late = deadlinesOf(state.record.context)
    .filter((name) => !over.includes(name))
    .map((name) => at(`${name} is over`, withOver(present, name), [...over, name].toSorted()))
    .filter((look) => !isSameButTime(look.state, timely.state));
  const isHeld = Object.keys(state.record.context.leases).some((site) => lapsed.has(site));
  if (!isHeld) return [timely, ...late];
  return [timely, ...late, at('the Lease of another has lapsed', withLapsed(present, lapsed), over)];
}

/** The write of the journal that stores the record; undefined for one that does not belong there. */
export function writeOf({ record, stored }: Remembered): KubeRequest | undefined {
  return failoverJournal.write(record, stored, now) as KubeRequest | undefined;
}

/** After the answer to the write of the journal. */
export function afterWrite(
  definition: Definition,
  state: Extract<DriverState, { readonly phase: 'storing' }>,
  outcome: Outcome,
): DriverState {
  if (outcome.kind === 'refused') return { ...state, phase: 'asking' };
  return outcome.kind === 'applied' ? acting(definition, state.record, state.effects) : again(state);
}

/** After the answer to the question whose the journal is. */
export function afterOwner(state: Extract<DriverState, { readonly phase: 'asking' }>, outcome: Outcome): DriverState {
  const verdict = failoverJournal.afterRefusal(state.record, state.stored, outcome);
  if (verdict === 'lost') return { phase: 'ended' };
  const found = failoverJournal.found(state.record, outcome);
  return again(found === undefined ? state : { ...state, stored: found });
}

/** After the answer to the first of the effects that are left. */
export function afterEffect(
  definition: Definition,
  state: Extract<DriverState, { readonly phase: 'acting' }>,
  outcome: Outcome,
): DriverState {
  const [effect, ...left] = state.effects;
  const record = effect === undefined ? state.record : noteOutcome(definition, state.record, effect, outcome, now);
  return acting(definition, record, left);
}

function deadlinesOf({ deadlines }: FailoverContext): readonly DeadlineName[] {
  // Who lives renews its Leases in time: that they are due again decides nothing.
  return (Object.keys(deadlines) as DeadlineName[]).filter((name) => name !== 'leaseRenewal').toSorted();
}

function isSameButTime(one: DriverState, other: DriverState): boolean {
  return isSameJson({ ...one, over: [] }, { ...other, over: [] });
}

function afterLook(
  definition: Definition,
  { record: before, stored }: Remembered,
  seen: FailoverRecord,
  over: readonly DeadlineName[],
  outcomes: readonly Outcome[],
): Pick<Look, 'state' | 'breach'> {
  const pass = decide(definition, seen, definition.reads(seen.state, seen.context), outcomes, now);
  const breach = breachOf(definition, seen, pass);
  if (breach !== undefined) return { state: { phase: 'ready', record: before, ...kept(stored, over) }, breach };
  const record = essenceOf(pass.record);
  const changed = stored === undefined || !isSameRecord(stored, record);
  const { effects } = pass;
  if (!changed || writeOf({ record, ...kept(stored, over) }) === undefined)
    return { state: acting(definition, record, effects) };
  return { state: { phase: 'storing', record, ...kept(stored, over), before, effects } };
}

function acting(definition: Definition, record: FailoverRecord, effects: readonly Effect[]): DriverState {
  if (effects.length > 0) return { phase: 'acting', record, stored: record, effects };
  return definition.finalStates.has(record.state) ? { phase: 'ended' } : { phase: 'ready', record, stored: record };
}

/** Not known to be stored: nothing may follow from it. The same pass is made again from the record before it. */
function again({ before, stored, over = [] }: Unstored): DriverState {
  return { phase: 'ready', record: before, ...kept(stored, over) };
}

function kept(stored: FailoverRecord | undefined, over: readonly DeadlineName[]): Omit<Remembered, 'record'> {
  return { ...(stored === undefined ? {} : { stored }), ...(over.length === 0 ? {} : { over }) };
}
