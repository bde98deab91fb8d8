import type { Effect } from '../machines/definition.ts';
import type { Instant } from '../model/instant.ts';
import type { Outcome } from '../model/request.ts';
import { type GroupPlace, type LogLine, logText, reconcileLine } from '../runtime/log-line.ts';

const linesMax = 1000;

/** What `kubectl logs` shows of a controller in the world. */
export class ControllerLog {
  #wall: () => Instant;
  #lines: string[] = [];

  constructor(wall: () => Instant) {
    this.#wall = wall;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  write(line: LogLine): void {
    this.#lines.push(logText(this.#wall(), line));
    if (this.#lines.length > linesMax) this.#lines.splice(0, this.#lines.length - linesMax);
  }

  /** One order of a ProtectionGroup's machine and its answer. */
  reconciled(place: GroupPlace, effect: Effect, outcome: Outcome): void {
    const line = reconcileLine(place, effect, outcome);
    if (line !== undefined) this.write(line);
  }
}
