import type { Instant, Millis } from '../model/instant.ts';
import { oncePer } from '../model/memo.ts';
import type { ReadPlan } from '../model/read-plan.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';
import type { Effect, MachineDefinition, MachineRecord } from '../machines/definition.ts';
import type { TraceWriter } from './trace.ts';
import { type Breach, breachOf } from './breach.ts';
import type { Journal, StoreVerdict } from './journal.ts';
import { decide, isOnItsWay, isProgress, isSameRecord, type LookWithView, nextLook, noteOutcome } from './pass.ts';

/** How a host inside a simulated world reaches its sites, and how time comes to it. All calls return at once. */
export interface SimTransport {
  wall(): Instant;
  /** Sends requests side by side; `receive` of the host is called when the last answer is in, or has timed out. */
  send(hostId: string, requests: readonly ApiRequest[]): void;
  /** Calls `wake` of the host at an instant, or earlier. */
  wakeAt(hostId: string, at: Instant): void;
  /** A pass of the host would have broken a promise, and was dropped. */
  onBreach(hostId: string, breach: Breach): void;
  /** Told of every state, effect and outcome of every host, under its id. */
  readonly trace?: TraceWriter | undefined;
}

export interface SimHostOptions<Context, View> {
  readonly id: string;
  readonly definition: MachineDefinition<Context, View>;
  readonly record: MachineRecord<Context>;
  readonly transport: SimTransport;
  /** How often to look in a state while nothing wakes the host. */
  readonly poll: (state: string) => Millis;
  readonly journal?: Journal<Context>;
  readonly onRecord?: (record: MachineRecord<Context>) => void;
  readonly onOutcome?: (effect: Effect, outcome: Outcome) => void;
}

/** A pass that waits for its record to be stored: the record before it, and the effects that follow it. */
interface UnstoredPass {
  readonly before: MachineRecord<unknown>;
  readonly effects: readonly Effect[];
}

type Phase =
  | { readonly name: 'waiting' }
  | { readonly name: 'observing'; readonly plan: ReadPlan }
  | { readonly name: 'storing' | 'askingOwner'; readonly pass: UnstoredPass }
  | { readonly name: 'acting'; readonly effects: readonly Effect[]; readonly next: number }
  | { readonly name: 'ended'; readonly how: 'ended' | 'lost' };

/**
 * Runs a machine inside a simulated world: the same passes as the live host (observe, decide, store, act), cut at every
 * request, so that the world may do anything in between. No promises: each call returns at once.
 */
export class SimHost<Context, View> {
  readonly id: string;
  record: MachineRecord<Context>;
  #options: SimHostOptions<Context, View>;
  #phase: Phase = { name: 'waiting' };
  #stored: MachineRecord<Context> | undefined;
  #progressed = false;
  #lookAgain = false;
  #look: LookWithView<View> | undefined;
  /** The answers of the last pass that came to nothing: the same answers again need no thought. */
  #idleAnswers: readonly Outcome[] = [];

  constructor(options: SimHostOptions<Context, View>) {
    this.#options = options;
    this.id = options.id;
    this.record = options.record;
  }

  /** How it ended; undefined while it goes on. */
  get end(): 'ended' | 'lost' | undefined {
    return this.#phase.name === 'ended' ? this.#phase.how : undefined;
  }

  /** Looks now, or as soon as the pass that is under way has ended. */
  wake(): void {
    if (this.#phase.name !== 'waiting') {
      this.#lookAgain = true;
      return;
    }
    const plan = this.#options.definition.reads(this.record.state, this.record.context);
    this.#phase = { name: 'observing', plan };
    this.#options.transport.send(this.id, requestsOf(plan));
  }

  /** The answers to what was sent last, in the order of the requests. */
  receive(outcomes: readonly Outcome[]): void {
    const phase = this.#phase;
    if (phase.name === 'observing') this.#decide(phase.plan, outcomes);
    else if (phase.name === 'storing') this.#afterWrite(phase.pass, outcomes[0]);
    else if (phase.name === 'askingOwner') this.#afterRefusal(phase.pass, outcomes[0]);
    else if (phase.name === 'acting') this.#afterEffect(phase, outcomes[0]);
  }

