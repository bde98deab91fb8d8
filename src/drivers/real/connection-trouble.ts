import { textAt } from '../../model/json.ts';

const untrusted = 'its TLS certificate is not signed by a CA that is trusted here';

const knownCodes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its host name is not known (DNS)',
  EAI_AGAIN: 'its host name cannot be looked up now (DNS)',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  CERT_NOT_YET_VALID: 'its TLS certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on that port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on that port',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP on that port',
};

/** What is wrong with the connection to a server, for people: a known code in words, else the code as it is. No secrets. */
export function connectionTrouble(error: unknown): string {
  const code = textAt(error, 'code') ?? '';
  const known = knownCodes[code];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${known}: ${textAt(error, 'reason') ?? ''}`.replace(/: $/, '');
  if (known !== undefined) return `${known} (${code})`;
  if (/^ERR_SSL_.*ALERT/.test(code)) return `it refused this client's TLS certificate (${code})`;
  if (code.startsWith('HPE_')) return `its answer is not HTTP (${code})`;
  return code === '' && error instanceof Error ? error.message : code || 'unknown error';
}
