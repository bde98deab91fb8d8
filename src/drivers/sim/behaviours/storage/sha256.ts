/** SHA-256 of an ASCII text, in lower-case hexadecimal (FIPS 180-4). The names of VolumeAttachments are made of it. */
export function sha256(text: string): string {
  const words = padded(text);
  const state = Int32Array.from(initialState);
  const schedule = new Int32Array(64);
  for (let block = 0; block < words.length; block += 16) compress(state, schedule, words, block);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function padded(text: string): Int32Array {
  const words = new Int32Array((((text.length + 8) >> 6) + 1) * 16);
  const put = (index: number, byte: number): void => {
    words[index >> 2] = (words[index >> 2] as number) | (byte << (24 - 8 * (index & 3)));
  };
  for (let index = 0; index < text.length; index++) put(index, text.charCodeAt(index) & 0xff);
  put(text.length, 0x80);
  words[words.length - 1] = text.length * 8;
  return words;
}

function compress(state: Int32Array, schedule: Int32Array, words: Int32Array, block: number): void {
  for (let index = 0; index < 64; index++) {
    schedule[index] = index < 16 ? (words[block + index] as number) : extended(schedule, index);
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let index = 0; index < 64; index++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (roundConstants[index] as number) + (schedule[index] as number)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = ((state[index] as number) + word) | 0;
  });
}

function extended(schedule: Int32Array, index: number): number {
  const w15 = schedule[index - 15] as number;
  const w2 = schedule[index - 2] as number;
  const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
  const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
  return ((schedule[index - 16] as number) + s0 + (schedule[index - 7] as number) + s1) | 0;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

const firstPrimes = primes(64);

// The first 32 bits of the fractional parts of roots of the first primes.
const initialState = firstPrimes.slice(0, 8).map((prime) => fractionOf(Math.sqrt(prime)));
const roundConstants = Int32Array.from(firstPrimes, (prime) => fractionOf(Math.cbrt(prime)));

function fractionOf(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function primes(count: number): readonly number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}
