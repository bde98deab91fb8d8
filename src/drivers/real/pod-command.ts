import type { ClientRequest, IncomingMessage } from 'node:http';
import { type RawData, WebSocket } from 'ws';
import { execOutcome } from '../../model/exec-result.ts';
import type { Millis } from '../../model/instant.ts';
import { type Json, listAt, textAt } from '../../model/json.ts';
import { commandLine, type ExecRequest, type Outcome } from '../../model/request.ts';
import { isHandshakeFailure } from './connection-trouble.ts';
import { causeOf, type HttpAnswer, type HttpFailure } from './http-call.ts';
import { type HttpTarget, onSent, readBody } from './http-exchange.ts';
import { jsonOf, kubeOutcome, outcomeOfFailure } from './outcome-of-answer.ts';
import { limitTime } from './system-clock.ts';

export interface CommandLimits {
  /** From the request to the open connection. */
  readonly opening: Millis;
  /** From there to the end of the command. */
  readonly command: Millis;
  readonly closing: AbortSignal;
}

/**
 * Runs one command in a container over WebSocket, as `kubectl exec` does. Applied when the command has run to its end; refused
 * only when the API server itself says no before it begins. A command that is given up may go on. Never rejects.
 */
export async function runCommand(
  target: HttpTarget,
  request: ExecRequest,
  server: string,
  limits: CommandLimits,
): Promise<Outcome> {
  const connection = begin(target, execPath(request));
  if ('error' in connection) {
    return outcomeOfFailure({ kind: 'failed', sent: false, cause: 'connection', error: connection.error }, server);
  }
  const opening = limitTime(limits.opening, limits.closing);
  const opened = await connection.opened(opening.signal);
  opening.release();
  if (opened !== 'open') return outcomeUnopened(opened, server);
  const running = limitTime(limits.command, limits.closing);
  const failure = await connection.ended(running.signal);
  running.release();
  return outcomeOf(connection.said(), failure, request, server);
}

/** The subresource, with the command in its query. */
function execPath({ namespace, pod, container, command }: ExecRequest): string {
  const path = ['api', 'v1', 'namespaces', namespace, 'pods', pod, 'exec'].map(encodeURIComponent).join('/');
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  for (const word of command) query.append('command', word);
  return `/${path}?${query.toString()}`;
}

/** What came over a connection so far. `status` is the last word. */
interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: Json | undefined;
}

/** Streams by the first byte of each message (`k8s.io/client-go/tools/remotecommand/websocket.go`). */
const channels = { stdout: 1, stderr: 2, error: 3 };

const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Certificates and headers that cannot be used are told by throwing, before anything is opened. */
function begin(target: HttpTarget, path: string): Connection | { readonly error: unknown } {
  try {
    return new Connection(target, path);
  } catch (error) {
    return { error };
  }
}

/** One WebSocket, from its request to its end. */
class Connection {
  readonly #socket: WebSocket;
  readonly #messages: Buffer[] = [];
  readonly #answer: Promise<'open' | HttpAnswer | undefined>;
  readonly #closed: Promise<void>;
  #sent = false;
  #error: unknown;

  constructor({ server, agent, headers }: HttpTarget, path: string) {
    const socket = new WebSocket(server.replace(/^http/, 'ws') + path, protocols, {
      agent,
      headers: headers as Record<string, string | string[]>,
      perMessageDeflate: false,
      finishRequest: (request: ClientRequest) => {
        onSent(request, { server }, () => {
          this.#sent = true;
        });
        request.end();
      },
    });
    this.#socket = socket;
    socket.on('message', (data: RawData) => this.#messages.push(bytesOf(data)));
    socket.on('error', (problem) => {
      this.#error ??= problem;
    });
    this.#closed = new Promise((resolve) => socket.on('close', () => resolve()));
    this.#answer = new Promise((resolve) => {
      socket.on('open', () => resolve('open'));
      socket.on('unexpected-response', (_request: ClientRequest, response: IncomingMessage) => {
        void answerOf(response).then(resolve);
      });
      void this.#closed.then(() => resolve(undefined));
    });
  }

  /** Resolves when commands can be heard, or with what came instead. */
  async opened(signal: AbortSignal): Promise<'open' | HttpAnswer | HttpFailure> {
    const answer = await this.#within(signal, this.#answer);
    if (answer !== 'open') this.#socket.terminate();
    return answer ?? this.#failure(signal);
  }

  /** Resolves when the server has ended the connection, or with the reason why it ended otherwise. */
  async ended(signal: AbortSignal): Promise<HttpFailure | undefined> {
    await this.#within(signal, this.#closed);
    return signal.aborted || this.#error !== undefined ? this.#failure(signal) : undefined;
  }

  said(): Said {
    return {
      stdout: this.#text(channels.stdout),
      stderr: this.#text(channels.stderr),
      status: jsonOf(this.#text(channels.error)),
    };
  }

  /** Ends the connection, and with it what is waited for, when the signal aborts. */
  async #within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
    const giveUp = (): void => this.#socket.terminate();
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const result = await work;
    signal.removeEventListener('abort', giveUp);
    return result;
  }

  #failure(signal: AbortSignal): HttpFailure {
    const error: unknown = signal.aborted ? signal.reason : this.#error;
    return { kind: 'failed', sent: this.#sent && !isHandshakeFailure(error), cause: causeOf(error, signal), error };
  }

  /** A character may be cut by the end of a message, so bytes are joined first. */
  #text(channel: number): string {
    const parts = this.#messages.filter(([first]) => first === channel).map((message) => message.subarray(1));
    return Buffer.concat(parts).toString('utf8');
  }
}

async function answerOf(response: IncomingMessage): Promise<HttpAnswer> {
  const { statusCode = 0, headers } = response;
  return { kind: 'answered', status: statusCode, headers, ...(await readBody(response)) };
}

function outcomeUnopened(result: HttpAnswer | HttpFailure, server: string): Outcome {
  if (result.kind === 'failed' || result.status >= 400) return kubeOutcome(result, server);
  const message = `${server} answered ${result.status} instead of opening a WebSocket: is there a proxy in between?`;
  return { kind: 'unknown', reason: 'server-error', message };
}

function outcomeOf(
  { stdout, stderr, status }: Said,
  failure: HttpFailure | undefined,
  request: ExecRequest,
  server: string,
): Outcome {
  const exitCode = exitCodeOf(status);
  if (exitCode !== undefined) return execOutcome({ exitCode, stdout, stderr });
  const what = `${server}, asked to run ${commandLine(request)} in ${request.namespace}/${request.pod},`;
  if (status !== undefined) {
    const message = textAt(status, 'message') ?? 'no reason given';
    return { kind: 'unknown', reason: 'server-error', message: `${what} answered: ${message}` };
  }
  if (failure !== undefined) return outcomeOfFailure({ ...failure, sent: true }, what);
  return { kind: 'unknown', reason: 'reset', message: `${what} ended the connection and did not say how that went` };
}

/** `Success`, or a failure that names the exit code; undefined where the command has not run to its end. */
function exitCodeOf(status: Json | undefined): number | undefined {
  if (textAt(status, 'status') === 'Success') return 0;
  if (textAt(status, 'reason') !== 'NonZeroExitCode') return undefined;
  const cause = listAt(status, 'details', 'causes').find((each) => textAt(each, 'reason') === 'ExitCode');
  const code = Number(textAt(cause, 'message') ?? Number.NaN);
  return Number.isInteger(code) ? code : undefined;
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
