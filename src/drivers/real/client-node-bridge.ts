import type { Agent } from 'node:http';
import type { AgentOptions, RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { textAt } from '../../model/json.ts';
import { AccessError } from './access-error.ts';
import { trustPublicUnnamed } from './authorities.ts';
import type { ServerAccess } from './server-access.ts';

/**
 * The `Authorization` header of a user with an `auth-provider` (OIDC with refresh, Azure, Google): client-node's work.
 * Loaded only when a kubeconfig needs it: client-node brings its generated API, undici and openid-client, half a second in all.
 */
export async function authProviderHeader(access: ServerAccess, signal: AbortSignal): Promise<string | undefined> {
  const options: RequestOptions = { headers: {} };
  trustPublicUnnamed();
  try {
    await orAbort(clientNodeConfig(access).applyToHTTPSOptions(options), signal);
  } catch (cause) {
    const provider = textAt(access.user.authProvider, 'name') ?? 'unnamed';
    const reason = signal.aborted ? 'no answer in time' : 'no token could be had';
    throw new AccessError(
      {
        id: 'authProvider.failed',
        file: access.file,
        reason: `the ${provider} auth provider of user "${access.user.name}" failed: ${reason}`,
        remedy: 'Log in again with the tool that wrote this entry',
      },
      cause,
    );
  }
  return textAt(options.headers, 'Authorization');
}

/** An agent that reaches the server through the kubeconfig's SOCKS proxy, with the TLS settings given. */
export async function socksAgent(access: ServerAccess, tls: AgentOptions): Promise<Agent> {
  const options: RequestOptions = { ...tls };
  await clientNodeConfig({ ...access, user: { name: access.user.name } }).applyToHTTPSOptions(options);
  return options.agent as Agent;
}

function clientNodeConfig(access: ServerAccess): KubeConfig {
  const config = new KubeConfig();
  const { user } = access;
  const context = 'site';
  const skipTLSVerify = access.insecureSkipTlsVerify || access.server.startsWith('http:');
  config.loadFromOptions({
    // TLS settings are given by the caller; client-node takes plain http only with this flag.
    clusters: [{ name: context, server: access.server, proxyUrl: access.proxyUrl, skipTLSVerify }],
    users: [{ name: user.name, authProvider: user.authProvider }],
    contexts: [{ name: context, cluster: context, user: user.name }],
    currentContext: context,
  });
  return config;
}

async function orAbort(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<never>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  await Promise.race([work, aborted]);
}
