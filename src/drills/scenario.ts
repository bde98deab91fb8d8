import { pageTimeouts } from '../twin/planned-run.ts';
import type { Tape, TapeItem, TapeTopology } from './tape.ts';

/** A tape with a name and what it is to come to: what a scenario file holds. */
export interface Scenario {
  readonly about: string;
  readonly topology: TapeTopology;
  readonly seed?: number;
  readonly timeouts?: Tape['timeouts'];
  readonly items: readonly TapeItem[];
  readonly expect: {
    readonly verdict: 'pass' | 'fail' | 'unknown';
    /** With `fail`: the property that breaks. */
    readonly property?: string;
    /** What must have been reached. */
    readonly marks?: readonly string[];
  };
}

/** The tape of a scenario. */
export function tapeOfScenario({ seed = 1, topology, timeouts = pageTimeouts, items }: Scenario): Tape {
  return { seed, topology, timeouts, items };
}

/** A failing tape as a scenario that expects the failure. */
export function scenarioOfFailure(tape: Tape, property: string, about: string): Scenario {
  return { about, ...tape, expect: { verdict: 'fail', property } };
}
