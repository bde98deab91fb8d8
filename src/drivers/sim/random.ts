/** A stream of chance that depends on its seed alone. */
export interface RandomStream {
  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** True with probability `numerator / denominator`. */
  chance(numerator: number, denominator: number): boolean;
  /** One of the items, which must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** A version-4 UUID. */
  uuid(): string;
}

/** Named streams from one seed, so that a new draw in one place does not reshuffle the others. */
export class Randomness {
  readonly seed: number;
  #streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    this.seed = seed;
  }

  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = openStream(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

/** xoshiro128** (Blackman and Vigna, https://prng.di.unimi.it/), seeded by splitmix32 over the seed and the name. */
function openStream(seed: number, name: string): RandomStream {
  let mix = seed >>> 0;
  for (let index = 0; index < name.length; index++) mix = Math.imul(mix ^ name.charCodeAt(index), 0x01000193) >>> 0;
  const next32 = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let a = next32();
  let b = next32();
  let c = next32();
  let d = next32();
  const draw = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const integer = (min: number, max: number): number => min + (draw() % (max - min + 1));
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits) text += draw().toString(16).padStart(8, '0');
    return text.slice(0, digits);
  };
  return {
    integer,
    chance: (numerator, denominator) => draw() % denominator < numerator,
    pick: <T>(items: readonly T[]): T => items[draw() % items.length] as T,
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[draw() % 4]}${hex(3)}-${hex(12)}`,
  };
}
