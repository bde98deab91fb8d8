import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { User } from '../../drivers/sim/api-server/authorization.ts';

/** Who a bearer token belongs to. */
export type Tokens = ReadonlyMap<string, User>;

const authenticated = 'system:authenticated';
const mayImpersonate = 'system:masters';

/** `refused`: the user may not act as somebody else. */
export type Authentication =
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'refused'; readonly user: User; readonly wanted: string };

/**
 * Who sends a request: by client certificate, then by bearer token, as a kube-apiserver with `--anonymous-auth=false`;
 * with `kubectl --as` the one that is meant.
 */
export function authenticate(request: IncomingMessage, tokens: Tokens): Authentication {
  const user = userOfCertificate(request) ?? tokens.get(bearerToken(request) ?? '');
  if (user === undefined) return { kind: 'nobody' };
  const wanted = request.headers['impersonate-user'];
  if (typeof wanted !== 'string') return { kind: 'user', user: withGroup(user) };
  if (!user.groups.includes(mayImpersonate)) return { kind: 'refused', user, wanted };
  const groups = request.headersDistinct['impersonate-group'] ?? [];
  return { kind: 'user', user: withGroup({ name: wanted, groups }) };
}

function withGroup(user: User): User {
  return user.groups.includes(authenticated) ? user : { ...user, groups: [...user.groups, authenticated] };
}

function bearerToken(request: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function userOfCertificate({ socket }: IncomingMessage): User | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as { CN?: unknown; O?: unknown } | undefined;
  if (typeof subject?.CN !== 'string') return undefined;
  const groups = Array.isArray(subject.O) ? subject.O : subject.O === undefined ? [] : [subject.O];
  return { name: subject.CN, groups: groups.map(String) };
}
