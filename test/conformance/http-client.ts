import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Json } from '../../src/model/json.ts';
import type { Answered, Call, OpenWatch } from './cluster-under-test.ts';

/** Begins a request on some connection, as `request` of node:http and node:https do. */
export type Begin = (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest;

const patienceMs = 10_000;

/** Sends one request and reads the whole answer. */
export async function httpCall(begin: Begin, call: Call, token: string): Promise<Answered> {
  const response = await responseTo(begin, call, token);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = response.headers['content-type']?.startsWith('application/json') === true;
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: isJson && text !== '' ? (JSON.parse(text) as Json) : text,
  };
}

/** Opens a watch, whose answer is lines of JSON without an end. */
export async function httpWatch(begin: Begin, call: Omit<Call, 'method'>, token: string): Promise<OpenWatch> {
  const response = await responseTo(begin, { ...call, method: 'GET', query: { watch: '1', ...call.query } }, token);
  const lines: string[] = [];
  let rest = '';
  const state = { ended: false };
  let wake = (): void => {};
  response.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    wake();
  });
  response.on('error', () => response.destroy());
  response.on('close', () => {
    state.ended = true;
    if (rest !== '') lines.push(rest);
    wake();
  });
  const something = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the watch says nothing')), patienceMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    stop: () => response.destroy(),
    next: async () => {
      while (lines.length === 0 && !state.ended) await something();
      const line = lines.shift();
      return line === undefined ? undefined : (JSON.parse(line) as Json);
    },
  };
}

function responseTo(begin: Begin, call: Call, token: string): Promise<IncomingMessage> {
  const { method, path, query = {}, headers = {}, body } = call;
  const search = new URLSearchParams(query).toString();
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = begin(
      {
        method,
        path: search === '' ? path : `${path}?${search}`,
        headers: {
          authorization: `Bearer ${token}`,
          'user-agent': 'conformance/1',
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...headers,
        },
      },
      resolve,
    );
    request.on('error', reject);
    request.end(text);
  });
}
