/**
 * Reads JSON with whole numbers that a JavaScript number cannot hold: they become decimal texts, so that no bit is lost.
 */
export function readJson(text: string): unknown {
  return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && context !== undefined && /^-?\d+$/.test(context.source)
      ? context.source
      : value,
  );
}
