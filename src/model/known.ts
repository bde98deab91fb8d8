/**
 * A reading that may have failed. Unknown is a value of its own: it is never read as absent, stopped, released or false.
 * A thing that is known to be absent is `known(undefined)`.
 */
export type Known<T> =
  | { readonly known: true; readonly value: T }
  /** `why` is a sentence for people: what was asked and what came instead of an answer. */
  | { readonly known: false; readonly why: string };

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export function unknown<T>(why: string): Known<T> {
  return { known: false, why };
}

/** Applies a function to a known value; what is unknown stays so, for the same reason. */
export function mapKnown<T, U>(reading: Known<T>, change: (value: T) => U): Known<U> {
  return reading.known ? known(change(reading.value)) : reading;
}

/** Three-valued truth of a gate's parts. */
export type Truth = 'yes' | 'no' | 'unknown';
