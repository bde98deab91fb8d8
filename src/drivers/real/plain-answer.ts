import type { HttpAnswer } from './http-call.ts';

/** How far a plain answer has come: all of it, or not before there are so many bytes; `odd` is everything else. */
export type PlainReading =
  | HttpAnswer
  | { readonly kind: 'partial'; readonly needed: number }
  | { readonly kind: 'odd' };

/**
 * Reads the one HTTP/1.1 answer on a connection, as an API server writes it: a final status, each header once and on one
 * line, a body of known length or in chunks. Odd is whatever else there is, also what is malformed: Node's HTTP client has
 * the word then. What is read is what that one reads (a property of its test).
 */
export function readPlainAnswer(bytes: Buffer): PlainReading {
  const end = bytes.subarray(0, longestHead).indexOf('\r\n\r\n');
  if (end < 0) return bytes.length < longestHead ? partial(bytes.length + 1) : odd;
  const head = plainHead.exec(bytes.toString('latin1', 0, end));
  const status = Number(head?.[1] ?? 0);
  const headers = headersOf(head?.[2]?.split('\r\n') ?? []);
  if (headers === undefined || status === 0 || status === 204 || status === 304) return odd;
  const body = bodyAt(bytes, end + 4, headers);
  if ('kind' in body) return body;
  return { kind: 'answered', status, headers, text: body.toString('utf8'), complete: true };
}

const plainHead = /^HTTP\/1\.1 ([2-5]\d\d) [ -~]*\r\n((?:[A-Za-z][A-Za-z\d-]*:[ -~]*(?:\r\n|$))+)$/;
// As Node's client has it.
const longestHead = 16_384;
const odd: PlainReading & { readonly kind: 'odd' } = { kind: 'odd' };

type Unread = Exclude<PlainReading, HttpAnswer>;

function partial(needed: number): Unread {
  return { kind: 'partial', needed };
}

/** By names in small letters; undefined when one is there twice. */
function headersOf(lines: readonly string[]): Readonly<Record<string, string>> | undefined {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const end = line.indexOf(':');
    const name = line.slice(0, end).toLowerCase();
    if (Object.hasOwn(headers, name)) return undefined;
    headers[name] = line.slice(end + 1).trim();
  }
  return headers;
}

function bodyAt(bytes: Buffer, start: number, headers: Readonly<Record<string, string>>): Buffer | Unread {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (length === undefined) return encoding === 'chunked' ? chunksAt(bytes, start) : odd;
  if (encoding !== undefined || !/^\d{1,9}$/.test(length)) return odd;
  const end = start + Number(length);
  if (bytes.length < end) return partial(end);
  return bytes.length === end ? bytes.subarray(start, end) : odd;
}

// A size of up to seven digits and the end of its line.
const longestSizeLine = 9;

function chunksAt(bytes: Buffer, start: number): Buffer | Unread {
  const chunks: Buffer[] = [];
  for (let at = start; ; ) {
    const line = bytes.toString('latin1', at, at + longestSizeLine);
    const size = /^([\dA-Fa-f]+)\r\n/.exec(line)?.[1];
    if (size === undefined)
      return line.length < longestSizeLine && /^[\dA-Fa-f]*\r?$/.test(line) ? partial(bytes.length + 1) : odd;
    const from = at + size.length + 2;
    const to = from + Number.parseInt(size, 16);
    if (bytes.length < to + 2) return partial(to + 2);
    if (bytes.toString('latin1', to, to + 2) !== '\r\n') return odd;
    if (to === from) return bytes.length === to + 2 ? Buffer.concat(chunks) : odd;
    chunks.push(bytes.subarray(from, to));
    at = to + 2;
  }
}
