import type { LinstorContext } from './context.ts';
import type { AuthToken, TokenStore } from './store.ts';

export function newTokens(): TokenStore {
  return { isRequired: false, nextId: 1, tokens: new Map() };
}

export function addToken(
  { store, random, wallNow }: LinstorContext,
  wanted: Pick<AuthToken, 'description' | 'ipFilter' | 'expiresAt' | 'isUserToken'>,
): AuthToken {
  const { auth } = store;
  const token = { ...wanted, id: auth.nextId++, secret: random.hex(40), createdAt: wallNow };
  auth.tokens.set(token.id, token);
  return token;
}

/** True for a request that carries a token which counts, from an address that may use it (`AuthenticationFilter`). */
export function isAuthorized(
  { store, wallNow }: LinstorContext,
  headers: Readonly<Record<string, string>> = {},
  address = '127.0.0.1',
): boolean {
  const secret = /^bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const token = [...store.auth.tokens.values()].find((each) => each.secret === secret);
  if (token === undefined || (token.expiresAt !== undefined && token.expiresAt <= wallNow)) return false;
  return token.ipFilter === undefined || token.ipFilter === address;
}
