/** SHA-1 of bytes (FIPS 180-4), as 20 bytes. For name-based UUIDs only: the platform's own is asynchronous or not in browsers. */
export function sha1(message: Uint8Array): Uint8Array {
  const padded = pad(message);
  const words = new Uint32Array(80);
  let [a0, b0, c0, d0, e0] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let block = 0; block < padded.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = padded.getUint32(block + 4 * i);
    for (let i = 16; i < 80; i++)
      words[i] = rotate(word(words, i - 3) ^ word(words, i - 8) ^ word(words, i - 14) ^ word(words, i - 16), 1);
    let [a, b, c, d, e] = [a0, b0, c0, d0, e0];
    for (let i = 0; i < 80; i++) {
      const next = (rotate(a, 5) + mix(i, b, c, d) + e + word(words, i)) >>> 0;
      [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
    }
    [a0, b0, c0, d0, e0] = [(a0 + a) >>> 0, (b0 + b) >>> 0, (c0 + c) >>> 0, (d0 + d) >>> 0, (e0 + e) >>> 0];
  }
  const digest = new DataView(new ArrayBuffer(20));
  [a0, b0, c0, d0, e0].forEach((value, index) => digest.setUint32(4 * index, value));
  return new Uint8Array(digest.buffer);
}

/** The message, one bit, zeros up to a multiple of 64 bytes, and at the end its length in bits. */
function pad(message: Uint8Array): DataView {
  const padded = new Uint8Array((((message.length + 8) >> 6) + 1) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  return view;
}

/** Round constant and Boolean function of step `i`. */
function mix(i: number, b: number, c: number, d: number): number {
  if (i < 20) return 0x5a827999 + ((b & c) | (~b & d));
  if (i < 40) return 0x6ed9eba1 + (b ^ c ^ d);
  if (i < 60) return 0x8f1bbcdc + ((b & c) | (b & d) | (c & d));
  return 0xca62c1d6 + (b ^ c ^ d);
}

function rotate(value: number, bits: number): number {
  return ((value << bits) | (value >>> (32 - bits))) >>> 0;
}

function word(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}
