/** A rolling 64-bit digest of texts (two FNV-1a hashes of 32 bits with different seeds): equal histories, equal digests. */
export class Digest {
  #low = 0x811c9dc5;
  #high = 0x01234567;

  add(text: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      low = Math.imul(low ^ unit, 0x01000193);
      high = Math.imul(high ^ unit, 0x85ebca6b);
    }
    this.#low = Math.imul(low ^ 0x0a, 0x01000193);
    this.#high = Math.imul(high ^ 0x0a, 0x85ebca6b);
  }

  /** 16 hexadecimal digits. */
  text(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
