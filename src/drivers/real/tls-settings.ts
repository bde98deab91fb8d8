import type { ConnectionOptions } from 'node:tls';
import { publicAuthorities, trustNobodyUnnamed } from './authorities.ts';
import type { Credential } from './credentials.ts';
import type { Environment } from './exec-plugin.ts';
import type { ServerAccess } from './server-access.ts';

/** Whom a connection to the server trusts, and what it shows of itself. */
export function tlsSettings(
  access: ServerAccess,
  credential: Credential,
): Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername' | 'rejectUnauthorized'> {
  return {
    ...authoritiesOf(access, credential),
    ...(credential.certificate !== undefined && { cert: credential.certificate }),
    ...(credential.key !== undefined && { key: credential.key }),
    ...(access.tlsServerName !== undefined && { servername: access.tlsServerName }),
    ...(access.insecureSkipTlsVerify && { rejectUnauthorized: false }),
  };
}

function authoritiesOf(
  { server, insecureSkipTlsVerify }: ServerAccess,
  { certificateAuthority }: Credential,
): Pick<ConnectionOptions, 'ca'> {
  if (certificateAuthority !== undefined) return { ca: certificateAuthority };
  return insecureSkipTlsVerify || server.startsWith('http:') ? {} : { ca: publicAuthorities() };
}

/** `proxy-url` of the kubeconfig, else HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment, as kubectl does. */
export function namedProxies({ proxyUrl }: ServerAccess, environment: Environment): Environment {
  if (proxyUrl !== undefined) return { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy } = environment;
  return { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy };
}

/** True where no proxy can come between: nothing is said of any. Then connections trust only whom they name. */
export function prepareTrust(proxies: Environment): boolean {
  const isDirect = Object.values(proxies).every((proxy) => proxy === undefined);
  // A proxy may be reached over TLS too, and names no authorities.
  if (isDirect) trustNobodyUnnamed();
  return isDirect;
}
