/** A list of whole numbers below 2^32 that only grows: four bytes each, in blocks, so that growing copies nothing. */
export class NumberList {
  readonly #blocks: Uint32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#blocks.length * blockLength * 4;
  }

  push(value: number): void {
    const place = this.#length & (blockLength - 1);
    if (place === 0) this.#blocks.push(new Uint32Array(blockLength));
    (this.#blocks[this.#blocks.length - 1] as Uint32Array)[place] = value;
    this.#length++;
  }

  /** The value at a place; 0 beyond the end. */
  at(index: number): number {
    return this.#blocks[index >>> blockBits]?.[index & (blockLength - 1)] ?? 0;
  }
}

const blockBits = 16;
const blockLength = 1 << blockBits;
