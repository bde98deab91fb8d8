import type { CoverageCounts } from '../../drills/coverage/coverage-tally.ts';
import type { VerdictCounts } from '../../drills/verdict-tally.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { TimelineEntry, Violation } from '../../drills/record-keeper.ts';
import type { RunReport } from '../../drills/run.ts';
import type { BrokenScene } from '../../drills/replay/replay.ts';
import type { Scenario } from '../../drills/scenario.ts';
import type { SoakSettings } from '../../drills/soak/soak-tape.ts';
import type { PlanResult } from '../../drills/sweep/sweep.ts';
import type { TapeItem } from '../../drills/tape.ts';
import type { ExploreMessage, ExploreOrder } from './explore-messages.ts';

/** What a drill thread is started with. */
export type ThreadOrder =
  | ({ readonly kind: 'drill' } & DrillOrder)
  | ({ readonly kind: 'hunt' } & HuntOrder)
  | ({ readonly kind: 'sweep' } & SweepOrder)
  | ({ readonly kind: 'soak' } & SoakOrder)
  | ExploreOrder
  | ({ readonly kind: 'replay' } & ReplayOrder)
  | { readonly kind: 'validate'; readonly document: Json };

/** What a drill thread tells: a `drill` of its runs in batches, a `sweep` of each plan, the others once. */
export type ThreadMessage =
  | { readonly kind: 'runs'; readonly counts: DrillCounts }
  | SweepMessage
  | SoakAnswer
  | HuntAnswer
  | ExploreMessage
  | ReplayAnswer;

/** The runs `first`, `first + step` … below `end`, until the time is over. */
export interface DrillOrder {
  readonly definitions: readonly JsonObject[];
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  readonly end: number;
  /** Milliseconds that the thread may begin new runs for. */
  readonly milliseconds: number;
}

/** One soak, in one world. */
export interface SoakOrder {
  readonly definitions: readonly JsonObject[];
  readonly settings: SoakSettings;
}

/** What a soak has come to. */
export interface SoakAnswer {
  readonly kind: 'soaked';
  readonly verdict: RunReport['verdict'];
  /** Operations that succeeded. */
  readonly succeeded: number;
  /** World time, in milliseconds. */
  readonly simulated: number;
  readonly events: number;
  readonly failure?: {
    /** Absent when no property broke, and an operation did not succeed. */
    readonly property?: string;
    readonly what: string;
    readonly scenario: Scenario;
    readonly timeline: readonly TimelineEntry[];
  };
}

/** Scenarios to sweep over, shared with other threads: each takes the next part of one that none has taken. */
export interface SweepOrder {
  readonly definitions: readonly JsonObject[];
  readonly scenarios: readonly ScenarioDocument[];
  /** Each scenario is cut into so many parts. */
  readonly parts: number;
  /** One 32-bit number: how many parts have been taken, counted through all scenarios. */
  readonly taken: SharedArrayBuffer;
}

/** What stands in a scenario file. */
export interface ScenarioDocument {
  readonly file: string;
  readonly document: Json;
}

/** What a thread tells of a sweep. */
export type SweepMessage =
  | { readonly kind: 'noScenario'; readonly file: string; readonly problems: readonly string[] }
  /** How many plans there are in a part that it begins with. */
  | { readonly kind: 'planned'; readonly file: string; readonly count: number }
  | { readonly kind: 'executed'; readonly file: string; readonly result: PlanResult };

/** The first runs of a seed and the scenarios, until one breaks a property or the budget is spent. */
export interface HuntOrder {
  readonly definitions: readonly JsonObject[];
  readonly seed: number;
  /** The property that is to break; when absent any is. */
  readonly property?: string;
  /** Random runs; the scenarios are played besides. */
  readonly runs: number;
  readonly scenarios: readonly ScenarioDocument[];
  /** Scenarios with an item of this kind are played before all else. */
  readonly first?: TapeItem['kind'];
  readonly milliseconds: number;
}

/** What a hunt has come to. */
export interface HuntAnswer {
  readonly kind: 'hunted';
  /** How many runs were played, the one that broke the property included. */
  readonly runs: number;
  /** Until the property broke or the budget was spent, without what it took to reduce the run. */
  readonly milliseconds: number;
  /** Other properties that broke on the way. */
  readonly alarms: readonly string[];
  /** What broke the property: `Run 12 of seed 1`, or the file of a scenario. */
  readonly by?: string;
  /** The same, reduced. */
  readonly found?: DrillFailure;
}

/** What some runs have come to, as plain data: what threads and shards hand to each other. */
export interface DrillCounts {
  readonly runs: number;
  readonly passed: number;
  readonly unknown: number;
  /** How many runs failed; of the first of them more is told below. */
  readonly failed: number;
  readonly failures: readonly ToldFailure[];
  /** How many runs have come to which verdict of each property, by its id. */
  readonly properties: Readonly<Record<string, VerdictCounts>>;
  /** How many runs have reached what. */
  readonly coverage: CoverageCounts;
  /** World time of all runs, in milliseconds. */
  readonly simulated: number;
  /** The same for the same runs, whatever their order was. */
  readonly digest: string;
}

/** A run that failed; where it was reduced, with the scenario that it was reduced to and its history. */
export interface ToldFailure {
  readonly run: number;
  readonly violation: Pick<Violation, 'property' | 'what'>;
  readonly scenario?: Scenario;
  readonly timeline?: readonly TimelineEntry[];
}

/** A run that failed, as the smallest scenario that fails in the same way. */
export interface DrillFailure {
  readonly run: number;
  readonly violations: readonly Violation[];
  readonly scenario: Scenario;
  readonly timeline: readonly TimelineEntry[];
}

/** A scenario file to be played once more. */
export interface ReplayOrder {
  readonly definitions: readonly JsonObject[];
  readonly document: Json;
  /** Id of a property: the run ends where it breaks. */
  readonly until?: string;
  /** Where to write the trace, and the program that its first line names. */
  readonly trace?: { readonly file: string; readonly program: string };
}

/** What became of a scenario file. */
export type ReplayAnswer =
  | { readonly kind: 'problems'; readonly problems: readonly string[] }
  | { readonly kind: 'noProperty'; readonly ids: readonly string[] }
  | { readonly kind: 'valid' }
  | PlayedScenario;

export interface PlayedScenario {
  readonly kind: 'played';
  readonly scenario: Scenario;
  readonly report: RunReport;
  /** The first time that each property broke: its name and sentence, and the objects concerned at that moment. */
  readonly scenes: readonly (BrokenScene & { readonly name: string; readonly says: string })[];
  readonly traceDigest?: string;
}
