import { textAt } from '../../model/json.ts';

const untrusted = 'its TLS certificate is not signed by a CA that is trusted here';

const certificateTroubles: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  CERT_NOT_YET_VALID: 'its TLS certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another name',
};

const certificateCodes = new Set(Object.keys(certificateTroubles));

const knownCodes: Readonly<Record<string, string>> = {
  ...certificateTroubles,
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'its host name is not known (DNS)',
  EAI_AGAIN: 'its host name cannot be looked up now (DNS)',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'the connection timed out',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was cut',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: 'the client key does not belong to the client certificate',
  ERR_INVALID_CHAR: 'the credential holds characters that no header can carry',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP on that port',
};

/** What is wrong with the connection to a server, for people: a known code in words, else the code as it is. No secrets. */
export function connectionTrouble(error: unknown): string {
  const code = textAt(error, 'code') ?? '';
  const known = knownCodes[code];
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `${known}: ${textAt(error, 'reason') ?? ''}`.replace(/: $/, '');
  if (known !== undefined) return `${known} (${code})`;
  const tls = tlsReason(error);
  if (tls !== undefined && notTls.test(tls)) return 'it does not speak TLS on that port';
  if (tls !== undefined)
    return isTlsAlert(error) ? `it refused this client in the TLS handshake (${tls})` : `TLS failed (${tls})`;
  if (code.startsWith('HPE_')) return `its answer is not HTTP (${code})`;
  return code === '' && error instanceof Error ? error.message : code || 'unknown error';
}

/** True when the TLS handshake failed, on either side: the server has read no request then, whenever it said so. */
export function isHandshakeFailure(error: unknown): boolean {
  const code = textAt(error, 'code') ?? '';
  return certificateCodes.has(code) || isTlsAlert(error);
}

const isTlsAlert = (error: unknown): boolean => /alert/i.test(tlsReason(error) ?? '');

const notTls = /wrong[ _]version[ _]number|packet[ _]length[ _]too[ _]long|http request/i;

/** OpenSSL's reason, which Node puts into the code (ERR_SSL_…, ERR_OSSL_…) or, with EPROTO, only into the message. */
function tlsReason(error: unknown): string | undefined {
  const code = textAt(error, 'code') ?? '';
  if (/^ERR_(SSL|OSSL)_/.test(code)) return code;
  return code === 'EPROTO' && error instanceof Error
    ? (/SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1] ?? code)
    : undefined;
}
