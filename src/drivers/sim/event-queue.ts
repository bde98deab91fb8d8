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

/** Pending events in the order (time, order of scheduling): a binary heap with tombstones for what was cancelled. */
export class EventQueue {
  #heap: WorldEvent[] = [];
  #pending = new Set<number>();
  #nextId = 1;

  /** Number of events still to happen. */
  get size(): number {
    return this.#pending.size;
  }

  schedule(at: Millis, kind: string, key: string, payload?: unknown): number {
    const id = this.#nextId++;
    const event: WorldEvent = payload === undefined ? { id, at, kind, key } : { id, at, kind, key, payload };
    this.#pending.add(id);
    this.#heap.push(event);
    this.#siftUp(this.#heap.length - 1);
    return id;
  }

  cancel(id: number): void {
    this.#pending.delete(id);
  }

  /** Time of the next event; undefined when nothing is pending. */
  nextAt(): Millis | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /** Takes the next event out. */
  pop(): WorldEvent | undefined {
    this.#dropCancelled();
    const top = this.#heap[0];
    if (top === undefined) return undefined;
    this.#removeTop();
    this.#pending.delete(top.id);
    return top;
  }

  #dropCancelled(): void {
    let top = this.#heap[0];
    while (top !== undefined && !this.#pending.has(top.id)) {
      this.#removeTop();
      top = this.#heap[0];
    }
  }

  #removeTop(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#siftDown(0);
    }
  }

  #siftUp(start: number): void {
    const heap = this.#heap;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(heap[index], heap[parent])) return;
      swap(heap, index, parent);
      index = parent;
    }
  }

  #siftDown(start: number): void {
    const heap = this.#heap;
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = index;
      if (left < heap.length && isBefore(heap[left], heap[least])) least = left;
      if (right < heap.length && isBefore(heap[right], heap[least])) least = right;
      if (least === index) return;
      swap(heap, index, least);
      index = least;
    }
  }
}

function isBefore(a: WorldEvent | undefined, b: WorldEvent | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}

function swap(heap: WorldEvent[], i: number, j: number): void {
  const held = heap[i] as WorldEvent;
  heap[i] = heap[j] as WorldEvent;
  heap[j] = held;
}
