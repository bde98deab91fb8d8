import type { Millis } from '../model/instant.ts';
import type { Outcome } from '../model/request.ts';
import type { Effect, MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { type Breach, breachOf } from './breach.ts';
import type { Journal, StoreVerdict } from './journal.ts';
import { decide, isOnItsWay, isProgress, isSameRecord, type LookWithView, nextLook, noteOutcome } from './pass.ts';
import type { Clock, Driver } from './ports.ts';
import type { TraceWriter } from './trace.ts';

export interface LiveHostOptions<Context, View> {
  readonly definition: MachineDefinition<Context, View>;
  readonly record: MachineRecord<Context>;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly journal: Journal<Context>;
  readonly poll: Millis;
  /** How long nothing may be stored, because the journal takes nothing or a pass would break a promise, before the host gives up. */
  readonly journalPatience: Millis;
  /** Called with every new record, after it was stored. */
  readonly onRecord?: (record: MachineRecord<Context>) => void;
  /** Called for every pass that was dropped, since it would have broken a promise: for logs. */
  readonly onBreach?: (breach: Breach) => void;
  /** Called for every effect with its outcome: for logs. */
  readonly onOutcome?: (effect: Effect, outcome: Outcome) => void;
  /** Told of every state, effect and outcome, under the actor's name. */
  readonly trace?: { readonly writer: TraceWriter; readonly actor: string };
  /** Leaves the machine where it is; the journal lets another host go on. */
  readonly signal?: AbortSignal;
}

export interface LiveHostEnd<Context> {
  readonly record: MachineRecord<Context>;
  /** `ended`: a final state; `left`: the signal; `lost`: the journal belongs to another host; `unstored`: it cannot be written; `halted`: each pass would break a promise. */
  readonly how: 'ended' | 'left' | 'lost' | 'unstored' | 'halted';
  /** With `unstored`: what the last write came to; with `halted`: the promise, and what would break it. */
  readonly why?: string;
}

/** Runs a machine against real sites until it ends: observe, decide, store, act; every step in that order. */
export async function runLive<Context, View>(options: LiveHostOptions<Context, View>): Promise<LiveHostEnd<Context>> {
  const { definition, driver, clock, trace } = options;
  const isLeaving = (): boolean => options.signal?.aborted === true;
  let record = options.record;
  let stored: MachineRecord<Context> | undefined;
  let storedAt = clock.now();
  let lastLook: LookWithView<View> | undefined;
  while (!isLeaving()) {
    const plan = definition.reads(record.state, record.context);
    const outcomes = await Promise.all(plan.map(({ request }) => driver.perform(request)));
    if (isLeaving()) break;
    const before = record;
    const pass = decide(definition, record, plan, outcomes, clock.now(), lastLook);
    const breach = breachOf(definition, before, pass);
    record = pass.record;
    lastLook = pass.look;
    const changed = stored === undefined || !isSameRecord(stored, record);
    const { verdict, why, found }: StoreResult<Context> =
      breach !== undefined
        ? drop(options, breach)
        : changed
          ? await store(options, record, stored)
          : { verdict: 'stored' };
    if (verdict === 'lost') return { record: before, how: 'lost' };
    let progressed = isOnItsWay(definition, before, record);
    if (verdict === 'stored') {
      stored = record;
      storedAt = clock.now();
      if (changed) options.onRecord?.(record);
      trace?.writer.transition(clock.now(), trace.actor, before, record);
      for (const effect of pass.effects) {
        trace?.writer.effect(clock.now(), trace.actor, effect);
        const outcome = await driver.perform(effect.request);
        trace?.writer.outcome(clock.now(), trace.actor, effect, outcome);
        options.onOutcome?.(effect, outcome);
        record = noteOutcome(definition, record, effect, outcome, clock.now());
        progressed ||= isProgress(definition, effect, outcome);
      }
    } else {
      // Not known to be stored: nothing may follow from it. The next pass goes on from what the journal is known to hold.
      record = found ?? before;
      stored = found ?? stored;
      progressed = false;
      if (clock.now() - storedAt > options.journalPatience)
        return { record, how: breach === undefined ? 'unstored' : 'halted', ...(why === undefined ? {} : { why }) };
    }
    if (definition.finalStates.has(record.state)) return { record, how: 'ended' };
    const look = nextLook(definition, record, progressed, clock.now(), options.poll);
    await clock.sleepUntil(look, options.signal);
  }
  return { record, how: 'left' };
}

interface StoreResult<Context> {
  readonly verdict: StoreVerdict;
  readonly why?: string;
  /** What the journal holds of us, where it holds something else than we have heard. */
  readonly found?: MachineRecord<Context> | undefined;
}

/** A pass that would break a promise is told of, and is as one that could not be stored. */
function drop<Context, View>(
  { clock, trace, onBreach }: LiveHostOptions<Context, View>,
  breach: Breach,
): StoreResult<Context> {
  trace?.writer.breach(clock.now(), trace.actor, breach);
  onBreach?.(breach);
  return { verdict: 'unknown', why: `${breach.property} would be broken: ${breach.what}` };
}

async function store<Context, View>(
  { driver, clock, journal }: LiveHostOptions<Context, View>,
  record: MachineRecord<Context>,
  stored: MachineRecord<Context> | undefined,
): Promise<StoreResult<Context>> {
  const write = journal.write(record, stored, clock.now());
  if (write === undefined) return { verdict: 'stored' };
  const outcome = await driver.perform(write);
  if (outcome.kind === 'applied') return { verdict: 'stored' };
  const why = outcome.message;
  if (outcome.kind === 'unknown') return { verdict: 'unknown', why };
  const owner = await driver.perform(journal.owner(record));
  return { verdict: journal.afterRefusal(record, stored, owner), why, found: journal.found(record, owner) };
}
