import { Agent as HttpAgent, type Agent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import type { Millis } from '../../model/instant.ts';
import { publicAuthorities, trustNobodyUnnamed } from './authorities.ts';
import { type Credential, type Credentials, type CredentialSettings, openCredentials } from './credentials.ts';
import {
  exchange,
  type HttpCall,
  type HttpFailure,
  type HttpResult,
  type HttpStream,
  type HttpTarget,
  startCall,
} from './http-exchange.ts';
import type { ServerAccess } from './server-access.ts';
import { limitTime } from './system-clock.ts';

/** Authenticated HTTP to one server, over kept-alive connections. */
export interface Transport {
  /**
   * One request with its whole answer, within the time given. An exec plugin that has to run first has its own limit.
   * @throws AccessError when the credentials cannot be had
   */
  exchange(call: HttpCall, timeout: Millis, closing: AbortSignal): Promise<HttpResult>;
  /** One request of which only the head of the answer is awaited (watches). @throws AccessError */
  start(call: HttpCall, signal: AbortSignal): Promise<HttpStream | HttpFailure>;
  /** Ends idle connections at once and the others after their call. Calls under way are ended by their signals. */
  close(): void;
}

export interface TransportSettings extends CredentialSettings {
  /** Longest wait for a connection; without it only the time of the whole call counts. */
  readonly connectLimit?: Millis;
}

/**
 * Transport over node:https: undici, which client-node would bring, costs more to load than a whole `pgctl get` may take.
 * Proxies: `proxy-url` of the kubeconfig, else HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment, as kubectl does.
 */
export function openKubeTransport(access: ServerAccess, settings: TransportSettings): Transport {
  const credentials = openCredentials(access, settings);
  const agents = agentPerCredential(access, settings, { maxSockets: connectionsForCalls });
  // A watch keeps its connection for as long as it lasts: no call may have to wait for one.
  const watchAgents = agentPerCredential(access, settings, {});
  const target = async (signal: AbortSignal, agentsToUse = agents): Promise<HttpTarget> => {
    const credential = await credentials.current(signal);
    return {
      server: access.server,
      agent: await agentsToUse.of(credential),
      headers: credential.headers,
      ...(settings.connectLimit !== undefined && { connectLimit: settings.connectLimit }),
    };
  };
  return {
    exchange: async (call, timeout, closing) => {
      const to = await target(closing);
      const limit = limitTime(timeout, closing);
      try {
        const result = await persistently(call, () => exchange(to, call, limit.signal));
        return isStale(result, credentials) ? await exchange(await target(closing), call, limit.signal) : result;
      } finally {
        limit.release();
      }
    },
    start: async (call, signal) => {
      const result = await startCall(await target(signal, watchAgents), call, signal);
      if (result.kind !== 'answering' || result.response.statusCode !== 401 || !credentials.renew()) return result;
      result.response.resume();
      return startCall(await target(signal, watchAgents), call, signal);
    },
    close: () => {
      agents.close();
      watchAgents.close();
    },
  };
}

/** A read whose connection broke is sent once more: kept-alive connections die unnoticed. A write never is. */
async function persistently(call: HttpCall, send: () => Promise<HttpResult>): Promise<HttpResult> {
  const result = await send();
  return call.method === 'GET' && result.kind === 'failed' && result.sent && result.cause === 'connection'
    ? send()
    : result;
}

/** A 401 did nothing, so any request may be sent again once the plugin can give a fresh credential. */
function isStale(result: HttpResult, credentials: Credentials): boolean {
  return result.kind === 'answered' && result.status === 401 && credentials.renew();
}

/**
 * Calls side by side share this many connections: a TLS handshake costs more than most answers, while a slow answer must
 * not hold up everything else.
 */
const connectionsForCalls = 4;

/** Connections belong to the client certificate that opened them: another certificate, another agent. */
function agentPerCredential(
  access: ServerAccess,
  settings: CredentialSettings,
  limits: Pick<AgentOptions, 'maxSockets'>,
) {
  let fingerprint: string | undefined;
  let agent: Promise<Agent> | undefined;
  const close = (): void => void agent?.then(retire, () => undefined);
  return {
    of(credential: Credential): Promise<Agent> {
      const { certificateAuthority = '', certificate = '', key = '' } = credential;
      const wanted = `${certificateAuthority}\n${certificate}\n${key}`;
      if (agent === undefined || wanted !== fingerprint) {
        close();
        fingerprint = wanted;
        agent = openAgent(access, credential, settings, limits);
      }
      return agent;
    },
    close,
  };
}

/** Ends idle connections now and the others after their call: `destroy` would cut calls under way. */
function retire(agent: Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

async function openAgent(
  access: ServerAccess,
  credential: Credential,
  { environment }: CredentialSettings,
  limits: Pick<AgentOptions, 'maxSockets'>,
): Promise<Agent> {
  const tls: AgentOptions = {
    ...authoritiesOf(access, credential),
    ...(credential.certificate !== undefined && { cert: credential.certificate }),
    ...(credential.key !== undefined && { key: credential.key }),
    ...(access.tlsServerName !== undefined && { servername: access.tlsServerName }),
    ...(access.insecureSkipTlsVerify && { rejectUnauthorized: false }),
  };
  const { proxyUrl } = access;
  if (proxyUrl?.startsWith('socks') === true) return (await import('./client-node-bridge.ts')).socksAgent(access, tls);
  const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy } = environment;
  const proxyEnv =
    proxyUrl === undefined
      ? { HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy }
      : { HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl };
  const options = { ...limits, keepAlive: true, proxyEnv };
  // A proxy may be reached over TLS too, and names no authorities.
  if (Object.values(proxyEnv).every((proxy) => proxy === undefined)) trustNobodyUnnamed();
  return access.server.startsWith('http:') ? new HttpAgent(options) : new HttpsAgent({ ...options, ...tls });
}

function authoritiesOf(
  { server, insecureSkipTlsVerify }: ServerAccess,
  { certificateAuthority }: Credential,
): Pick<AgentOptions, 'ca'> {
  if (certificateAuthority !== undefined) return { ca: certificateAuthority };
  return insecureSkipTlsVerify || server.startsWith('http:') ? {} : { ca: publicAuthorities() };
}
