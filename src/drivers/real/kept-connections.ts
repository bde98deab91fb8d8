import { Agent as HttpAgent, type Agent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions } from 'node:https';
import type { Millis } from '../../model/instant.ts';
import type { Credential, CredentialSettings } from './credentials.ts';
import type { HttpCall, HttpFailure, HttpResult, HttpStream } from './http-call.ts';
import { exchange, type HttpTarget, startCall } from './http-exchange.ts';
import { namedProxies, prepareTrust, tlsSettings } from './tls-settings.ts';
import type { ServerAccess } from './server-access.ts';

export interface ConnectionSettings extends CredentialSettings {
  /** Longest wait for a connection; without it only the time of the whole call counts. */
  readonly connectLimit?: Millis;
}

/** Calls to one server over connections that are kept for the next one. */
export interface KeptConnections {
  /** Makes ready what calls with this credential need. Opens nothing. */
  prepare(credential: Credential): Promise<void>;
  exchange(credential: Credential, call: HttpCall, signal: AbortSignal): Promise<HttpResult>;
  start(credential: Credential, call: HttpCall, signal: AbortSignal): Promise<HttpStream | HttpFailure>;
  /** What a connection of its own, that is no call, is opened with. */
  apart(credential: Credential): Promise<HttpTarget>;
  /** Ends idle connections at once and the others after their call. */
  close(): void;
}

/** Over node:https and its agents. Proxies: `proxy-url` of the kubeconfig, else those that the environment names. */
export function openKeptConnections(access: ServerAccess, settings: ConnectionSettings): KeptConnections {
  const agents = agentPerCredential(access, settings, { maxSockets: connectionsForCalls });
  // A watch keeps its connection for as long as it lasts: no call may have to wait for one.
  const watchAgents = agentPerCredential(access, settings, {});
  const target = async (credential: Credential, agentsToUse: AgentPerCredential): Promise<HttpTarget> => ({
    server: access.server,
    agent: await agentsToUse.of(credential),
    headers: credential.headers,
    ...(settings.connectLimit !== undefined && { connectLimit: settings.connectLimit }),
  });
  return {
    prepare: async (credential) => void (await agents.of(credential)),
    exchange: async (credential, call, signal) => exchange(await target(credential, agents), call, signal),
    start: async (credential, call, signal) => startCall(await target(credential, watchAgents), call, signal),
    apart: (credential) => target(credential, watchAgents),
    close: () => {
      agents.close();
      watchAgents.close();
    },
  };
}

/**
 * Calls side by side share this many connections: a TLS handshake costs more than most answers, while a slow answer must
 * not hold up everything else.
 */
const connectionsForCalls = 4;

interface AgentPerCredential {
  of(credential: Credential): Promise<Agent>;
  close(): void;
}

/** Connections belong to the client certificate that opened them: another certificate, another agent. */
function agentPerCredential(
  access: ServerAccess,
  settings: ConnectionSettings,
  limits: Pick<AgentOptions, 'maxSockets'>,
): AgentPerCredential {
  let fingerprint: string | undefined;
  let agent: Promise<Agent> | undefined;
  const close = (): void => void agent?.then(retire, () => undefined);
  return {
    of(credential) {
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
  { environment }: ConnectionSettings,
  limits: Pick<AgentOptions, 'maxSockets'>,
): Promise<Agent> {
  const tls = tlsSettings(access, credential);
  if (access.proxyUrl?.startsWith('socks') === true)
    return (await import('./client-node-bridge.ts')).socksAgent(access, tls);
  const proxyEnv = namedProxies(access, environment);
  const options = { ...limits, keepAlive: true, proxyEnv };
  prepareTrust(proxyEnv);
  return access.server.startsWith('http:') ? new HttpAgent(options) : new HttpsAgent({ ...options, ...tls });
}
