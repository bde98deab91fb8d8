import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../../model/json.ts';
import type { LinstorAnswer } from '../../drivers/sim/linstor/answer.ts';
import type { LinstorRequest } from '../../drivers/sim/linstor/routes.ts';

export interface LinstorFaceSettings {
  /** The controller's answer at the present moment of the world. */
  answer(request: LinstorRequest): LinstorAnswer;
  /** World milliseconds per real millisecond. */
  readonly speed: number;
  onFault(cause: unknown): void;
}

const bodyLimit = 10 * 1024 * 1024;

/** The LINSTOR REST API over HTTP: reads requests, writes answers, knows nothing of LINSTOR. */
export class LinstorFace {
  readonly #settings: LinstorFaceSettings;

  constructor(settings: LinstorFaceSettings) {
    this.#settings = settings;
  }

  /** Answers one request; `target` is its path and query, which differ from the URL behind a proxy. */
  async handle(request: IncomingMessage, response: ServerResponse, target = request.url ?? '/'): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      const text = await readText(request);
      if (text === undefined) return;
      await this.#answer(request, target, text, response);
    } catch (cause) {
      this.#settings.onFault(cause);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }

  async #answer(
    { method = 'GET', headers }: IncomingMessage,
    target: string,
    text: string,
    response: ServerResponse,
  ): Promise<void> {
    if (!URL.canParse(target, 'http://localhost')) {
      response.writeHead(400).end();
      return;
    }
    const url = new URL(target, 'http://localhost');
    const answer = this.#settings.answer({
      method,
      path: url.pathname,
      query: queryOf(url.searchParams),
      text,
      headers: textsOf(headers),
      ...bodyOf(text),
    });
    if (answer.takes > 0) await passed(answer.takes / this.#settings.speed);
    const content = answer.text();
    const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json';
    response.writeHead(answer.status, {
      ...(content === '' ? {} : { 'Content-Type': type }),
      ...(answer.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="linstor-controller"' } : {}),
      'Content-Length': Buffer.byteLength(content),
    });
    response.end(method === 'HEAD' ? undefined : content);
  }
}

/** The body for those who do not read the text themselves; nothing where it is no JSON. */
function bodyOf(text: string): { readonly body?: Json } {
  try {
    return { body: JSON.parse(text) as Json };
  } catch {
    return {};
  }
}

function textsOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

function queryOf(parameters: URLSearchParams): Record<string, readonly string[]> {
  const query: Record<string, readonly string[]> = {};
  for (const name of new Set(parameters.keys())) query[name] = parameters.getAll(name);
  return query;
}

/** Undefined when the client went away or sent more than a controller reads. */
function readText(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > bodyLimit) request.destroy();
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
}

function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
