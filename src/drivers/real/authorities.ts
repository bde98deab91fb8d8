import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/** Which authorities connections trust that name none themselves: Node's own list until something is said. */
let saidTrust: 'nobody' | 'public' | undefined;

/**
 * Leaves Node's own list of authorities unread, which takes 20 ms: every connection of ours names whom it trusts.
 * Other code of this process that has asked for the public ones keeps them.
 */
export function trustNobodyUnnamed(): void {
  if (saidTrust !== undefined) return;
  saidTrust = 'nobody';
  setDefaultCACertificates([]);
}

/** For code that is not ours and names no authorities. */
export function trustPublicUnnamed(): void {
  if (saidTrust === 'public') return;
  saidTrust = 'public';
  setDefaultCACertificates(publicAuthorities());
}

/** What this machine trusts, as kubectl does, and what Node brings along. PEM texts. */
export function publicAuthorities(): string[] {
  return [...new Set((['bundled', 'system', 'extra'] as const).flatMap((kind) => getCACertificates(kind)))];
}
