import type { Json } from '../../model/json.ts';

/**
 * Parses LINSTOR's JSON without losing a bit: `ret_code` is a signed 64-bit number whose low bits carry the code itself,
 * beyond what a double can hold. It becomes its decimal text, always; so does any other integer that a double cannot hold.
 * @throws SyntaxError when the text is not JSON
 */
export function parseLinstorJson(text: string): Json {
  return JSON.parse(text.replaceAll(token, exact)) as Json;
}

/**
 * A code with its name, another text, or another number. A text is taken as a whole, so that nothing inside of it counts.
 * Done before parsing, because a reviver that asks for the source of its values has been seen to crash Node 26.
 */
const token = /"ret_code"\s*:\s*(-?\d+)(?![\d.eE])|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;

function exact(found: string, code: string | undefined): string {
  if (code !== undefined) return `"ret_code":"${code}"`;
  return /^-?\d{16,}$/.test(found) && !Number.isSafeInteger(Number(found)) ? `"${found}"` : found;
}
