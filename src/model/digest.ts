import { sha1 } from './definition-copy/sha1.ts';

/** Names what was seen, in 40 hexadecimal digits: the same JSON has the same digest. */
export function digestOf(seen: unknown): string {
  const bytes = sha1(new TextEncoder().encode(JSON.stringify(seen)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
