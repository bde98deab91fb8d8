import type { AnyStateMachine } from 'xstate';
import type { Instant } from '../model/instant.ts';
import type { Observation, Seen } from '../model/observation.ts';
import type { ReadPlan } from '../model/read-plan.ts';
import type { ApiRequest, Outcome } from '../model/request.ts';

/** An order to the world: one API request, named after the action of the machine that gave it. */
export interface Effect {
  readonly name: string;
  readonly request: ApiRequest;
}

/** An instant that the machine waits for, by its name. Data in the record, so that it survives the process. */
export interface Deadline {
  readonly name: string;
  readonly at: Instant;
}

/** What a machine is told. `View` is its projection of an observation. */
export type Fact<View> =
  | { readonly type: 'observed'; readonly now: Instant; readonly view: View }
  | { readonly type: 'outcome'; readonly now: Instant; readonly effect: Effect; readonly outcome: Outcome }
  | { readonly type: 'deadlinePassed'; readonly now: Instant; readonly deadline: string };

/** Everything a host must know of a machine to run it. */
export interface MachineDefinition<Context, View> {
  readonly id: string;
  /** Version of the stored form of its context. */
  readonly version: number;
  readonly machine: AnyStateMachine;
  /** States in which the machine has ended. */
  readonly finalStates: ReadonlySet<string>;
  /** The requests that each effect action stands for. Actions that are not listed only change the context. */
  readonly effects: Readonly<Record<string, (context: Context, fact: Fact<View>) => readonly ApiRequest[]>>;
  /** What to read in a state before the next `observed`. */
  readonly reads: (state: string, context: Context) => ReadPlan;
  /**
   * The view of an observation. It is the same with what the same host saw earlier and without; parts that have not changed
   * since are taken from there, so that they are the same by identity.
   */
  readonly project: (observation: Observation, record: MachineRecord<Context>, earlier?: Seen<View>) => View;
  readonly deadlines: (context: Context) => readonly Deadline[];
  /** States in which the same view may be decided differently later, besides by a deadline. */
  readonly timedStates: ReadonlySet<string>;
  /** Effects that tell others something, or keep what is held: a fresh look after them would show nothing new. */
  readonly reports: ReadonlySet<string>;
  /** What every pass must keep, looked at before anything of it is stored or sent. */
  readonly safetyRules: readonly SafetyRule<Context>[];
  /** Told of every step after it was taken. For those who count what was reached; nobody else sets it. */
  readonly witness?: Witness<Context, View>;
}

/** What a pass is about to do, before any of it has left the process. */
export interface Intent<Context> {
  readonly before: MachineRecord<Context>;
  /** The record to store. */
  readonly after: MachineRecord<Context>;
  readonly effects: readonly Effect[];
  /** What it was decided from. */
  readonly observation: Observation;
}

/**
 * What every pass of a machine must keep, looked at once more when all has been decided. A rule looks at the requests and at
 * the raw objects that were read, never at guards, views or gates: it is there for the day on which one of those is wrong.
 */
export interface SafetyRule<Context> {
  /** Id of the property that a breach would break. */
  readonly property: string;
  /** What the pass would do wrong, in one line with names and values; undefined where it keeps the rule. */
  readonly brokenBy: (intent: Intent<Context>) => string | undefined;
}

/** Looks on while a machine steps, and changes nothing. */
export type Witness<Context, View> = (
  before: MachineRecord<Context>,
  fact: Fact<View>,
  after: MachineRecord<Context>,
) => void;

/** The stored form of a machine: plain JSON. */
export interface MachineRecord<Context> {
  readonly machine: string;
  readonly version: number;
  readonly state: string;
  readonly context: Context;
}
