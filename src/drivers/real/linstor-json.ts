import type { Json } from '../../model/json.ts';

/**
 * Parses LINSTOR's JSON without losing a bit: `ret_code` is a signed 64-bit number whose low bits carry the code itself,
 * beyond what a double can hold. It becomes its decimal text, always; so does any other integer that a double cannot hold.
 * @throws SyntaxError when the text is not JSON
 */
export function parseLinstorJson(text: string): Json {
  return JSON.parse(text, exactInteger) as Json;
}

function exactInteger(field: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number') return value;
  return field === 'ret_code' || isInexact(value) ? (context?.source ?? value) : value;
}

const isInexact = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);
