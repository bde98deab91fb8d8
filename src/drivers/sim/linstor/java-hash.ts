/** `String.hashCode` of Java. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** Texts in the order in which a Java `HashSet` gives them, which is the order of some of LINSTOR's answers. */
export function hashSetOrder(texts: readonly string[]): readonly string[] {
  let size = 16;
  while (texts.length > size * 0.75) size *= 2;
  const slot = (text: string): number => {
    const hash = javaHash(text);
    return (hash ^ (hash >>> 16)) & (size - 1);
  };
  return [...new Set(texts)].toSorted((a, b) => slot(a) - slot(b));
}

/**
 * The fields of a type in the order in which LINSTOR's JSON parser lists them: that of its hash table
 * (`BeanPropertyMap` of fasterxml/jackson-databind). `declared`: in the order of their declaration.
 */
export function knownProperties(declared: readonly string[]): readonly string[] {
  const size = tableSize(declared.length);
  const slots = new Map<number, string>();
  let spilled = 0;
  for (const name of declared) {
    const slot = javaHash(name) & (size - 1);
    const second = size + (slot >> 1);
    if (!slots.has(slot)) slots.set(slot, name);
    else if (!slots.has(second)) slots.set(second, name);
    else slots.set(size + (size >> 1) + spilled++, name);
  }
  return [...slots].toSorted(([a], [b]) => a - b).map(([, name]) => name);
}

function tableSize(count: number): number {
  if (count <= 5) return 8;
  if (count <= 12) return 16;
  let size = 32;
  while (size < count + (count >> 2)) size *= 2;
  return size;
}
