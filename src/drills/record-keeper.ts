import type { Millis } from '../model/instant.ts';
import { Digest } from './digest.ts';

/** A property that did not hold. */
export interface Violation {
  readonly property: string;
  /** Milliseconds since the beginning of the run. */
  readonly at: Millis;
  readonly what: string;
}

/** One line of what happened, for people. */
export interface TimelineEntry {
  readonly at: Millis;
  readonly text: string;
}

/** Writes down what happens in a run. */
export class RecordKeeper {
  readonly violations: Violation[] = [];
  readonly timeline: TimelineEntry[] = [];
  /** Everything that was reached: faults that fired, states that were entered, and how operations ended. */
  readonly marks = new Set<string>();
  /** Told of every mark, also of one that was reached before. */
  onMark: ((mark: string) => void) | undefined;
  /** Told of every line of the timeline. */
  onNote: ((entry: TimelineEntry) => void) | undefined;
  /** Told of every property that breaks, at that moment. */
  onViolation: ((violation: Violation) => void) | undefined;
  readonly #digest = new Digest();
  readonly #now: () => Millis;

  /** `now` tells the milliseconds since the beginning of the run. */
  constructor(now: () => Millis) {
    this.#now = now;
  }

  /** The same for the same history, to the last bit. */
  get digest(): string {
    return this.#digest.text();
  }

  /** A line of the timeline. */
  note(text: string): void {
    const entry = { at: this.#now(), text };
    this.timeline.push(entry);
    this.#digest.add(`${entry.at} ${text}`);
    this.onNote?.(entry);
  }

  mark(mark: string): void {
    this.marks.add(mark);
    this.onMark?.(mark);
  }

  /** Something that happens too often for the timeline, and counts for the digest. */
  trace(text: string): void {
    this.#digest.add(`${this.#now()} ${text}`);
  }

  violated(property: string, what: string): void {
    const violation = { property, at: this.#now(), what };
    this.violations.push(violation);
    this.note(`${property} is broken: ${what}`);
    this.onViolation?.(violation);
  }
}
