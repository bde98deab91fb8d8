/*
 * LINSTOR's rules for names (LINBIT/linstor-server `Checks`, `ResourceName`, `NodeName`, `StorPoolName`). A name that breaks one is an
 * error, also in a filter.
 */

/** What is wrong with the name of a definition or a group, in LINSTOR's words; undefined for a good one. */
export function nameFault(name: string): string | undefined {
  if (name.length > 48) return `Invalid name: Name length ${name.length} is greater than maximum length 48`;
  if (name.length < 2) return `Invalid name: Name length ${name.length} is less than minimum length 2`;
  if (!/[A-Za-z]/.test(name)) return 'Invalid name: Name must contain at least one character that matches [a-zA-Z]';
  const first = name.charAt(0);
  if (!/[A-Za-z_]/.test(first)) return `Invalid name: Cannot begin with character '${first}'`;
  const bad = Array.from(name).find((each) => !/[A-Za-z0-9_-]/.test(each));
  return bad === undefined ? undefined : `Invalid name: Cannot contain character '${bad}'`;
}

/** Names of nodes are host names. */
export function nodeNameFault(name: string): string | undefined {
  const bad = Array.from(name).find((each) => !/[A-Za-z0-9.-]/.test(each));
  if (bad !== undefined) return `Domain name cannot contain character '${bad}'`;
  return name === '' ? 'Domain name cannot be empty' : undefined;
}

export function isPoolName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_-]{2,47}$/.test(name);
}

/**
 * The name that LINSTOR makes of an external one, byte by byte: punctuation becomes `_`, what else a name may not have a letter
 * (`ExternalNameConverter`).
 */
export function nameFromExternal(name: string): string {
  const bytes = new TextEncoder().encode(name).slice(0, 48);
  return Array.from(bytes, (byte, index) => {
    const text = String.fromCharCode(byte);
    if (index === 0 ? /[A-Za-z_]/.test(text) : /[A-Za-z0-9_-]/.test(text)) return text;
    if (byte < 128 && /[ -.:-@[\]^{}~/]/.test(text)) return '_';
    return letters.charAt(Math.abs((byte < 128 ? byte : byte - 256) % letters.length));
  }).join('');
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
