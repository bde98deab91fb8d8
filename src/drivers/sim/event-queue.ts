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

/** Pending events in the order (time, order of scheduling): a binary heap. */
export class EventQueue {
  #heap: WorldEvent[] = [];
  #nextId = 1;

  /** Number of events still to happen. */
  get size(): number {
    return this.#heap.length;
  }

  schedule(at: Millis, kind: string, key: string, payload?: unknown): number {
    const id = this.#nextId++;
    const event = { id, at, kind, key, payload };
    this.#heap.push(event);
    this.#siftUp(event, this.#heap.length - 1);
    return id;
  }

  /** Takes a pending event back; an event that has happened stays as it is. */
  cancel(id: number): void {
    // Some hundred events are pending at most, and cancelling is rare: a search costs less than an index of them all.
    const index = this.#heap.findIndex((event) => event.id === id);
    if (index >= 0) this.#remove(index);
  }

  /** Time of the next event; undefined when nothing is pending. */
  nextAt(): Millis | undefined {
    return this.#heap[0]?.at;
  }

  /** Takes the next event out. */
  pop(): WorldEvent | undefined {
    const top = this.#heap[0];
    if (top !== undefined) this.#remove(0);
    return top;
  }

  /** Closes the gap of a removed event with the last one. */
  #remove(index: number): void {
    const last = this.#heap.pop() as WorldEvent;
    if (index === this.#heap.length) return;
    if (index > 0 && isBefore(last, this.#heap[(index - 1) >> 1] as WorldEvent)) this.#siftUp(last, index);
    else this.#siftDown(last, index);
  }

  /** Puts an event into a gap, or above it. */
  #siftUp(event: WorldEvent, gap: number): void {
    const heap = this.#heap;
    let index = gap;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above] as WorldEvent;
      if (!isBefore(event, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  /** Puts an event into a gap, or below it. */
  #siftDown(event: WorldEvent, gap: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let index = gap;
    for (let below = 2 * index + 1; below < length; below = 2 * index + 1) {
      const right = below + 1;
      if (right < length && isBefore(heap[right] as WorldEvent, heap[below] as WorldEvent)) below = right;
      const child = heap[below] as WorldEvent;
      if (!isBefore(child, event)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = event;
  }
}

function isBefore(a: WorldEvent, b: WorldEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
