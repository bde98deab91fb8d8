import { readFileSync } from 'node:fs';
import type { Millis } from '../../model/instant.ts';
import { textAt } from '../../model/json.ts';
import { AccessError } from './access-error.ts';
import type { Environment, ExecCredential } from './exec-plugin.ts';
import type { Material, ServerAccess, ServerUser } from './server-access.ts';
import { systemClock } from './system-clock.ts';

/** What proves to a server who is asking. PEM texts; headers for every request. */
export interface Credential {
  readonly certificateAuthority?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface Credentials {
  /** The credential to use now; files are read anew, so that rotated ones count. @throws AccessError */
  current(signal: AbortSignal): Promise<Credential>;
  /** Called after a 401: true when the next `current` can bring another credential. */
  renew(): boolean;
}

export interface CredentialSettings {
  readonly environment: Environment;
  readonly execPluginLimit: Millis;
}

/** Credentials of a kubeconfig's user: certificate, token, token file, basic, exec plugin, OIDC and the clouds' own ways. */
export function openCredentials(access: ServerAccess, settings: CredentialSettings): Credentials {
  const { user } = access;
  const exec = execCredentials(access, settings);
  return {
    async current(signal) {
      const certificateAuthority = pem(access, 'certificate authority', access.certificateAuthority);
      const certificate = pem(access, 'client certificate', user.certificate);
      const key = pem(access, 'client key', user.key);
      const plugin = user.exec === undefined ? {} : await exec.current(signal);
      const authorization = await authorizationOf(access, plugin.token, signal);
      const ownCertificate = plugin.certificate ?? certificate;
      const ownKey = plugin.certificate === undefined ? key : plugin.key;
      return {
        ...(certificateAuthority !== undefined && { certificateAuthority }),
        ...(ownCertificate !== undefined && { certificate: ownCertificate }),
        ...(ownKey !== undefined && { key: ownKey }),
        headers: { ...(authorization !== undefined && { authorization }), ...impersonation(access) },
      };
    },
    renew: () => user.exec !== undefined && exec.forget(),
  };
}

/** One run of the plugin at a time, kept until it expires or is refused. */
function execCredentials(access: ServerAccess, settings: CredentialSettings) {
  let kept: Promise<ExecCredential> | undefined;
  let known: ExecCredential | undefined;
  return {
    async current(signal: AbortSignal): Promise<ExecCredential> {
      if (known?.expiresAt !== undefined && known.expiresAt <= systemClock.now()) this.forget();
      kept ??= run(access, settings, signal);
      try {
        known = await kept;
        return known;
      } catch (error) {
        kept = undefined;
        throw error;
      }
    },
    forget(): boolean {
      const had = known !== undefined;
      kept = undefined;
      known = undefined;
      return had;
    },
  };
}

async function run(access: ServerAccess, settings: CredentialSettings, signal: AbortSignal): Promise<ExecCredential> {
  const { exec } = access.user;
  if (exec === undefined) return {};
  const authority = pem(access, 'certificate authority', access.certificateAuthority);
  const cluster = {
    server: access.server,
    'insecure-skip-tls-verify': access.insecureSkipTlsVerify,
    ...(authority !== undefined && { 'certificate-authority-data': Buffer.from(authority).toString('base64') }),
    ...(access.tlsServerName !== undefined && { 'tls-server-name': access.tlsServerName }),
  };
  const { runExecPlugin } = await import('./exec-plugin.ts');
  return runExecPlugin({
    exec,
    file: access.file,
    cluster,
    environment: settings.environment,
    limit: settings.execPluginLimit,
    signal,
  });
}

async function authorizationOf(
  access: ServerAccess,
  pluginToken: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { user } = access;
  if (user.tokenFile !== undefined) return `Bearer ${readMaterial(access, 'token', user.tokenFile).trim()}`;
  const token = user.token ?? pluginToken;
  if (token !== undefined) return `Bearer ${token}`;
  if (user.basic !== undefined) return basicHeader(access, user.basic);
  if (user.authProvider === undefined) return undefined;
  const { authProviderHeader } = await import('./client-node-bridge.ts');
  return authProviderHeader(access, signal);
}

function basicHeader(access: ServerAccess, { username, password }: NonNullable<ServerUser['basic']>): string {
  const secret =
    typeof password === 'string' ? password : materialText(access, 'password', password).replace(/\r?\n$/, '');
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
}

function impersonation({ user: { impersonate } }: ServerAccess): Credential['headers'] {
  if (impersonate === undefined) return {};
  return {
    'impersonate-user': impersonate.user,
    ...(impersonate.groups.length > 0 && { 'impersonate-group': impersonate.groups }),
    ...(impersonate.uid !== undefined && { 'impersonate-uid': impersonate.uid }),
  };
}

function pem(access: ServerAccess, what: string, material: Material | undefined): string | undefined {
  if (material === undefined) return undefined;
  const text = materialText(access, what, material);
  if (text.includes('-----BEGIN ')) return text;
  throw new AccessError({
    id: 'kubeconfig.badCertificate',
    file: 'file' in material ? material.file : access.file,
    reason: `the ${what} is not in PEM form`,
    remedy: `Set it anew in ${access.file}`,
  });
}

const materialText = (access: ServerAccess, what: string, material: Material): string =>
  'file' in material
    ? readMaterial(access, what, material.file)
    : Buffer.from(material.data, 'base64').toString('utf8');

function readMaterial(access: ServerAccess, what: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AccessError(
      {
        id: 'credentials.unreadable',
        file,
        reason: `the ${what} that ${access.file} names cannot be read (${textAt(cause, 'code') ?? 'unknown error'})`,
        remedy: 'Correct the path or make the file readable',
      },
      cause,
    );
  }
}
