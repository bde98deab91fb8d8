/**
 * Reads JSON with whole numbers that a JavaScript number cannot hold: they become decimal texts, so that no bit is lost.
 * (A reviver that asks for the source of its values would do it too, but crashes Node 26 on large recordings.)
 */
export function readJson(text: string): unknown {
  return JSON.parse(/\d{16}/.test(text) ? text.replaceAll(textOrNumber, quoteLong) : text);
}

const textOrNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

function quoteLong(token: string): string {
  return /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;
}
