import type { Millis } from '../../model/instant.ts';
import { type Credential, type Credentials, openCredentials } from './credentials.ts';
import { readDirectly } from './direct-read.ts';
import type { HttpCall, HttpFailure, HttpResult, HttpStream } from './http-call.ts';
import type { HttpTarget } from './http-exchange.ts';
import type { ConnectionSettings, KeptConnections } from './kept-connections.ts';
import type { ServerAccess } from './server-access.ts';
import { limitTime } from './system-clock.ts';
import { namedProxies, prepareTrust, tlsSettings } from './tls-settings.ts';

/** Authenticated HTTP to one server, over kept-alive connections. */
export interface Transport {
  /**
   * One request with its whole answer, within the time given. An exec plugin that has to run first has its own limit.
   * @throws AccessError when the credentials cannot be had
   */
  exchange(call: HttpCall, timeout: Millis, closing: AbortSignal): Promise<HttpResult>;
  /** One request of which only the head of the answer is awaited (watches). @throws AccessError */
  start(call: HttpCall, signal: AbortSignal): Promise<HttpStream | HttpFailure>;
  /** What a connection of its own, that is no call, is opened with. @throws AccessError */
  apart(closing: AbortSignal): Promise<HttpTarget>;
  /** Ends idle connections at once and the others after their call. Calls under way are ended by their signals. */
  close(): void;
}

export interface TransportSettings extends ConnectionSettings {
  /** For a process that is soon done: the first call goes over a connection of its own if it can, which begins quicker. */
  readonly endsSoon?: boolean;
}

/**
 * Transport over node:https: undici, which client-node would bring, costs more to load than a whole `pgctl get` may take.
 */
export function openKubeTransport(access: ServerAccess, settings: TransportSettings): Transport {
  const credentials = openCredentials(access, settings);
  const isDirect = settings.endsSoon === true ? firstReadIsDirect(access, settings) : () => false;
  let opened: Promise<KeptConnections> | undefined;
  const kept = (): Promise<KeptConnections> => (opened ??= openKept(access, settings));
  return {
    exchange: async (call, timeout, closing) => {
      const credential = await credentials.current(closing);
      const direct = isDirect(call);
      // Which may load a library: not in the time of the call.
      if (!direct) await (await kept()).prepare(credential);
      const limit = limitTime(timeout, closing);
      const send = async (using: Credential): Promise<HttpResult> => (await kept()).exchange(using, call, limit.signal);
      try {
        const read = direct ? await readFrom(access, credential, call, limit.signal) : undefined;
        const result = read ?? (await persistently(call, () => send(credential)));
        return isStale(result, credentials) ? await send(await credentials.current(closing)) : result;
      } finally {
        limit.release();
      }
    },
    start: async (call, signal) => {
      const connections = await kept();
      const result = await connections.start(await credentials.current(signal), call, signal);
      if (result.kind !== 'answering' || result.response.statusCode !== 401 || !credentials.renew()) return result;
      result.response.resume();
      return connections.start(await credentials.current(signal), call, signal);
    },
    apart: async (closing) => (await kept()).apart(await credentials.current(closing)),
    close: () =>
      void opened?.then(
        (connections) => connections.close(),
        () => undefined,
      ),
  };
}

/** Loads Node's HTTP client, for which some processes have no use. */
async function openKept(access: ServerAccess, settings: TransportSettings): Promise<KeptConnections> {
  return (await import('./kept-connections.ts')).openKeptConnections(access, settings);
}

/** Not for writes, nor where a proxy may be in between. */
function firstReadIsDirect(access: ServerAccess, { environment }: TransportSettings): (call: HttpCall) => boolean {
  let isFirst = true;
  return (call) => {
    if (!isFirst || call.method !== 'GET') return false;
    isFirst = false;
    return prepareTrust(namedProxies(access, environment));
  };
}

function readFrom(access: ServerAccess, credential: Credential, call: HttpCall, signal: AbortSignal) {
  const { headers } = credential;
  return readDirectly({ server: access.server, headers }, call, tlsSettings(access, credential), signal);
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
