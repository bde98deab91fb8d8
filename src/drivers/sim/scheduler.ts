import type { Millis } from '../../model/instant.ts';

/** What a modelled system may ask of the world's clock. Events come back through its `handle`, routed by the prefix of `kind`. */
export interface Scheduler {
  /** World time. */
  readonly now: Millis;
  /** Schedules an event `delay` milliseconds from now; answers an id for `cancel`. */
  schedule(delay: Millis, kind: string, key: string, payload?: unknown): number;
  cancel(id: number): void;
}
