import {
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { Millis } from '../../model/instant.ts';
import { isHandshakeFailure } from './connection-trouble.ts';
import { causeOf, type HttpCall, type HttpFailure, type HttpResult, type HttpStream } from './http-call.ts';
import { limitTime } from './system-clock.ts';

/** A server to talk to: what stays the same between calls. */
export interface HttpTarget {
  /** `https://host:port[/prefix]` without a trailing slash. */
  readonly server: string;
  readonly agent: Agent;
  /** Authentication and impersonation. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Longest wait for a connection, when it is shorter than the time of the whole call. */
  readonly connectLimit?: Millis;
}

/** One request and its whole answer. Ends, at the latest, when the signal aborts. Never rejects. */
export async function exchange(target: HttpTarget, call: HttpCall, signal: AbortSignal): Promise<HttpResult> {
  const started = await startCall(target, call, signal);
  if (started.kind === 'failed') return started;
  const { response } = started;
  const { text, complete } = await readBody(response);
  // A body that stopped because time ran out is a time-out, not a cut.
  if (!complete && signal.aborted)
    return { kind: 'failed', sent: true, cause: causeOf(signal.reason, signal), error: signal.reason };
  return { kind: 'answered', status: response.statusCode ?? 0, headers: response.headers, text, complete };
}

/** Sends a request and waits for the head of the answer only. Never rejects; the signal also ends the body later on. */
export async function startCall(
  target: HttpTarget,
  call: HttpCall,
  signal: AbortSignal,
): Promise<HttpStream | HttpFailure> {
  if (call.method !== 'GET') await settleConnections();
  const send = target.server.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    if (signal.aborted)
      return resolve({ kind: 'failed', sent: false, cause: causeOf(signal.reason, signal), error: signal.reason });
    let sent = false;
    const request = begin(() => send(target.server + call.path, requestOptions(target, call, signal)));
    if ('error' in request) return resolve({ kind: 'failed', sent: false, cause: 'connection', error: request.error });
    const connecting = target.connectLimit === undefined ? undefined : limitTime(target.connectLimit);
    connecting?.signal.addEventListener('abort', () => request.destroy(connecting.signal.reason as Error));
    onSent(request, target, () => {
      sent = true;
      connecting?.release();
    });
    request.on('error', (problem) => {
      connecting?.release();
      const error: unknown = signal.aborted ? signal.reason : problem;
      resolve({
        kind: 'failed',
        sent: sent && (request.reusedSocket || !isHandshakeFailure(error)),
        cause: causeOf(error, signal),
        error,
      });
    });
    request.on('response', (response) => resolve({ kind: 'answering', response }));
    request.end(call.body);
  });
}

/**
 * Lets the event loop look at the sockets once: a kept connection that the server has ended meanwhile is dropped then,
 * and no write goes out on it, of which nobody could say afterwards whether it arrived.
 */
async function settleConnections(): Promise<void> {
  // Two turns: the first may come before the sockets are polled.
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Certificates and headers that cannot be used are told by throwing, before anything is opened. */
function begin(send: () => ClientRequest): ClientRequest | { readonly error: unknown } {
  try {
    return send();
  } catch (error) {
    return { error };
  }
}

function requestOptions(target: HttpTarget, call: HttpCall, signal: AbortSignal): RequestOptions {
  const length = call.body === undefined ? {} : { 'content-length': Buffer.byteLength(call.body) };
  return {
    agent: target.agent,
    method: call.method,
    headers: { ...length, ...call.headers, ...target.headers },
    signal,
  };
}

// The kernel's own probes, for what lies half-open for long.
const keepAliveMs: Millis = 15_000;

/**
 * A request counts as sent from the moment its connection can carry it: before that, no byte of it has left.
 * Where that moment is not seen (a kept connection, a tunnel through a proxy), it counts as sent at once.
 */
export function onSent(request: ClientRequest, target: Pick<HttpTarget, 'server'>, sent: () => void): void {
  request.on('socket', (socket: Socket) => {
    socket.setKeepAlive(true, keepAliveMs);
    if (socket.connecting) socket.once(target.server.startsWith('https:') ? 'secureConnect' : 'connect', sent);
    else sent();
  });
}

/** Ends when the response does, however: an abort of the call's signal destroys it. */
export function readBody(response: IncomingMessage): Promise<{ readonly text: string; readonly complete: boolean }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', () => undefined); // `close` follows
    response.on('close', () => resolve({ text: Buffer.concat(chunks).toString('utf8'), complete: response.complete }));
  });
}
