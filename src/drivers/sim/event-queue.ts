import type { Millis } from '../../model/instant.ts';

/**
 * Something that will happen in the world. Plain data, so that a world can be forked, hashed and replayed:
 * `kind` chooses the handler, `key` says what it concerns, `payload` carries the rest.
 */
export interface WorldEvent {
  readonly id: number;
  readonly at: Millis;
  readonly kind: string;
  readonly key: string;
  readonly payload?: unknown;
}

/**
 * Pending events, the next one last. They are some dozens, and most new ones are due soon: finding a place from the end
 * costs less than a heap does.
 */
export class EventQueue {
  #events: WorldEvent[] = [];
  #nextId = 1;

  /** Number of events still to happen. */
  get size(): number {
    return this.#events.length;
  }

  /** Events of one time happen in the order in which they were scheduled. */
  schedule(at: Millis, kind: string, key: string, payload?: unknown): number {
    const events = this.#events;
    const event: WorldEvent = { id: this.#nextId++, at, kind, key, payload };
    let index = events.length;
    events.push(event);
    for (let before = events[index - 1]; before !== undefined && before.at <= at; before = events[index - 1]) {
      events[index] = before;
      index -= 1;
    }
    events[index] = event;
    return event.id;
  }

  /** Takes a pending event back; an event that has happened stays as it is. */
  cancel(id: number): void {
    const events = this.#events;
    // What is taken back was mostly due soon.
    for (let index = events.length - 1; index >= 0; index--) {
      if ((events[index] as WorldEvent).id !== id) continue;
      events.splice(index, 1);
      return;
    }
  }

  /** Time of the next event; undefined when nothing is pending. */
  nextAt(): Millis | undefined {
    return this.#events.at(-1)?.at;
  }

  /** Takes the next event out. */
  pop(): WorldEvent | undefined {
    return this.#events.pop();
  }
}
