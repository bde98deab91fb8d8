import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { User } from '../../drivers/sim/api-server/authorization.ts';

/** Who a bearer token belongs to. */
export type Tokens = ReadonlyMap<string, User>;

const authenticated = 'system:authenticated';

/**
 * Who sends a request: by client certificate, then by bearer token, as a kube-apiserver with `--anonymous-auth=false`.
 * Undefined for nobody and for a wrong token.
 */
export function authenticate(request: IncomingMessage, tokens: Tokens): User | undefined {
  const user = userOfCertificate(request) ?? tokens.get(bearerToken(request) ?? '');
  if (user === undefined || user.groups.includes(authenticated)) return user;
  return { ...user, groups: [...user.groups, authenticated] };
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
