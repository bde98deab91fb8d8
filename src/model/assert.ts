/** Throws when one of our own rules is broken. For mistakes in this program only; the world's refusals are outcomes. */
export function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Error(`Internal rule broken: ${rule}`);
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new Error(`Internal rule broken: unexpected ${JSON.stringify(value)}`);
}
