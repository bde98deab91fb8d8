/** Base64 of a text in UTF-8. */
export function encodeBase64(text: string): string {
  let binary = '';
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Where a text stops being base64, as Go's `base64.StdEncoding` counts: the position of a byte; undefined when it is base64. */
export function base64Fault(text: string): number | undefined {
  let quantum = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\n' || character === '\r') continue;
    if (character === '=') return quantum < 2 ? at : paddingFault(text, at, quantum);
    if (!/[A-Za-z0-9+/]/.test(character)) return at;
    quantum = (quantum + 1) % 4;
  }
  return quantum === 0 ? undefined : text.length - quantum;
}

// A quantum ends in one or two `=`, and nothing but line ends follows.
function paddingFault(text: string, first: number, quantum: number): number | undefined {
  let at = first + 1;
  const skipLineEnds = (): void => {
    while (text[at] === '\n' || text[at] === '\r') at++;
  };
  skipLineEnds();
  if (quantum === 2) {
    if (at === text.length) return text.length;
    if (text[at] !== '=') return at - 1;
    at++;
    skipLineEnds();
  }
  return at < text.length ? at : undefined;
}
