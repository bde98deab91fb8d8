// @peculiar/x509 registers its parts through this polyfill, which must be loaded first.
import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A certificate authority of one lab: its own, thrown away with the lab. */
export interface Authority {
  /** PEM of the authority's certificate, for kubeconfigs. */
  readonly certificate: string;
  /** For a server on loopback; the names are what a Kubernetes API server's certificate carries. */
  issueServer(commonName: string): Promise<Certificate>;
  /** For a client; Kubernetes reads the common name as the user and the organisations as its groups. */
  issueClient(user: string, groups: readonly string[]): Promise<Certificate>;
}

const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hour = 3_600_000;
const validFor = 365 * 24 * hour;

/** Makes a new authority. Its certificates are valid from an hour ago for a year. */
export async function createAuthority(commonName: string): Promise<Authority> {
  const keys = await generateKeys();
  const now = Date.now();
  const root = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serialNumber(),
      name: [{ CN: [commonName] }],
      notBefore: new Date(now - hour),
      notAfter: new Date(now + validFor),
      signingAlgorithm: keyAlgorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  const issuer = { root, key: keys.privateKey };
  return {
    certificate: `${root.toString('pem')}\n`,
    issueServer: (name) => issue(issuer, [{ CN: [name] }], serverExtensions()),
    issueClient: (user, groups) =>
      issue(
        issuer,
        [{ CN: [user] }, ...groups.map((group) => ({ O: [group] }))],
        [usage(x509.ExtendedKeyUsage.clientAuth)],
      ),
  };
}

async function issue(
  issuer: { root: x509.X509Certificate; key: webcrypto.CryptoKey },
  subject: x509.JsonName,
  extensions: x509.Extension[],
): Promise<Certificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject,
      issuer: issuer.root.subject,
      notBefore: issuer.root.notBefore,
      notAfter: issuer.root.notAfter,
      signingAlgorithm: keyAlgorithm,
      publicKey: keys.publicKey,
      signingKey: issuer.key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.root, false, webcrypto),
        ...extensions,
      ],
    },
    webcrypto,
  );
  return {
    certificate: `${certificate.toString('pem')}\n`,
    privateKey: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }),
  };
}

function serverExtensions(): x509.Extension[] {
  return [
    usage(x509.ExtendedKeyUsage.serverAuth),
    new x509.SubjectAlternativeNameExtension([
      { type: 'ip', value: '127.0.0.1' },
      { type: 'ip', value: '::1' },
      { type: 'dns', value: 'localhost' },
      { type: 'dns', value: 'kubernetes' },
      { type: 'dns', value: 'kubernetes.default' },
      { type: 'dns', value: 'kubernetes.default.svc' },
      { type: 'dns', value: 'kubernetes.default.svc.cluster.local' },
    ]),
  ];
}

function usage(purpose: x509.ExtendedKeyUsage): x509.Extension {
  return new x509.ExtendedKeyUsageExtension([purpose]);
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
}

/** Sixteen random bytes, positive in DER. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
