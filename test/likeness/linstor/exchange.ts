import { isObject } from '../difference.ts';
import { readJson } from '../recorded-json.ts';

/** A recorded request to LINSTOR with its answer. */
export interface Exchange {
  readonly name: string;
  readonly note: string;
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  /** The body as it was sent; undefined where there was none. */
  readonly body: string | undefined;
  /** Headers that were sent, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number | undefined;
  readonly answer: string;
  readonly seconds: number;
}

export function exchangesOf(recording: unknown): readonly Exchange[] {
  if (!Array.isArray(recording)) throw new Error('it is no list of {request, response} entries');
  return (recording as readonly unknown[]).map((entry, index) => {
    if (!isObject(entry) || !isObject(entry.request) || !isObject(entry.response)) {
      throw new Error(`entry ${index} lacks request or response`);
    }
    const { request, response } = entry;
    return {
      name: textOf(entry.name) ?? `entry ${index}`,
      note: textOf(entry.note) ?? '',
      method: textOf(request.method) ?? 'GET',
      path: textOf(request.path) ?? '/',
      body: textOf(request.body),
      headers: headersOf(request.headers),
      status: typeof response.status === 'number' ? response.status : undefined,
      answer: textOf(response.body) ?? '',
      seconds: typeof entry.took_s === 'number' ? entry.took_s : 0,
    };
  });
}

/** A body as JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return readJson(text);
  } catch {
    return undefined;
  }
}

function headersOf(value: unknown): Record<string, string> {
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.map(([name, text]) => [name.toLowerCase(), textOf(text) ?? '']));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
