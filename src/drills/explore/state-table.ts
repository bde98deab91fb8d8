import type { Cells } from './cells.ts';

/** How many rows a block holds: a block is made when it is needed, so that growing never copies what is there. */
const blockRows = 1 << 14;

/**
 * Every state that was found, once each, in the order in which they were found: rows of cells side by side in blocks, and an
 * open hash table of their numbers. States are compared cell by cell: two different ones are never taken for one.
 */
export class StateTable {
  readonly #width: number;
  readonly #blocks: Uint16Array[] = [];
  #slots = new Uint32Array(1 << 16);
  #size = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes that are held for states and for finding them. */
  get bytes(): number {
    return this.#blocks.length * blockRows * this.#width * 2 + this.#slots.byteLength;
  }

  /** The number of a state, a new one where nobody has found it before. Numbers count from 0 without a gap. */
  numberOf(cells: Cells): number {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const mask = this.#slots.length - 1;
    let slot = hashOf(cells, 0, this.#width) & mask;
    for (;;) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0) break;
      if (this.#isAt(number, cells)) return number;
      slot = (slot + 1) & mask;
    }
    const number = this.#size++;
    this.#slots[slot] = number + 1;
    const row = number % blockRows;
    if (row === 0) this.#blocks.push(new Uint16Array(blockRows * this.#width));
    this.#blockOf(number).set(cells, row * this.#width);
    return number;
  }

  /** Writes the cells of a state into a row. */
  read(number: number, into: Cells): void {
    const begin = (number % blockRows) * this.#width;
    const block = this.#blockOf(number);
    for (let index = 0; index < this.#width; index++) into[index] = block[begin + index] ?? 0;
  }

  #isAt(number: number, cells: Cells): boolean {
    const block = this.#blockOf(number);
    const begin = (number % blockRows) * this.#width;
    for (let index = 0; index < this.#width; index++) if (block[begin + index] !== cells[index]) return false;
    return true;
  }

  #blockOf(number: number): Uint16Array {
    return this.#blocks[Math.floor(number / blockRows)] as Uint16Array;
  }

  #grow(): void {
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#size; number++) {
      const begin = (number % blockRows) * this.#width;
      let slot = hashOf(this.#blockOf(number), begin, this.#width) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-1a over cells, with the bits mixed at the end: the low ones choose the slot. */
function hashOf(cells: Uint16Array, begin: number, width: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < width; index++) hash = Math.imul(hash ^ (cells[begin + index] ?? 0), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