  #decide(plan: ReadPlan, outcomes: readonly Outcome[]): void {
    const { definition, journal, transport } = this.#options;
    const before = this.record;
    if (this.#isIdle(outcomes)) {
      this.#progressed = false;
      this.#wait();
      return;
    }
    const pass = decide(definition, before, plan, outcomes, transport.wall(), this.#look);
    const breach = breachOf(definition, before, pass);
    if (breach !== undefined) {
      this.#hold(breach);
      return;
    }
    this.record = pass.record;
    this.#look = pass.look;
    this.#progressed = isOnItsWay(definition, before, pass.record);
    const changed = this.#stored === undefined || !isSameRecord(this.#stored, pass.record);
    this.#idleAnswers = changed || pass.effects.length > 0 ? [] : outcomes;
    const request = changed ? journal?.write(pass.record, this.#stored, transport.wall()) : undefined;
    if (request === undefined) {
      if (changed) this.#noteStored(before);
      this.#act(pass.effects, 0);
      return;
    }
    this.#phase = { name: 'storing', pass: { before, effects: pass.effects } };
    transport.send(this.id, [request]);
  }

  /** Drops a pass that would break a promise. */
  #hold(breach: Breach): void {
    const { transport } = this.#options;
    this.#progressed = false;
    this.#idleAnswers = [];
    transport.trace?.breach(transport.wall(), this.id, breach);
    transport.onBreach(this.id, breach);
    this.#wait();
  }

  #isIdle(outcomes: readonly Outcome[]): boolean {
    const { definition, transport } = this.#options;
    const earlier = this.#idleAnswers;
    if (earlier.length !== outcomes.length || definition.timedStates.has(this.record.state)) return false;
    const now = transport.wall();
    if (definition.deadlines(this.record.context).some(({ at }) => at <= now)) return false;
    return outcomes.every((outcome, index) => outcome === earlier[index]);
  }

  #afterWrite(pass: UnstoredPass, outcome: Outcome | undefined): void {
    const { journal, transport } = this.#options;
    if (outcome?.kind !== 'refused' || journal === undefined) {
      this.#afterStoring(pass, outcome?.kind === 'applied' ? 'stored' : 'unknown');
      return;
    }
    this.#phase = { name: 'askingOwner', pass };
    transport.send(this.id, [journal.owner(this.record)]);
  }

  #afterRefusal(pass: UnstoredPass, owner: Outcome | undefined): void {
    const { journal } = this.#options;
    const verdict = owner && journal?.afterRefusal(this.record, this.#stored, owner);
    const found = owner && journal?.found(this.record, owner);
    this.#stored = found ?? this.#stored;
    this.#afterStoring(found === undefined ? pass : { ...pass, before: found }, verdict ?? 'unknown');
  }

  #afterStoring({ before, effects }: UnstoredPass, verdict: StoreVerdict): void {
    if (verdict === 'lost') {
      this.#phase = { name: 'ended', how: 'lost' };
      return;
    }
    if (verdict === 'unknown') {
      // Not known to be stored: nothing may follow from it. The next pass goes on from what the journal is known to hold.
      this.record = before as MachineRecord<Context>;
      this.#progressed = false;
      this.#wait();
      return;
    }
    this.#noteStored(before as MachineRecord<Context>);
    this.#act(effects, 0);
  }

  #afterEffect(phase: Extract<Phase, { name: 'acting' }>, outcome: Outcome | undefined): void {
    const effect = phase.effects[phase.next - 1];
    if (effect !== undefined && outcome !== undefined) {
      this.#options.onOutcome?.(effect, outcome);
      this.#options.transport.trace?.outcome(this.#options.transport.wall(), this.id, effect, outcome);
      const { definition, transport } = this.#options;
      this.record = noteOutcome(definition, this.record, effect, outcome, transport.wall());
      this.#progressed ||= isProgress(definition, effect, outcome);
    }
    this.#act(phase.effects, phase.next);
  }

  #act(effects: readonly Effect[], next: number): void {
    const effect = effects[next];
    if (effect === undefined) {
      this.#wait();
      return;
    }
    this.#phase = { name: 'acting', effects, next: next + 1 };
    this.#options.transport.trace?.effect(this.#options.transport.wall(), this.id, effect);
    this.#options.transport.send(this.id, [effect.request]);
  }

  #wait(): void {
    const { definition, transport, poll } = this.#options;
    if (definition.finalStates.has(this.record.state)) {
      this.#phase = { name: 'ended', how: 'ended' };
      return;
    }
    this.#phase = { name: 'waiting' };
    const now = transport.wall();
    const progressed = this.#progressed || this.#lookAgain;
    this.#lookAgain = false;
    transport.wakeAt(this.id, nextLook(definition, this.record, progressed, now, poll(this.record.state)));
  }

  #noteStored(before: MachineRecord<Context>): void {
    this.#stored = this.record;
    this.#options.transport.trace?.transition(this.#options.transport.wall(), this.id, before, this.record);
    this.#options.onRecord?.(this.record);
  }
}

const requestsOf = oncePer((plan: ReadPlan): readonly ApiRequest[] => plan.map(({ request }) => request));
