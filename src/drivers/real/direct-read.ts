import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { causeOf, type HttpAnswer, type HttpCall, type HttpFailure } from './http-call.ts';
import type { HttpTarget } from './http-exchange.ts';
import { readPlainAnswer } from './plain-answer.ts';

/**
 * One GET over a TLS connection of its own. Node's HTTP client takes 4 ms until its first request is out and answered, a
 * tenth of a `pgctl get`. Undefined when anything is out of the ordinary, about the connection or the answer: then Node's
 * client is to ask anew, and to say what is wrong. A failure only when the signal has aborted.
 */
export function readDirectly(
  { server, headers }: Pick<HttpTarget, 'server' | 'headers'>,
  call: HttpCall,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<HttpAnswer | HttpFailure | undefined> {
  const url = new URL(server + call.path);
  const request = requestText(url, { ...call.headers, ...headers });
  const socket = request === undefined || signal.aborted ? undefined : begin(url, tls);
  if (request === undefined || socket === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    let sent = false;
    const end = (result: HttpAnswer | HttpFailure | undefined): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      resolve(result);
    };
    const abort = (): void => {
      const error: unknown = signal.reason;
      end({ kind: 'failed', sent, cause: causeOf(error, signal), error });
    };
    signal.addEventListener('abort', abort);
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
    // Not earlier: a secret is for a server that has shown its certificate.
    socket.on('secureConnect', () => {
      sent = true;
      socket.write(request, 'latin1');
    });
    const read = wholeAnswer();
    socket.on('data', (chunk: Buffer) => {
      const reading = read(chunk);
      if (reading !== 'partial') end(reading);
    });
  });
}

/** Undefined for what an HTTP header cannot carry, or carries in ways of its own. */
function requestText(url: URL, headers: HttpTarget['headers']): string | undefined {
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}`),
  );
  const head = [`GET ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`, ...lines, 'connection: close'];
  return head.every((line) => /^[ -~]+$/.test(line)) ? `${head.join('\r\n')}\r\n\r\n` : undefined;
}

/** Undefined for a certificate or a key that cannot be used. */
function begin(url: URL, tls: ConnectionOptions): TLSSocket | undefined {
  try {
    return connect({ ...tls, ...addressOf(url, tls), ALPNProtocols: ['http/1.1'] });
  } catch {
    return undefined;
  }
}

function addressOf({ hostname, port }: URL, { servername }: ConnectionOptions): ConnectionOptions {
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  // An address is no name to ask a server for (RFC 6066).
  return { host, port: Number(port || 443), servername: servername ?? (isIP(host) === 0 ? host : '') };
}

/** Takes the answer piece by piece, and answers it as soon as it is whole. */
function wholeAnswer(): (chunk: Buffer) => HttpAnswer | undefined | 'partial' {
  const chunks: Buffer[] = [];
  let length = 0;
  let needed = 0;
  return (chunk) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length < needed) return 'partial';
    const reading = readPlainAnswer(Buffer.concat(chunks));
    if (reading.kind === 'answered') return reading;
    if (reading.kind === 'odd') return undefined;
    needed = reading.needed;
    return 'partial';
  };
}
