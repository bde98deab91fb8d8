import type { Instant, Millis } from '../model/instant.ts';
import type { Outcome } from '../model/request.ts';
import type { Effect, MachineDefinition, MachineRecord } from '../machines/definition.ts';
import { type Breach, breachOf } from './breach.ts';
import type { Journal, StoreVerdict } from './journal.ts';
import {
  decide,
  isOnItsWay,
  isProgress,
  isSameRecord,
  type LookWithView,
  nextLook,
  noteOutcome,
  type PassResult,
} from './pass.ts';
import type { Clock, Driver } from './ports.ts';
import type { TraceWriter } from './trace.ts';

/** Copies of what the sites have, which may be behind. */
export interface Copies {
  /** Answers reads from the copies; where there is none, as the driver does. */
  readonly driver: Pick<Driver, 'perform'>;
  /** True for a state in which nothing can be to do that the copies do not show: they are told of every change that counts. */
  readonly suffice: (state: string) => boolean;
}

export interface LiveHostOptions<Context, View> {
  readonly definition: MachineDefinition<Context, View>;
  readonly record: MachineRecord<Context>;
  readonly driver: Pick<Driver, 'perform'>;
  readonly copies?: Copies;
  readonly clock: Clock;
  /** Without one nothing of the machine outlives the process. */
  readonly journal?: Journal<Context>;
  /** How often to look in a state while nothing else asks for it. */
  readonly poll: (state: string) => Millis;
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

/** What one pass of a host came to. `waits`: the machine goes on, and is to be looked at again by then at the latest. */
export type LivePassEnd<Context> = LiveHostEnd<Context> | { readonly how: 'waits'; readonly until: Instant };

/** Runs a machine against real sites until it ends, pass after pass. */
export async function runLive<Context, View>(options: LiveHostOptions<Context, View>): Promise<LiveHostEnd<Context>> {
  const host = new LiveHost(options);
  for (;;) {
    const end = await host.pass();
    if (end.how !== 'waits') return end;
    await options.clock.sleepUntil(end.until, options.signal);
  }
}

/**
 * A machine that is run against real sites, one pass at a time: observe, decide, store, act; every step in that order.
 * Whoever has it makes the passes when they are due, or earlier when something has changed, and never two at once.
 */
export class LiveHost<Context, View> {
  record: MachineRecord<Context>;
  readonly #options: LiveHostOptions<Context, View>;
  #stored: MachineRecord<Context> | undefined;
  #storedAt: Instant;
  #lastLook: LookWithView<View> | undefined;

  constructor(options: LiveHostOptions<Context, View>) {
    this.#options = options;
    this.record = options.record;
    this.#storedAt = options.clock.now();
  }

  async pass(): Promise<LivePassEnd<Context>> {
    const { definition, clock, poll, journalPatience } = this.#options;
    const before = this.record;
    if (this.#isLeaving()) return { record: before, how: 'left' };
    const pass = await this.#decide(before);
    if (this.#isLeaving()) return { record: before, how: 'left' };
    const breach = breachOf(definition, before, pass);
    const changed = this.#stored === undefined || !isSameRecord(this.#stored, pass.record);
    const { verdict, why, found }: StoreResult<Context> =
      breach !== undefined
        ? drop(this.#options, breach)
        : changed
          ? await store(this.#options, pass.record, this.#stored)
          : { verdict: 'stored' };
    if (verdict === 'lost') return { record: before, how: 'lost' };
    let progressed = false;
    if (verdict === 'stored') {
      this.record = pass.record;
      this.#noteStored(before, changed);
      const acted = await this.#act(pass.effects);
      progressed = acted || isOnItsWay(definition, before, pass.record);
    } else {
      // Not known to be stored: nothing may follow from it. The next pass goes on from what the journal is known to hold.
      this.record = found ?? before;
      this.#stored = found ?? this.#stored;
      if (clock.now() - this.#storedAt > journalPatience) {
        const how = breach === undefined ? 'unstored' : 'halted';
        return { record: this.record, how, ...(why === undefined ? {} : { why }) };
      }
    }
    if (definition.finalStates.has(this.record.state)) return { record: this.record, how: 'ended' };
    const until = nextLook(definition, this.record, progressed, clock.now(), poll(this.record.state));
    return { how: 'waits', until };
  }

  #isLeaving(): boolean {
    return this.#options.signal?.aborted === true;
  }

  /** Copies tell only whether there is anything to order: what is ordered is decided by a fresh look. */
  async #decide(record: MachineRecord<Context>): Promise<PassResult<Context, View>> {
    const { definition, driver, copies } = this.#options;
    if (copies !== undefined) {
      const pass = await this.#look(record, copies.driver);
      const isCalm = pass.effects.every(({ name }) => definition.reports.has(name));
      if (isCalm && copies.suffice(pass.record.state)) return pass;
    }
    return this.#look(record, driver);
  }

  async #look(record: MachineRecord<Context>, from: Pick<Driver, 'perform'>): Promise<PassResult<Context, View>> {
    const { definition, clock } = this.#options;
    const plan = definition.reads(record.state, record.context);
    const outcomes = await Promise.all(plan.map(({ request }) => from.perform(request)));
    const pass = decide(definition, record, plan, outcomes, clock.now(), this.#lastLook);
    this.#lastLook = pass.look;
    return pass;
  }

  #noteStored(before: MachineRecord<Context>, changed: boolean): void {
    const { clock, trace, onRecord } = this.#options;
    this.#stored = this.record;
    this.#storedAt = clock.now();
    if (changed) onRecord?.(this.record);
    trace?.writer.transition(clock.now(), trace.actor, before, this.record);
  }

  /** Performs the effects one after the other. True when one of them has changed something. */
  async #act(effects: readonly Effect[]): Promise<boolean> {
    const { definition, driver, clock, trace, onOutcome } = this.#options;
    let progressed = false;
    for (const effect of effects) {
      trace?.writer.effect(clock.now(), trace.actor, effect);
      const outcome = await driver.perform(effect.request);
      trace?.writer.outcome(clock.now(), trace.actor, effect, outcome);
      onOutcome?.(effect, outcome);
      this.record = noteOutcome(definition, this.record, effect, outcome, clock.now());
      progressed ||= isProgress(definition, effect, outcome);
    }
    return progressed;
  }
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
  const write = journal?.write(record, stored, clock.now());
  if (journal === undefined || write === undefined) return { verdict: 'stored' };
  const outcome = await driver.perform(write);
  if (outcome.kind === 'applied') return { verdict: 'stored' };
  const why = outcome.message;
  if (outcome.kind === 'unknown') return { verdict: 'unknown', why };
  const owner = await driver.perform(journal.owner(record));
  return { verdict: journal.afterRefusal(record, stored, owner), why, found: journal.found(record, owner) };
}
